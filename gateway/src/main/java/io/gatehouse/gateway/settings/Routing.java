package io.gatehouse.gateway.settings;

import io.gatehouse.gateway.settings.PortPlan.Pair;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a client's port or server name selects the broker. */
public sealed interface Routing {

  /**
   * One port per node id: {@code start + (id - lowestNodeId)}. The ports are the same on every
   * gateway and after every restart.
   *
   * @param bootstrap a separate bootstrap port; null if clients bootstrap at broker ports, of which
   *     those of unknown node ids lead to any broker
   */
  record ByNodeId(@Nullable Pair bootstrap, PortPlan ports, int lowestNodeId) implements Routing {
    public ByNodeId {
      if (lowestNodeId < 0) {
        throw new IllegalArgumentException("the lowest broker id is " + lowestNodeId);
      }
    }
  }

  /**
   * One port for all brokers: the server name in the TLS handshake (SNI, RFC 6066) selects the
   * broker.
   *
   * @param node the brokers' host names
   * @param bootstrapHost the host name for bootstrapping
   * @param nameRequired whether a client without a server name is refused in the TLS handshake; if
   *     not, it may send requests that any broker can answer
   */
  record BySni(Pair port, HostPattern node, String bootstrapHost, boolean nameRequired)
      implements Routing {
    public BySni(Pair port, HostPattern node, String bootstrapHost) {
      this(port, node, bootstrapHost, false);
    }

    public BySni {
      bootstrapHost = HostPattern.normalize(bootstrapHost);
      if (node.nodeId(bootstrapHost) >= 0) {
        throw new IllegalArgumentException(
            "the bootstrap host " + bootstrapHost + " is also a broker's name by " + node);
      }
    }
  }

  /**
   * One port per configured broker address, and dynamic ports for other brokers. Addresses are
   * compared literally (docs/kafka-proxy.md).
   *
   * @param servers brokers with their listening addresses, at which clients bootstrap
   * @param external advertised addresses of brokers for which another gateway listens
   * @param dynamic the ports of other brokers; null to make these unreachable
   */
  record ByAddress(
      List<Mapping> servers, Map<HostPort, HostPort> external, @Nullable Dynamic dynamic)
      implements Routing {
    public ByAddress {
      servers = List.copyOf(servers);
      external = Map.copyOf(external);
      if (servers.isEmpty()) {
        throw new IllegalArgumentException("no broker is mapped to a listen address");
      }
    }
  }

  /**
   * A configured broker.
   *
   * @param listen listening address; port 0 for any free port
   * @param advertised advertised address; null for the one the client connected to
   */
  record Mapping(HostPort broker, HostPort listen, @Nullable HostPort advertised) {
    public Mapping {
      if (advertised != null && advertised.isWildcard()) {
        throw new IllegalArgumentException(
            "clients cannot connect to the advertised address "
                + advertised
                + ": name a host, or leave it out to advertise the address each client uses");
      }
    }
  }

  /**
   * Ports that are opened when a broker is first seen.
   *
   * @param bindHost interface to listen on
   * @param advertised host or host:port to advertise, in which {@code {{.brokerId}}} is the node
   *     id; null for the host the client connected to
   * @param lowestPort the first port; 0 for any free ports
   * @param ports number of ports from {@code lowestPort}
   * @param byNodeId whether the port is {@code lowestPort + id % ports} instead of the next free
   *     one
   */
  record Dynamic(
      String bindHost, @Nullable String advertised, int lowestPort, int ports, boolean byNodeId) {
    public Dynamic {
      if (byNodeId && lowestPort == 0) {
        throw new IllegalArgumentException("ports by broker id need a lowest port to count from");
      }
      if (lowestPort < 0 || lowestPort > 65535) {
        throw new IllegalArgumentException(
            "the lowest port " + lowestPort + " is not between 0 and 65535");
      }
      if (lowestPort > 0 && (ports < 1 || lowestPort + ports > 65536)) {
        throw new IllegalArgumentException(
            ports + " ports from " + lowestPort + " on do not fit below 65536");
      }
      if (advertised != null && HostPort.isWildcard(advertised)) {
        throw new IllegalArgumentException(
            "clients cannot connect to the advertised host " + advertised);
      }
    }

    /**
     * Whether a broker may have this port, which was inherited from another process.
     *
     * @param nodeId -1 for a broker that is identified by its address
     */
    public boolean mayServe(int nodeId, int port) {
      if (lowestPort == 0) {
        return nodeId < 0;
      }
      return nodeId < 0
          ? port >= lowestPort && port < lowestPort + ports
          : byNodeId && port == lowestPort + nodeId % ports;
    }
  }
}
