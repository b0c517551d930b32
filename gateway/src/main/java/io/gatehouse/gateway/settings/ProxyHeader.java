package io.gatehouse.gateway.settings;

import java.net.InetAddress;
import java.util.List;

/**
 * Whether connections begin with a PROXY protocol header (version 1 or 2) that tells the client's
 * own address.
 *
 * @param trusted who may say so; a header from anybody else ends the connection
 */
public record ProxyHeader(Mode mode, List<Network> trusted) {

  /** How the header is met. */
  public enum Mode {
    OFF,
    /** Connections with and without it are served. */
    ALLOWED,
    REQUIRED
  }

  public static final ProxyHeader OFF = new ProxyHeader(Mode.OFF, List.of());

  public ProxyHeader {
    trusted = List.copyOf(trusted);
    if (mode != Mode.OFF && trusted.isEmpty()) {
      throw new IllegalArgumentException(
          "a PROXY header is believed from nobody: name the balancers' networks");
    }
  }

  /** Whether this peer may say that it speaks for somebody else. */
  public boolean isTrusted(InetAddress peer) {
    return mode != Mode.OFF && trusted.stream().anyMatch(network -> network.contains(peer));
  }
}
