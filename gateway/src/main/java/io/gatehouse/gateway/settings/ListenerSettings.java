package io.gatehouse.gateway.settings;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A group of ports that lead to one cluster.
 *
 * @param name for logs and metrics
 * @param bindHost interface of the ports that {@link Routing.ByNodeId} and {@link Routing.BySni}
 *     open
 * @param advertisedHost what clients are told to connect to; null: the local address each client
 *     connected to, which is right unless addresses are translated on the way
 * @param entry what a connection must show before its requests are heard
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
          "routing by SNI needs TLS: the name stands in the client's TLS greeting");
    }
  }

  /** Whether the other opens the same ports, and brokers have the same addresses there. */
  public boolean sameRouting(ListenerSettings other) {
    return name.equals(other.name)
        && bindHost.equals(other.bindHost)
        && Objects.equals(advertisedHost, other.advertisedHost)
        && routing.equals(other.routing);
  }

  /** A plaintext listener for anybody. */
  public ListenerSettings(
      String name, String bindHost, @Nullable String advertisedHost, Routing routing) {
    this(name, bindHost, advertisedHost, routing, Entry.OPEN);
  }
}
