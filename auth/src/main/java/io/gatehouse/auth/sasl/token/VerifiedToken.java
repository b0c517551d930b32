package io.gatehouse.auth.sasl.token;

import io.gatehouse.auth.User;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * What a token that was checked says.
 *
 * @param user whose it is
 * @param expires when it stops being accepted: its own end and the clocks' allowed difference
 * @param claims those that are texts, so far as they are short and not too many; nothing is decided
 *     by them
 */
public record VerifiedToken(
    User user, Set<String> scopes, Instant expires, Map<String, String> claims) {

  public VerifiedToken {
    scopes = Set.copyOf(scopes);
    claims = Map.copyOf(claims);
  }
}
