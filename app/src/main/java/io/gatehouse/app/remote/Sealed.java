package io.gatehouse.app.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.auth.Secret;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.doc.YamlText;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A text that is encrypted with a passphrase: AES-256 in GCM, with a key by PBKDF2 with
 * HMAC-SHA-256 (RFC 8018). It is one YAML document.
 */
final class Sealed {

  private static final String KIND = "EncryptedState";

  /** OWASP's recommendation for this function. */
  private static final int ITERATIONS = 600_000;

  private static final int MAX_ITERATIONS = 10_000_000;
  private static final int SALT_BYTES = 16;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int KEY_BITS = 256;

  private Sealed() {}

  static boolean is(Value document) {
    return Output.text(document, "kind").equals(KIND);
  }

  static String seal(String text, Secret passphrase) {
    SecureRandom random = new SecureRandom();
    byte[] salt = new byte[SALT_BYTES];
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(salt);
    random.nextBytes(nonce);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, passphrase, salt, nonce, ITERATIONS);
      Base64.Encoder base64 = Base64.getEncoder();
      Map<String, Object> spec = new LinkedHashMap<>();
      spec.put("iterations", ITERATIONS);
      spec.put("salt", base64.encodeToString(salt));
      spec.put("nonce", base64.encodeToString(nonce));
      spec.put("data", base64.encodeToString(cipher.doFinal(text.getBytes(UTF_8))));
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("kind", KIND);
      document.put("apiVersion", "gatehouse/v1");
      document.put("spec", spec);
      return YamlText.of(List.of(document));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Java lacks AES or PBKDF2", e);
    }
  }

  static String open(Value document, Secret passphrase) throws Failure {
    try {
      Base64.Decoder base64 = Base64.getDecoder();
      byte[] salt = base64.decode(Output.text(document, "spec", "salt"));
      byte[] nonce = base64.decode(Output.text(document, "spec", "nonce"));
      byte[] data = base64.decode(Output.text(document, "spec", "data"));
      int iterations =
          Output.at(document, "spec", "iterations") instanceof Value.Numeral number
              ? Integer.parseInt(number.digits())
              : 0;
      if (nonce.length != NONCE_BYTES || iterations < 1 || iterations > MAX_ITERATIONS) {
        throw new IllegalArgumentException("a field is out of range");
      }
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, passphrase, salt, nonce, iterations);
      return new String(cipher.doFinal(data), UTF_8);
    } catch (AEADBadTagException _) {
      throw new Failure("the passphrase is wrong, or the file was changed");
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new Failure("the encrypted state is damaged: " + e.getMessage());
    }
  }

  private static Cipher cipher(
      int mode, Secret passphrase, byte[] salt, byte[] nonce, int iterations)
      throws GeneralSecurityException {
    PBEKeySpec spec = new PBEKeySpec(passphrase.reveal().toCharArray(), salt, iterations, KEY_BITS);
    byte[] key =
        SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    return cipher;
  }
}
