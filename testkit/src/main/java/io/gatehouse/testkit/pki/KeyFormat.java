package io.gatehouse.testkit.pki;

/** A PEM format of private keys. */
public enum KeyFormat {
  /** {@code BEGIN PRIVATE KEY} (RFC 5208). */
  PKCS8(false),
  /** {@code BEGIN ENCRYPTED PRIVATE KEY}: PBES2 with AES-256 (RFC 8018). */
  PKCS8_ENCRYPTED(true),
  /** {@code BEGIN RSA PRIVATE KEY} (PKCS#1) or {@code BEGIN EC PRIVATE KEY} (SEC 1). */
  TRADITIONAL(false),
  /**
   * The same, encrypted with {@code Proc-Type: 4,ENCRYPTED} and AES-256 (RFC 1421, OpenSSL's key
   * derivation).
   */
  TRADITIONAL_ENCRYPTED(true);

  private final boolean encrypted;

  KeyFormat(boolean encrypted) {
    this.encrypted = encrypted;
  }

  /** Whether the format needs a password. */
  public boolean isEncrypted() {
    return encrypted;
  }
}
