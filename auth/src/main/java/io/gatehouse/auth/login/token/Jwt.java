package io.gatehouse.auth.login.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.gatehouse.auth.login.JsonObject;
import io.gatehouse.auth.login.LoginFailure;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;

/** JSON web tokens as far as somebody who only passes them on needs to know. */
final class Jwt {

  private Jwt() {}

  /** When the token ends; {@link Instant#MIN} when it does not tell. */
  static Instant end(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return Instant.MIN;
    }
    try {
      String claims = new String(Base64.getUrlDecoder().decode(parts[1]), UTF_8);
      Number end = JsonObject.read(claims, "claims").number("exp");
      return end == null ? Instant.MIN : Instant.ofEpochSecond(end.longValue());
    } catch (IllegalArgumentException | LoginFailure | java.time.DateTimeException e) {
      return Instant.MIN;
    }
  }

  static boolean hasThreeParts(String token) {
    return token.split("\\.", -1).length == 3;
  }

  static String unsecured(Map<String, Object> claims) {
    return part(Map.of("alg", "none")) + "." + part(claims) + ".";
  }

  /** Signed by RS256. */
  static String signed(Map<String, Object> header, Map<String, Object> claims, PrivateKey key)
      throws GeneralSecurityException {
    String text = part(header) + "." + part(claims);
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(key);
    signature.update(text.getBytes(UTF_8));
    return text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
  }

  /** An RSA key in PEM, PKCS#8. */
  static PrivateKey key(String pem) throws GeneralSecurityException {
    String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    try {
      byte[] encoded = Base64.getDecoder().decode(base64);
      return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(encoded));
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("no PEM");
    }
  }

  private static String part(Map<String, Object> json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(JSONObjectUtils.toJSONString(json).getBytes(UTF_8));
  }
}
