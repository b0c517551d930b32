package io.gatehouse.identity.sasl.password;

import io.gatehouse.identity.Principal;
import io.gatehouse.identity.Secret;
import io.gatehouse.identity.sasl.Peer;
import io.gatehouse.identity.sasl.SaslExchange;
import io.gatehouse.identity.sasl.SaslFailure;

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
