package io.gatehouse.auth.login;

import org.jspecify.annotations.Nullable;

/** The authentication of one connection to a broker. One call at a time; calls may block. */
public interface LoginExchange extends AutoCloseable {

  /**
   * The token the exchange begins with.
   *
   * @throws LoginFailure when it cannot be made
   */
  byte[] first() throws LoginFailure;

  /**
   * The answer to a broker's token, or null when there is nothing more to say.
   *
   * @throws LoginFailure when the broker cannot prove that it knows the account, or its token is no
   *     message of the mechanism
   */
  byte @Nullable [] next(byte[] challenge) throws LoginFailure;

  /** Whether both sides have said all; a broker that ends before is an impostor. */
  boolean isComplete();

  @Override
  void close();
}
