package io.gatehouse.gateway.route;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ports by broker address, and on first sight for addresses not named (kafka-proxy.md §4). */
final class AddressPorts implements AddressBook {

  private static final Logger log = LoggerFactory.getLogger(AddressPorts.class);

  /** A port that could not be opened is tried again after this long, for each broker. */
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** And mentioned again after this long. */
  private static final long REMIND_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final ListenerSettings listener;
  private final Routing.ByAddress routing;
  private final Cluster cluster;
  private final Ports ports;
  private final LongSupplier nanos;

  /** What a broker is called; null host: the host the client connected to. */
  private final Map<HostPort, Name> names = new ConcurrentHashMap<>();

  /** The same for ports that follow the node id. */
  private final Map<Integer, Name> namesById = new ConcurrentHashMap<>();

  /** Brokers for which no port could be opened so far. */
  private final Map<HostPort, Failure> failures = new ConcurrentHashMap<>();

  private final DynamicPorts dynamicPorts;

  /** Ports that were open before this process began, for brokers that were not seen here yet. */
  private final Map<Target, HostPort> inherited = new ConcurrentHashMap<>();

  private record Name(@Nullable String host, int port) {}

  private record Failure(long triedAt, long mentionedAt) {}

  /**
   * @param nanos a clock as {@link System#nanoTime} is one
   */
  AddressPorts(
      ListenerSettings listener,
      Routing.ByAddress routing,
      Cluster cluster,
      Ports ports,
      LongSupplier nanos) {
    this.listener = listener;
    this.routing = routing;
    this.cluster = cluster;
    this.ports = ports;
    this.nanos = nanos;
    this.dynamicPorts = new DynamicPorts();
  }

  HostPort start() throws IOException {
    HostPort first = null;
    for (Routing.Mapping mapping : routing.servers()) {
      HostPort opened = ports.open(mapping.listen(), new Target.Fixed(mapping.broker()), this);
      HostPort advertised = mapping.advertised();
      names.put(
          mapping.broker(),
          advertised == null
              ? new Name(host(mapping.listen()), opened.port())
              : new Name(
                  advertised.host(), advertised.port() == 0 ? opened.port() : advertised.port()));
      first = first == null ? opened : first;
    }
    routing
        .external()
        .forEach((broker, address) -> names.put(broker, new Name(address.host(), address.port())));
    if (routing.dynamic() != null) {
      ports.inherited().forEach((port, target) -> inherit(routing.dynamic(), port, target));
    }
    return java.util.Objects.requireNonNull(first);
  }

  /** Clients that know this port from the process before come back to it. */
  private void inherit(Routing.Dynamic dynamic, int port, String name) {
    Target target = Target.named(name, cluster);
    if (target == null || !dynamic.mayServe(target instanceof Target.Node n ? n.id() : -1, port)) {
      return;
    }
    try {
      inherited.put(target, ports.open(new HostPort(dynamic.bindHost(), port), target, this));
    } catch (IOException e) {
      log.warn("listener {}: {}; it was inherited", listener.name(), e.getMessage());
    }
  }

  @Override
  public HostPort advertised(int nodeId, HostPort broker, HostPort local) {
    cluster.learn(nodeId, broker);
    Name name = names.get(broker);
    if (name == null) {
      Routing.Dynamic dynamic = routing.dynamic();
      boolean byId = dynamic != null && dynamic.byNodeId() && nodeId >= 0;
      name = byId ? namesById.get(nodeId) : null;
      if (name == null) {
        name = byId ? openById(nodeId, broker) : openByAddress(nodeId, broker);
      }
    }
    if (name == null) {
      name = new Name(listener.advertisedHost(), 0);
    }
    return new HostPort(name.host() == null ? local.host() : name.host(), name.port());
  }

  @Override
  public HostPort advertisedKnown(int nodeId, HostPort local) {
    HostPort broker = cluster.broker(nodeId);
    return broker == null ? bootstrap(local) : advertised(nodeId, broker, local);
  }

  @Override
  public HostPort bootstrap(HostPort local) {
    HostPort server = routing.servers().getFirst().broker();
    return advertised(-1, server, local);
  }

  @Override
  public boolean isBroker(HostPort address) {
    return names.containsKey(address) || cluster.isBroker(address);
  }

  private @Nullable Name openById(int nodeId, HostPort broker) {
    return namesById.computeIfAbsent(
        nodeId, id -> open(id, broker, new Target.Node(cluster, id, false)));
  }

  private @Nullable Name openByAddress(int nodeId, HostPort broker) {
    return names.computeIfAbsent(broker, b -> open(nodeId, b, new Target.Fixed(b)));
  }

  /** Null if no port can be had for the time being, which is not for ever. */
  private @Nullable Name open(int nodeId, HostPort broker, Target target) {
    Routing.Dynamic dynamic = routing.dynamic();
    if (dynamic == null) {
      log.error(
          "listener {}: net address mapping for {} was not found, and dynamic listeners are"
              + " disabled; clients will see this broker as down",
          listener.name(),
          broker);
      return new Name(listener.advertisedHost(), 0);
    }
    Failure before = failures.get(broker);
    if (before != null && nanos.getAsLong() - before.triedAt < AGAIN_NANOS) {
      return null;
    }
    try {
      HostPort open = inherited.remove(target);
      HostPort opened =
          open != null
              ? open
              : dynamicPorts.open(
                  dynamic,
                  nodeId,
                  port -> ports.open(new HostPort(dynamic.bindHost(), port), target, this));
      failures.remove(broker);
      log.info("listener {}: broker {} is served on {}", listener.name(), broker, opened);
      return name(dynamic, nodeId, opened);
    } catch (IOException e) {
      failed(broker, before, e);
      return null;
    }
  }

  private void failed(HostPort broker, @Nullable Failure before, IOException why) {
    long now = nanos.getAsLong();
    if (before != null && now - before.mentionedAt <= REMIND_NANOS) {
      failures.put(broker, new Failure(now, before.mentionedAt));
      return;
    }
    failures.put(broker, new Failure(now, now));
    log.error(
        "listener {}: {}; clients will see broker {} as down until a port is free",
        listener.name(),
        why.getMessage(),
        broker);
  }

  private Name name(Routing.Dynamic dynamic, int nodeId, HostPort opened) {
    String template = dynamic.advertised();
    if (template == null) {
      return new Name(host(opened), opened.port());
    }
    String text = Templates.fill(template, nodeId);
    if (text.indexOf(':') < 0) {
      return new Name(text, opened.port());
    }
    HostPort fixed = HostPort.parse(text);
    return new Name(fixed.host(), fixed.port());
  }

  /** What clients are told where nothing else is said; null: what they connected to. */
  private @Nullable String host(HostPort listen) {
    String host = listener.advertisedHost();
    return host != null || listen.isWildcard() ? host : listen.host();
  }
}
