package io.gatehouse.gateway.settings;

import io.gatehouse.gateway.settings.PortPlan.Pair;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a client's choice of port says which broker it wants. */
public sealed interface Routing {

  /**
   * One port per node id: {@code start + (id - lowestNodeId)}. Equal on every gateway node and
   * after every restart.
   *
   * @param bootstrap a port of its own for bootstrapping; without it clients bootstrap at any of
   *     the broker ports, where one without a living broker leads to any broker
   */
  record ByNodeId(@Nullable Pair bootstrap, PortPlan ports, int lowestNodeId) implements Routing {
    public ByNodeId {
      if (lowestNodeId < 0) {
        throw new IllegalArgumentException("the lowest broker id is " + lowestNodeId);
      }
    }
  }

  /**
   * One port for all: the name a client asks for in its TLS greeting says which broker it wants.
   *
   * @param node the brokers' names
   * @param bootstrapHost the name to bootstrap at
   * @param nameRequired whether a client that sends no name is refused in the TLS handshake;
   *     without it such a client may ask what any broker can answer
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
   * One port per named broker address, and ports on first sight for the others. Addresses are
   * compared to the letter (docs/kafka-proxy.md).
   *
   * @param servers brokers with the address to listen on for each; clients bootstrap here
   * @param external brokers that another gateway listens for: broker to advertised address
   * @param dynamic what is done for a broker not named; null refuses it
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
   * @param listen port 0 asks for a free port
   * @param advertised null: what the client connected to
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
   * Listeners opened when a broker is first seen.
   *
   * @param bindHost where they listen
   * @param advertised host or host:port to advertise, with {@code {{.brokerId}}} standing for the
   *     node id; null: the host the client connected to
   * @param lowestPort 0 asks the system for free ports
   * @param ports how many ports from {@code lowestPort} on may be taken
   * @param byNodeId whether the port is {@code lowestPort + id mod ports} instead of the next one
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
     * Whether a broker may have this port.
     *
     * @param nodeId -1 for a broker that is known by its address
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
