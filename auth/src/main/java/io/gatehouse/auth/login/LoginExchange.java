package io.gatehouse.auth.login;

import org.jspecify.annotations.Nullable;

/**
 * The SASL authentication of one connection to a broker. Calls must not overlap; they may block.
 */
public interface LoginExchange extends AutoCloseable {

  /**
   * The client's first token.
   *
   * @throws LoginFailure when it cannot be made
   */
  byte[] first() throws LoginFailure;

  /**
   * The answer to a broker's token, or null when none is due.
   *
   * @throws LoginFailure when the broker does not prove that it knows the account, or its token is
   *     malformed
   */
  byte @Nullable [] next(byte[] challenge) throws LoginFailure;

  /**
   * Whether the exchange is complete. A broker that reports success before that has not
   * authenticated itself.
   */
  boolean isComplete();

  @Override
  default void close() {}
}
