package io.gatehouse.auth.sasl.token;

import io.gatehouse.auth.User;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * The content of a verified token.
 *
 * @param user the principal's user
 * @param expires when it is no longer accepted: its own expiry plus the allowed clock skew
 * @param claims a bounded number of short string claims, for information only
 */
public record VerifiedToken(
    User user, Set<String> scopes, Instant expires, Map<String, String> claims) {

  public VerifiedToken {
    scopes = Set.copyOf(scopes);
    claims = Map.copyOf(claims);
  }
}
