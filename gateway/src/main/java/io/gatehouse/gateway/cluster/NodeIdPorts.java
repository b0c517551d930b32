package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.nodes.Advertised;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ports by node id: {@code start + (id - lowestNodeId)}. */
final class NodeIdPorts implements AddressBook {

  private static final Logger log = LoggerFactory.getLogger(NodeIdPorts.class);

  private final ListenerSettings listener;
  private final Routing.ByNodeId routing;
  private final Cluster cluster;
  private final Ports ports;

  /** Indexes of the port plan that are listened on. */
  private final Set<Integer> opened = ConcurrentHashMap.newKeySet();

  private final Set<Integer> logged = ConcurrentHashMap.newKeySet();

  NodeIdPorts(ListenerSettings listener, Routing.ByNodeId routing, Cluster cluster, Ports ports) {
    this.listener = listener;
    this.routing = routing;
    this.cluster = cluster;
    this.ports = ports;
  }

  /** Opens the ports that do not depend on the cluster's metadata. */
  HostPort start() throws IOException {
    PortPlan.Pair bootstrap = routing.bootstrap();
    HostPort first = null;
    if (bootstrap != null) {
      first =
          ports.open(
              new HostPort(listener.bindHost(), bootstrap.local()), new Target.Any(cluster), this);
    }
    if (bootstrap == null || !routing.ports().open()) {
      for (int index = 0; index < routing.ports().pairs().size(); index++) {
        opened.add(index);
        HostPort port = open(index);
        first = first == null ? port : first;
      }
    }
    for (String inherited : ports.inherited().values()) {
      if (Target.parse(inherited, cluster) instanceof Target.Node node
          && routing.ports().covers(node.id() - routing.lowestNodeId())) {
        openFor(node.id());
      }
    }
    ports.onClose(cluster.onBroker(this::openFor));
    cluster.clientIds().forEach(this::openFor);
    return java.util.Objects.requireNonNull(first);
  }

  @Override
  public HostPort advertised(int nodeId, HostPort broker, HostPort local) {
    int index = nodeId - routing.lowestNodeId();
    if (nodeId < 0) {
      return bootstrap(local);
    }
    if (!routing.ports().covers(index)) {
      return new HostPort(host(local), 0);
    }
    return new HostPort(host(local), routing.ports().at(index).advertised());
  }

  @Override
  public HostPort advertisedKnown(int nodeId, HostPort local) {
    HostPort broker = cluster.broker(nodeId);
    return broker == null ? bootstrap(local) : advertised(nodeId, broker, local);
  }

  @Override
  public HostPort bootstrap(HostPort local) {
    PortPlan.Pair pair =
        routing.bootstrap() != null ? routing.bootstrap() : routing.ports().pairs().getFirst();
    return new HostPort(host(local), pair.advertised());
  }

  @Override
  public boolean isBroker(HostPort address) {
    return cluster.isBroker(address);
  }

  @Override
  public Advertised published() {
    String host = listener.hostForOthers();
    Map<Integer, HostPort> brokers = new HashMap<>();
    if (host != null) {
      for (int index : opened) {
        if (brokers.size() < Advertised.MAX_BROKERS) {
          brokers.put(
              routing.lowestNodeId() + index,
              new HostPort(host, routing.ports().at(index).advertised()));
        }
      }
    }
    return new Advertised.ByPort(brokers);
  }

  private String host(HostPort local) {
    return listener.advertisedHost() != null ? listener.advertisedHost() : local.host();
  }

  private void openFor(int nodeId) {
    int index = nodeId - routing.lowestNodeId();
    if (!routing.ports().covers(index)) {
      if (logged.add(nodeId)) {
        log.error(
            "listener {}: no port for broker {}: ids from {} to {} have one. Clients will see it"
                + " as down; give the listener more ports or another lowest broker id",
            listener.name(),
            nodeId,
            routing.lowestNodeId(),
            routing.lowestNodeId() + routing.ports().pairs().size() - 1);
      }
      return;
    }
    if (!opened.add(index)) {
      return;
    }
    try {
      open(index);
    } catch (IOException e) {
      opened.remove(index); // tried again at the next metadata update
      if (logged.add(nodeId)) {
        log.error(
            "listener {}: {}; clients will see broker {} as down until the port is free",
            listener.name(),
            e.getMessage(),
            nodeId);
      }
    }
  }

  private HostPort open(int index) throws IOException {
    Target target =
        new Target.Node(cluster, routing.lowestNodeId() + index, routing.bootstrap() == null);
    return ports.open(
        new HostPort(listener.bindHost(), routing.ports().at(index).local()), target, this);
  }
}
