package io.gatehouse.auth.sasl;

/** A SASL mechanism of a listener. Safe for use by many threads. */
public interface SaslMechanism extends AutoCloseable {

  /** The name of the mechanism, for instance {@code SCRAM-SHA-256}. */
  String name();

  /** Begins to authenticate one client. Does not block. */
  SaslExchange begin(Peer peer);

  /**
   * Refuses an authorization id other than the authenticated user's name: no user may act for
   * another one.
   *
   * @param authorizationId empty where the client named none
   * @throws SaslFailure BAD_CREDENTIALS
   */
  static void checkAuthorizationId(String mechanism, String user, String authorizationId)
      throws SaslFailure {
    if (!authorizationId.isEmpty() && !authorizationId.equals(user)) {
      throw new SaslFailure(
          SaslFailure.Reason.BAD_CREDENTIALS,
          "user "
              + ClientText.shown(user)
              + " wants to act for "
              + ClientText.shown(authorizationId)
              + ", which "
              + mechanism
              + " allows nobody here");
    }
  }

  /** Releases threads, files and connections. */
  @Override
  default void close() {}
}
