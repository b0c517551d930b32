package io.gatehouse.tls;

import io.gatehouse.auth.Secret;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads private keys in the formats that OpenSSL writes: PKCS#8, PKCS#1 (RSA) and SEC 1 (EC), plain
 * or encrypted, including PEM's traditional encryption.
 */
final class PrivateKeys {

  private static final List<String> ALGORITHMS = List.of("EC", "RSA", "Ed25519", "Ed448");

  private PrivateKeys() {}

  /**
   * The first private key of a PEM text.
   *
   * @throws TlsConfigException when there is none, or it cannot be decrypted
   */
  static PrivateKey ofPem(String text, @Nullable Secret password, String where)
      throws TlsConfigException {
    for (PemBlocks.Block block : PemBlocks.of(text, where)) {
      if (block.type().equals("PRIVATE KEY")) {
        return ofPkcs8(block.content(), where);
      }
    }
    return BouncyCastleKeys.read(text, password, where);
  }

  /** Reads the most common format without loading Bouncy Castle. */
  private static PrivateKey ofPkcs8(byte[] der, String where) throws TlsConfigException {
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(der);
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (GeneralSecurityException e) {
        // Another algorithm, or malformed: the loop then runs out of algorithms.
      }
    }
    throw new TlsConfigException(
        where + " holds a private key that cannot be read: it is none of " + ALGORITHMS);
  }
}
