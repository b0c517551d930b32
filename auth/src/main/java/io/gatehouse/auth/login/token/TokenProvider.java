package io.gatehouse.auth.login.token;

import io.gatehouse.auth.login.LoginFailure;

/** Fetches tokens. */
@FunctionalInterface
public interface TokenProvider extends AutoCloseable {

  /**
   * Fetches a new token. May block, within bounds of its own; is not called by two threads at a
   * time.
   *
   * @throws LoginFailure when that fails
   */
  String token() throws LoginFailure;

  /** Releases connections or processes. */
  @Override
  default void close() {}
}
