package io.gatehouse.auth.login;

/**
 * An account at the brokers. Safe for use by many threads; tokens and tickets are renewed ahead of
 * their end.
 */
public interface Login extends AutoCloseable {

  /** The SASL mechanism, for instance {@code AWS_MSK_IAM}. */
  String mechanism();

  /**
   * Begins an exchange with the broker of this host name. May block, within bounds, so it is called
   * on virtual threads.
   *
   * @param host as in the broker's address, before any mapping of where to dial
   * @throws LoginFailure when no credentials can be had
   */
  LoginExchange begin(String host) throws LoginFailure;

  /** Lets go of threads and credentials. */
  @Override
  void close();
}
