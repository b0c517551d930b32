package io.gatehouse.auth.sasl.token;

import io.gatehouse.auth.sasl.SaslFailure;

/** Says whose a bearer token is. Safe for use by many threads. */
@FunctionalInterface
public interface TokenVerifier extends AutoCloseable {

  /**
   * What the token says, once it is known to be true. May block, within bounds.
   *
   * @throws SaslFailure when it is not, or nobody can tell
   */
  VerifiedToken verify(String token) throws SaslFailure;

  @Override
  default void close() {}
}
