package io.gatehouse.gateway.settings;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A listener: a group of ports that lead to one cluster.
 *
 * @param name for logs and metrics
 * @param bindHost interface to listen on for {@link Routing.ByNodeId} and {@link Routing.BySni}
 * @param advertisedHost host that clients are told; null for the local address that each client
 *     connected to, which is correct unless addresses are translated in between
 * @param entry what the listener requires of connections
 */
public record ListenerSettings(
    String name, String bindHost, @Nullable String advertisedHost, Routing routing, Entry entry) {

  public ListenerSettings {
    if (advertisedHost != null && HostPort.isWildcard(advertisedHost)) {
      throw new IllegalArgumentException(
          "clients cannot connect to the advertised host "
              + advertisedHost
              + ": name a host that reaches this machine, or leave it out to advertise the"
              + " address each client connected to");
    }
    if (routing instanceof Routing.BySni && entry.tls() == null) {
      throw new IllegalArgumentException(
          "routing by SNI needs TLS: the name is in the client's TLS handshake");
    }
  }

  /** Whether the other listener has the same ports and advertises the same broker addresses. */
  public boolean sameRouting(ListenerSettings other) {
    return name.equals(other.name)
        && bindHost.equals(other.bindHost)
        && Objects.equals(advertisedHost, other.advertisedHost)
        && routing.equals(other.routing);
  }

  /**
   * The host that other gateway nodes may tell their clients for this listener; null if the
   * settings name none that is valid for all clients. A loopback interface is not, unless it is
   * advertised: it belongs to one machine.
   */
  public @Nullable String hostForOthers() {
    boolean everywhere =
        !HostPort.isWildcard(bindHost)
            && !bindHost.equals("localhost")
            && !bindHost.equals("::1")
            && !bindHost.startsWith("127.");
    return advertisedHost == null && everywhere ? bindHost : advertisedHost;
  }

  /** A plaintext listener without authentication. */
  public ListenerSettings(
      String name, String bindHost, @Nullable String advertisedHost, Routing routing) {
    this(name, bindHost, advertisedHost, routing, Entry.OPEN);
  }
}
