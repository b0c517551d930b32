package io.gatehouse.auth.sasl.scram;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * The stored form of a SCRAM user's password (RFC 5802 §3), from which the password cannot be
 * derived.
 */
public final class ScramCredential {

  /** The minimum of Kafka and of RFC 7677. */
  public static final int MIN_ITERATIONS = 4096;

  /** More iterations would take a client seconds. */
  public static final int MAX_ITERATIONS = 1_000_000;

  private static final int MIN_SALT = 8;
  private static final int SALT = 24;

  private final byte[] salt;
  private final int iterations;
  private final byte[] storedKey;
  private final byte[] serverKey;

  /**
   * @throws IllegalArgumentException when a key does not have the hash's length, the salt is
   *     shorter than 8 bytes, or the iterations are not between 4096 and 1,000,000
   */
  public ScramCredential(
      ScramHash hash, byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
    if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
      throw new IllegalArgumentException(
          "iterations="
              + iterations
              + " is not between "
              + MIN_ITERATIONS
              + " and "
              + MAX_ITERATIONS);
    }
    if (salt.length < MIN_SALT) {
      throw new IllegalArgumentException(
          "a salt of " + salt.length + " bytes is too short: at least " + MIN_SALT);
    }
    checkLength("stored_key", storedKey, hash);
    checkLength("server_key", serverKey, hash);
    this.salt = salt.clone();
    this.iterations = iterations;
    this.storedKey = storedKey.clone();
    this.serverKey = serverKey.clone();
  }

  /** Creates a credential with a random salt. */
  public static ScramCredential of(ScramHash hash, String password, int iterations) {
    byte[] salt = new byte[SALT];
    new SecureRandom().nextBytes(salt);
    return of(hash, password, salt, iterations);
  }

  static ScramCredential of(ScramHash hash, String password, byte[] salt, int iterations) {
    return ofSalted(hash, hash.salted(password, salt, iterations), salt, iterations);
  }

  /**
   * Creates a credential of a password that others have salted.
   *
   * @throws IllegalArgumentException also when the salted password does not have the hash's length,
   *     because no client could have salted it so
   */
  public static ScramCredential ofSalted(
      ScramHash hash, byte[] salted, byte[] salt, int iterations) {
    checkLength("salted_password", salted, hash);
    return new ScramCredential(
        hash,
        salt,
        iterations,
        hash.hash(hash.hmac(salted, "Client Key")),
        hash.hmac(salted, "Server Key"));
  }

  /** What {@link #parse} parses. */
  public String toText() {
    Base64.Encoder base64 = Base64.getEncoder();
    return "iterations=%d,salt=%s,stored_key=%s,server_key=%s"
        .formatted(
            iterations,
            base64.encodeToString(salt),
            base64.encodeToString(storedKey),
            base64.encodeToString(serverKey));
  }

  /**
   * Parses the format of {@link #toText}.
   *
   * @throws IllegalArgumentException when it is invalid, with a message for the user
   */
  public static ScramCredential parse(ScramHash hash, String text) {
    Map<String, String> fields = new HashMap<>();
    for (String field : text.split(",", -1)) {
      int equals = field.indexOf('=');
      if (equals < 1
          || fields.put(field.substring(0, equals).strip(), field.substring(equals + 1).strip())
              != null) {
        throw new IllegalArgumentException("'key=value' is missing or given twice in [...]");
      }
    }
    byte[] salt = base64(fields, "salt");
    byte[] storedKey = base64(fields, "stored_key");
    byte[] serverKey = base64(fields, "server_key");
    int iterations;
    try {
      iterations = Integer.parseInt(field(fields, "iterations"));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("iterations is not a number", e);
    }
    if (!fields.isEmpty()) {
      throw new IllegalArgumentException("what is " + String.join(", ", fields.keySet()) + "?");
    }
    return new ScramCredential(hash, salt, iterations, storedKey, serverKey);
  }

  private static byte[] base64(Map<String, String> fields, String key) {
    try {
      return Base64.getDecoder().decode(field(fields, key));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + " is missing or no base64", e);
    }
  }

  private static String field(Map<String, String> fields, String key) {
    String value = fields.remove(key);
    if (value == null) {
      throw new IllegalArgumentException(key + " is missing");
    }
    return value;
  }

  public int iterations() {
    return iterations;
  }

  byte[] salt() {
    return salt.clone();
  }

  int saltLength() {
    return salt.length;
  }

  /** The server's proof that it knows the user (RFC 5802 §3, ServerSignature). */
  byte[] serverSignature(ScramHash hash, String authMessage) {
    return hash.hmac(serverKey, authMessage);
  }

  /** Whether the client's proof was made with the password (RFC 5802 §3, ClientProof). */
  boolean isProvedBy(ScramHash hash, byte[] proof, String authMessage) {
    byte[] clientKey = hash.hmac(storedKey, authMessage);
    for (int i = 0; i < clientKey.length; i++) {
      clientKey[i] ^= proof[i];
    }
    return MessageDigest.isEqual(hash.hash(clientKey), storedKey);
  }

  /** Compares in constant time. */
  @Override
  public boolean equals(Object other) {
    return other instanceof ScramCredential one
        && iterations == one.iterations
        && MessageDigest.isEqual(salt, one.salt)
        && MessageDigest.isEqual(storedKey, one.storedKey)
        && MessageDigest.isEqual(serverKey, one.serverKey);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(salt);
  }

  private static void checkLength(String name, byte[] key, ScramHash hash) {
    if (key.length != hash.length()) {
      throw new IllegalArgumentException(
          name
              + " has "
              + key.length
              + " bytes, and "
              + hash.mechanism()
              + " takes "
              + hash.length());
    }
  }
}
