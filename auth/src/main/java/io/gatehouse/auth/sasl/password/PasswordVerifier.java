package io.gatehouse.auth.sasl.password;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange.Outcome;
import io.gatehouse.auth.sasl.SaslFailure;

/** Checks passwords. Safe for use by many threads. */
@FunctionalInterface
public interface PasswordVerifier {

  /**
   * Checks a user's password. May block, within bounds.
   *
   * @param user never empty
   * @param password never empty
   * @return the principal; with an end where the password is a token that expires, because the
   *     session must end with it (KIP-368)
   * @throws SaslFailure BAD_CREDENTIALS when the user is unknown or the password is wrong,
   *     UNAVAILABLE when that cannot be checked now
   */
  Outcome verify(String user, Secret password, Peer peer) throws SaslFailure;
}
