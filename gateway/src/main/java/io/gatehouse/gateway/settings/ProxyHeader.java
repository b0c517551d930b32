package io.gatehouse.gateway.settings;

import java.net.InetAddress;
import java.util.List;

/**
 * Whether connections start with a PROXY protocol header (version 1 or 2) with the client's
 * address.
 *
 * @param trusted networks of peers that may send it; from others it closes the connection
 */
public record ProxyHeader(Mode mode, List<Network> trusted) {

  /** Whether the header is expected. */
  public enum Mode {
    OFF,
    /** Connections with and without the header are accepted. */
    ALLOWED,
    REQUIRED
  }

  public static final ProxyHeader OFF = new ProxyHeader(Mode.OFF, List.of());

  public ProxyHeader {
    trusted = List.copyOf(trusted);
    if (mode != Mode.OFF && trusted.isEmpty()) {
      throw new IllegalArgumentException(
          "no peer may send a PROXY header: list the load balancers' networks");
    }
  }

  /** Whether this peer may send another client's address. */
  public boolean isTrusted(InetAddress peer) {
    return mode != Mode.OFF && trusted.stream().anyMatch(network -> network.contains(peer));
  }
}
