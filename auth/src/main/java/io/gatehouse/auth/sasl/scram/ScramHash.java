package io.gatehouse.auth.sasl.scram;

import io.gatehouse.auth.Hashes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** The hash functions of SCRAM in Kafka, with the operations of RFC 5802 §3. */
public enum ScramHash {
  SHA_256("SCRAM-SHA-256", 1, "SHA-256", "HmacSHA256", 32),
  SHA_512("SCRAM-SHA-512", 2, "SHA-512", "HmacSHA512", 64);

  private final String mechanism;
  private final int kafkaType;
  private final String digest;
  private final String mac;
  private final int length;

  ScramHash(String mechanism, int kafkaType, String digest, String mac, int length) {
    this.mechanism = mechanism;
    this.kafkaType = kafkaType;
    this.digest = digest;
    this.mac = mac;
    this.length = length;
  }

  /** The name of the mechanism. */
  public String mechanism() {
    return mechanism;
  }

  /** The number of the mechanism in Kafka's requests (KIP-554). */
  public int kafkaType() {
    return kafkaType;
  }

  /** The hash of such a number, or null. */
  public static @Nullable ScramHash ofKafkaType(int type) {
    for (ScramHash hash : values()) {
      if (hash.kafkaType == type) {
        return hash;
      }
    }
    return null;
  }

  /** The length of a hash in bytes. */
  public int length() {
    return length;
  }

  byte[] hash(byte[] text) {
    return Hashes.digest(digest).digest(text);
  }

  byte[] hmac(byte[] key, String text) {
    return Hashes.hmac(mac, key, text.getBytes(StandardCharsets.UTF_8));
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
