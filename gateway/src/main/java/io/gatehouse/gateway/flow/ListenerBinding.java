package io.gatehouse.gateway.flow;

import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.gateway.cluster.AddressBook;
import io.gatehouse.gateway.cluster.Target;
import io.gatehouse.gateway.cluster.Upstream;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.ListenerSettings;
import java.util.List;

/**
 * Where a client came in.
 *
 * @param settings of the listener, as they were then
 * @param upstream the cluster behind it
 * @param target which broker the port, or the name asked for, stands for
 * @param addresses how brokers are called behind this listener
 * @param mechanisms what clients can log in with where SASL ends here; else none
 */
public record ListenerBinding(
    ListenerSettings settings,
    Upstream upstream,
    Target target,
    AddressBook addresses,
    List<SaslMechanism> mechanisms) {

  /** Where the client of a session came in. */
  public static ListenerBinding of(Session session) {
    return session.binding();
  }

  /** The listener's name, for logs. */
  public String listener() {
    return settings.name();
  }

  /** How the client's principal is found. */
  public Authentication authentication() {
    return settings.entry().authentication();
  }
}
