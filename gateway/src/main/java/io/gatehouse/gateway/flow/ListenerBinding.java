package io.gatehouse.gateway.flow;

import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.gateway.cluster.AddressBook;
import io.gatehouse.gateway.cluster.Target;
import io.gatehouse.gateway.cluster.Upstream;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.ListenerSettings;
import java.util.List;

/**
 * How a client has connected: the listener, and the cluster and broker behind the port or server
 * name.
 *
 * @param settings the listener's settings at that time
 * @param upstream the cluster
 * @param target the broker that the port or server name stands for
 * @param addresses the addresses that clients of this listener get for brokers
 * @param mechanisms SASL mechanisms that the gateway offers; empty if it does not authenticate
 *     clients
 */
public record ListenerBinding(
    ListenerSettings settings,
    Upstream upstream,
    Target target,
    AddressBook addresses,
    List<SaslMechanism> mechanisms) {

  /** The listener's name, for logs. */
  public String listener() {
    return settings.name();
  }

  /** How clients authenticate. */
  public Authentication authentication() {
    return settings.entry().authentication();
  }
}
