package io.gatehouse.auth.login.token;

import io.gatehouse.auth.login.LoginFailure;

/** Where tokens come from. */
@FunctionalInterface
public interface TokenProvider extends AutoCloseable {

  /**
   * A new token. May block, within bounds of its own; is not called by two threads at once.
   *
   * @throws LoginFailure when there is none to be had
   */
  String token() throws LoginFailure;

  /** Lets go of connections or processes. */
  @Override
  default void close() {}
}
