package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.nodes.Advertised;
import io.gatehouse.gateway.settings.HostPattern;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.Routing;
import org.jspecify.annotations.Nullable;

/** Addresses of a listener with one port, where each broker has its own host name (SNI routing). */
public final class SniNames implements AddressBook {

  private final Routing.BySni routing;
  private final Cluster cluster;

  public SniNames(Routing.BySni routing, Cluster cluster) {
    this.routing = routing;
    this.cluster = cluster;
  }

  /**
   * The target of a server name, or null if it is none of this listener's names.
   *
   * @param host in lower case
   */
  public @Nullable Target target(String host) {
    String name = HostPattern.normalize(host);
    if (name.equals(routing.bootstrapHost())) {
      return new Target.Any(cluster);
    }
    int nodeId = routing.node().nodeId(name);
    return nodeId < 0 ? null : new Target.Node(cluster, nodeId, false);
  }

  /** The target of a client that sends no server name, or null if a name is required. */
  public @Nullable Target withoutName() {
    return routing.nameRequired() ? null : new Target.Unnamed(cluster);
  }

  /** The target of the bootstrap name: any broker. */
  public Target bootstrapTarget() {
    return new Target.Any(cluster);
  }

  @Override
  public HostPort advertised(int nodeId, HostPort broker, HostPort local) {
    return nodeId < 0 ? bootstrap(local) : address(routing.node().host(nodeId));
  }

  @Override
  public HostPort advertisedKnown(int nodeId, HostPort local) {
    return cluster.broker(nodeId) == null ? bootstrap(local) : address(routing.node().host(nodeId));
  }

  @Override
  public HostPort bootstrap(HostPort local) {
    return address(routing.bootstrapHost());
  }

  @Override
  public Advertised published() {
    return new Advertised.ByName(routing.node(), routing.port().advertised());
  }

  @Override
  public boolean isBroker(HostPort address) {
    return cluster.isBroker(address);
  }

  private HostPort address(String host) {
    return new HostPort(host, routing.port().advertised());
  }
}
