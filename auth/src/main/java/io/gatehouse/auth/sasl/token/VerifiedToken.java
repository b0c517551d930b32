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
 * @param groups the names of the user's groups at the issuer
 * @param claims a bounded number of short string claims, for information only
 */
public record VerifiedToken(
    User user,
    Set<String> scopes,
    Set<String> groups,
    Instant expires,
    Map<String, String> claims) {

  public VerifiedToken {
    scopes = Set.copyOf(scopes);
    groups = Set.copyOf(groups);
    claims = Map.copyOf(claims);
  }

  /** A token that names no groups. */
  public VerifiedToken(User user, Set<String> scopes, Instant expires, Map<String, String> claims) {
    this(user, scopes, Set.of(), expires, claims);
  }
}
