package io.gatehouse.auth.sasl.token;

import io.gatehouse.auth.sasl.SaslFailure;

/** Verifies bearer tokens. Safe for use by many threads. */
@FunctionalInterface
public interface TokenVerifier extends AutoCloseable {

  /**
   * Verifies a token. May block, within bounds.
   *
   * @throws SaslFailure when the token is refused, or UNAVAILABLE when it cannot be checked now
   */
  VerifiedToken verify(String token) throws SaslFailure;

  @Override
  default void close() {}
}
