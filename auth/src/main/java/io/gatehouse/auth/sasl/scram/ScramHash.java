package io.gatehouse.auth.sasl.scram;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The hash functions of SCRAM in Kafka, with the operations of RFC 5802 §3. */
public enum ScramHash {
  SHA_256("SCRAM-SHA-256", "SHA-256", "HmacSHA256", 32),
  SHA_512("SCRAM-SHA-512", "SHA-512", "HmacSHA512", 64);

  private final String mechanism;
  private final String digest;
  private final String mac;
  private final int length;

  ScramHash(String mechanism, String digest, String mac, int length) {
    this.mechanism = mechanism;
    this.digest = digest;
    this.mac = mac;
    this.length = length;
  }

  /** The name of the mechanism. */
  public String mechanism() {
    return mechanism;
  }

  /** The length of a hash in bytes. */
  public int length() {
    return length;
  }

  byte[] hash(byte[] text) {
    try {
      return MessageDigest.getInstance(digest).digest(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has " + digest, e);
    }
  }

  byte[] hmac(byte[] key, String text) {
    try {
      Mac hmac = Mac.getInstance(mac);
      hmac.init(new SecretKeySpec(key, mac));
      return hmac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has " + mac, e);
    }
  }

  /** {@code Hi(password, salt, iterations)} of RFC 5802. */
  byte[] salted(String password, byte[] salt, int iterations) {
    try {
      return SecretKeyFactory.getInstance("PBKDF2With" + mac)
          .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, length * 8))
          .getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has PBKDF2With" + mac, e);
    }
  }
}
