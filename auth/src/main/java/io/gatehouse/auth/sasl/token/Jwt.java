package io.gatehouse.auth.sasl.token;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.gatehouse.auth.sasl.SaslFailure;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parses JWTs and checks what all verifiers demand. */
public final class Jwt {

  /** In characters; tokens of Kafka's own clients have a few thousand. */
  static final int MAX_LENGTH = 16 * 1024;

  private static final int MAX_CLAIMS = 64;
  private static final int MAX_CLAIM = 1024;

  private Jwt() {}

  /** Parses a signed token, without verifying it; {@code alg: none} is refused. */
  static SignedJWT signed(String token) throws SaslFailure {
    checkLength(token);
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      if (jwt.getHeader().getCriticalParams() != null
          || !jwt.getHeader().isBase64URLEncodePayload()) {
        throw noToken("its header has a critical part that is not known", null);
      }
      return jwt;
    } catch (ParseException | IllegalArgumentException | IllegalStateException e) {
      throw noToken("it is no signed JWT", e);
    }
  }

  static JWTClaimsSet claims(SignedJWT jwt) throws SaslFailure {
    try {
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      if (claims == null) {
        throw noToken("it has no claims", null);
      }
      return claims;
    } catch (ParseException | IllegalArgumentException e) {
      throw noToken("its claims cannot be read", e);
    }
  }

  static void checkLength(String token) throws SaslFailure {
    if (token.length() > MAX_LENGTH) {
      throw noToken(token.length() + " characters are more than " + MAX_LENGTH, null);
    }
  }

  /**
   * Checks {@code exp}, {@code nbf} and {@code iat}.
   *
   * @return when the token expires
   * @throws SaslFailure EXPIRED when the token has expired or is not valid yet, NOT_FOR_US without
   *     {@code exp}
   */
  static Instant checkTimes(JWTClaimsSet claims, Instant now, Duration skew) throws SaslFailure {
    Date expires = claims.getExpirationTime();
    if (expires == null) {
      throw refused("it says not when it ends (exp)");
    }
    if (!now.isBefore(expires.toInstant().plus(skew))) {
      throw expired("it ended at " + expires.toInstant());
    }
    Date notBefore = claims.getNotBeforeTime();
    if (notBefore != null && now.plus(skew).isBefore(notBefore.toInstant())) {
      throw expired("it begins at " + notBefore.toInstant());
    }
    Date issued = claims.getIssueTime();
    if (issued != null && now.plus(skew).isBefore(issued.toInstant())) {
      throw expired("it was issued in the future, at " + issued.toInstant());
    }
    return expires.toInstant();
  }

  /** The string claims, for the principal's attributes: at most 64, of at most 1024 characters. */
  public static Map<String, String> texts(JWTClaimsSet claims) {
    Map<String, String> texts = new LinkedHashMap<>();
    claims
        .getClaims()
        .forEach((name, value) -> {
          if (value instanceof String text
              && text.length() <= MAX_CLAIM
              && name.length() <= MAX_CLAIM
              && texts.size() < MAX_CLAIMS) {
            texts.put(name, text);
          }
        });
    return texts;
  }

  /** A claim that is a non-empty string, or null. */
  static @Nullable String text(JWTClaimsSet claims, String name) {
    return claims.getClaim(name) instanceof String text && !text.isEmpty() ? text : null;
  }

  static SaslFailure noToken(String why, @Nullable Throwable cause) {
    return new SaslFailure(
        SaslFailure.Reason.BAD_CREDENTIALS, "a token that cannot be used: " + why, cause);
  }

  static SaslFailure badSignature() {
    return new SaslFailure(
        SaslFailure.Reason.BAD_CREDENTIALS, "a token with a signature that is wrong");
  }

  static SaslFailure refused(String why) {
    return new SaslFailure(SaslFailure.Reason.NOT_FOR_US, "a token that is not for here: " + why);
  }

  private static SaslFailure expired(String why) {
    return new SaslFailure(SaslFailure.Reason.EXPIRED, "a token that is not valid now: " + why);
  }
}
