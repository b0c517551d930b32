package io.gatehouse.auth.login;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Base64;

/** Tokens with an invalid signature, for servers that do not check it. */
public final class Tokens {

  private Tokens() {}

  public static String of(String subject, Instant from, Instant to) {
    return part("{\"alg\":\"RS256\"}")
        + "."
        + part(
            "{\"sub\":\"%s\",\"iat\":%d,\"exp\":%d,\"scope\":\"kafka\"}"
                .formatted(subject, from.getEpochSecond(), to.getEpochSecond()))
        + "."
        + part("signed");
  }

  /** The answer of a token endpoint. */
  public static String answer(String token) {
    return "{\"access_token\":\"" + token + "\",\"token_type\":\"Bearer\",\"expires_in\":3600}";
  }

  private static String part(String json) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(UTF_8));
  }
}
