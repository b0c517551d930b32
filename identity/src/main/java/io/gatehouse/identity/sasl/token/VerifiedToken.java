package io.gatehouse.identity.sasl.token;

import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * What a token that was checked says.
 *
 * @param subject the name of the principal
 * @param expires when it stops being accepted: its own end and the clocks' allowed difference
 * @param claims those that are texts, so far as they are short and not too many
 */
public record VerifiedToken(
    String subject, Set<String> scopes, Instant expires, Map<String, String> claims) {

  public VerifiedToken {
    scopes = Set.copyOf(scopes);
    claims = Map.copyOf(claims);
  }
}
