package io.gatehouse.auth.sasl.password;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;

/** Says whether a password is right. Safe for use by many threads. */
@FunctionalInterface
public interface PasswordVerifier {

  /**
   * Who it is. May block, within bounds.
   *
   * @param user never empty
   * @param password never empty
   * @throws SaslFailure when the user is unknown, the password is wrong, or nobody can tell
   */
  Principal verify(String user, Secret password, Peer peer) throws SaslFailure;

  /**
   * The same, with the end of what was proved where the password has one: a token that stands in
   * its place ends, and so must the session (KIP-368).
   */
  default SaslExchange.Outcome prove(String user, Secret password, Peer peer) throws SaslFailure {
    return new SaslExchange.Outcome(verify(user, password, peer), null);
  }
}
