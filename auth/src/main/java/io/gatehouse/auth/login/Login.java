package io.gatehouse.auth.login;

/**
 * An account at the brokers. Safe for use by many threads; tokens and tickets are renewed before
 * they expire.
 */
public interface Login extends AutoCloseable {

  /** The SASL mechanism, for instance {@code AWS_MSK_IAM}. */
  String mechanism();

  /**
   * Begins an exchange with a broker. May block, within bounds, so it is called on virtual threads.
   *
   * @param host as in the broker's address, before any mapping to another address to connect to
   * @throws LoginFailure when credentials cannot be fetched
   */
  LoginExchange begin(String host) throws LoginFailure;

  /** Releases threads and credentials. */
  @Override
  default void close() {}
}
