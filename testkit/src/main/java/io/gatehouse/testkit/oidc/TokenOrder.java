package io.gatehouse.testkit.oidc;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Builds a token (RFC 7519), created by {@link TokenServer#token}. By default it is valid for five
 * minutes and the audience {@code kafka}. The last call selects the signature.
 */
public final class TokenOrder {

  private final SigningKeys keys;
  private final Map<String, Object> claims = new LinkedHashMap<>();
  private final Map<String, Object> header = new LinkedHashMap<>();

  TokenOrder(SigningKeys keys, String issuer, String subject) {
    this.keys = keys;
    Instant now = Instant.now();
    header.put("typ", "JWT");
    claims.put("iss", issuer);
    claims.put("sub", subject);
    claims.put("aud", TokenServer.AUDIENCE);
    claims.put("iat", now.getEpochSecond());
    claims.put("exp", now.plus(Duration.ofMinutes(5)).getEpochSecond());
    claims.put("jti", UUID.randomUUID().toString());
  }

  /**
   * Sets a claim.
   *
   * @param value a string, number or boolean, or a list or map of these
   */
  public TokenOrder claim(String name, Object value) {
    claims.put(name, value);
    return this;
  }

  /** Removes a claim. */
  public TokenOrder without(String claim) {
    claims.remove(claim);
    return this;
  }

  /** Overrides a header field. */
  public TokenOrder header(String name, Object value) {
    header.put(name, value);
    return this;
  }

  /** Sets one or more audiences. */
  public TokenOrder audience(String... audiences) {
    return claim("aud", audiences.length == 1 ? audiences[0] : List.of(audiences));
  }

  /** Sets the issuer. */
  public TokenOrder issuer(String issuer) {
    return claim("iss", issuer);
  }

  /** Sets the lifetime, in whole seconds. */
  public TokenOrder validFor(Duration time) {
    return claim("exp", Instant.now().plus(time).getEpochSecond());
  }

  /** Makes the token expired since ten minutes. */
  public TokenOrder expired() {
    Instant now = Instant.now();
    claim("iat", now.minus(Duration.ofHours(1)).getEpochSecond());
    return claim("exp", now.minus(Duration.ofMinutes(10)).getEpochSecond());
  }

  /** Makes the token valid only in ten minutes. */
  public TokenOrder notYetValid() {
    Instant now = Instant.now();
    claim("exp", now.plus(Duration.ofHours(1)).getEpochSecond());
    return claim("nbf", now.plus(Duration.ofMinutes(10)).getEpochSecond());
  }

  /** Signs with RS256 and the server's RSA key. */
  public String sign() {
    return signed("RS256", keys.rsaId(), keys.rsa().getPrivate());
  }

  /** Signs with ES256 and the server's P-256 key. */
  public String signEs256() {
    return signed("ES256", keys.ecId(), keys.ec().getPrivate());
  }

  /** Signs with RS256 and another key, with the id of the server's key. */
  public String signByStranger() {
    return signed("RS256", keys.rsaId(), SigningKeys.generate("stranger").rsa().getPrivate());
  }

  /** Signs with RS256 and another key, with an unknown id. */
  public String signByUnknownKey() {
    return signed("RS256", "unknown", SigningKeys.generate("stranger").rsa().getPrivate());
  }

  /** Does not sign: {@code alg} none. */
  public String unsigned() {
    return content("none", keys.rsaId()) + ".";
  }

  /** Signs with HS256 and the server's public RSA key in PEM as the secret (key confusion). */
  public String signByConfusion() {
    String content = content("HS256", keys.rsaId());
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(pem(keys.rsa()), "HmacSHA256"));
      return content + "." + encode(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] pem(KeyPair pair) {
    String body =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(pair.getPublic().getEncoded());
    return ("-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private String signed(String algorithm, String keyId, PrivateKey key) {
    String content = content(algorithm, keyId);
    try {
      Signature signature =
          Signature.getInstance(
              algorithm.equals("RS256") ? "SHA256withRSA" : "SHA256withECDSAinP1363Format");
      signature.initSign(key);
      signature.update(content.getBytes(StandardCharsets.US_ASCII));
      return content + "." + encode(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot sign a token", e);
    }
  }

  private String content(String algorithm, String keyId) {
    Map<String, Object> whole = new LinkedHashMap<>();
    whole.put("alg", algorithm);
    whole.put("kid", keyId);
    whole.putAll(header);
    return encode(Json.of(whole).getBytes(StandardCharsets.UTF_8))
        + "."
        + encode(Json.of(claims).getBytes(StandardCharsets.UTF_8));
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
