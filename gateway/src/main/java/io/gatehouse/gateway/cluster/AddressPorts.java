package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ports by broker address, and on first sight for addresses not named (kafka-proxy.md §4). An
 * address that the cluster has not named for an hour gives its port back, once nobody is connected.
 */
final class AddressPorts implements AddressBook {

  private static final Logger log = LoggerFactory.getLogger(AddressPorts.class);

  /** A port that could not be opened is tried again after this long, for each broker. */
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** And mentioned again after this long. */
  private static final long REMIND_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** How long an address must be missing from what the cluster tells. */
  private static final long GONE_NANOS = TimeUnit.HOURS.toNanos(1);

  /** How often at most it is looked for such. */
  private static final long LOOK_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final ListenerSettings listener;
  private final Routing.ByAddress routing;
  private final Cluster cluster;
  private final Ports ports;
  private final LongSupplier nanos;

  /** What the brokers are called that the settings name. */
  private final Map<HostPort, Name> names = new ConcurrentHashMap<>();

  /** The others, by address. */
  private final Map<HostPort, Seen> seen = new ConcurrentHashMap<>();

  /** The same for ports that follow the node id. */
  private final Map<Integer, Seen> seenById = new ConcurrentHashMap<>();

  /** Brokers for which no port could be opened so far. */
  private final Map<HostPort, Failure> failures = new ConcurrentHashMap<>();

  private final DynamicPorts dynamicPorts;

  /** Ports that were open before this process began, for brokers that were not seen here yet. */
  private final Map<Target, HostPort> inherited = new ConcurrentHashMap<>();

  private final long startedAt;

  /** When it was looked for addresses that are gone. Guarded by this. */
  private long lookedAt;

  /**
   * @param host null: the host the client connected to
   */
  private record Name(@Nullable String host, int port) {}

  /** What a broker is called that was met on the way. Times are of the clock. */
  private static final class Seen {
    private final HostPort broker;
    private final Name name;
    private final @Nullable HostPort port;
    private volatile long namedAt;

    // Guarded by the address book.
    private boolean missing;
    private long missingSince;

    /**
     * @param port opened for it, or null if there is none
     */
    Seen(HostPort broker, Name name, @Nullable HostPort port) {
      this.broker = broker;
      this.name = name;
      this.port = port;
    }
  }

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
    this.startedAt = nanos.getAsLong();
    this.dynamicPorts = new DynamicPorts();
    this.lookedAt = nanos.getAsLong();
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
    ports.onClose(cluster.onBroker(this::named));
    ports.onClose(cluster.onAllTold(this::releaseGone));
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
      Seen one = seen(nodeId, broker);
      name = one == null ? new Name(listener.advertisedHost(), 0) : one.name;
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
    return names.containsKey(address) || seen.containsKey(address) || cluster.isBroker(address);
  }

  /** Null if no port can be had for it for the time being. */
  private @Nullable Seen seen(int nodeId, HostPort broker) {
    Routing.Dynamic dynamic = routing.dynamic();
    boolean byId = dynamic != null && dynamic.byNodeId() && nodeId >= 0;
    Seen one = seen.get(broker);
    if (one == null) {
      one =
          byId
              ? seenById.computeIfAbsent(
                  nodeId, id -> open(id, broker, new Target.Node(cluster, id, false)))
              : seen.computeIfAbsent(broker, b -> open(nodeId, b, new Target.Fixed(b)));
    }
    if (one != null) {
      one.namedAt = nanos.getAsLong();
    }
    return one;
  }

  /** The cluster names a broker, whether a client asked or the gateway. */
  private void named(int nodeId) {
    HostPort broker = cluster.broker(nodeId);
    Seen byId = seenById.get(nodeId);
    Seen byAddress = broker == null ? null : seen.get(broker);
    if (byId != null) {
      byId.namedAt = nanos.getAsLong();
    }
    if (byAddress != null) {
      byAddress.namedAt = nanos.getAsLong();
    }
  }

  private synchronized void releaseGone() {
    long now = nanos.getAsLong();
    if (now - lookedAt < LOOK_NANOS) {
      return;
    }
    long before = lookedAt;
    lookedAt = now;
    if (now - startedAt >= GONE_NANOS) {
      // Nobody has named these brokers since the process before.
      inherited.values().removeIf(ports::release);
    }
    failures.values().removeIf(failure -> now - failure.triedAt() > GONE_NANOS);
    for (Map<?, Seen> all : List.of(seen, seenById)) {
      all.values().removeIf(one -> isGone(one, before, now) && release(one));
    }
  }

  /**
   * Whether an address was missing whenever the cluster told its brokers in the last hour. While it
   * told nothing, nothing was missing.
   *
   * @param before when this was looked for last
   */
  private static boolean isGone(Seen one, long before, long now) {
    boolean missing = one.namedAt - before < 0;
    if (missing && (!one.missing || now - before > GONE_NANOS / 2)) {
      one.missingSince = now;
    }
    one.missing = missing;
    return missing && now - one.missingSince >= GONE_NANOS;
  }

  /** False while somebody is connected. */
  private boolean release(Seen one) {
    HostPort port = one.port;
    if (port == null) {
      return true;
    }
    if (!ports.release(port)) {
      return false;
    }
    Routing.Dynamic dynamic = routing.dynamic();
    if (dynamic != null) {
      dynamicPorts.released(dynamic, port.port());
    }
    log.info(
        "listener {}: the cluster has not named broker {} for an hour, so {} is closed",
        listener.name(),
        one.broker,
        port);
    return true;
  }

  /** Null if no port can be had for the time being, which is not for ever. */
  private @Nullable Seen open(int nodeId, HostPort broker, Target target) {
    Routing.Dynamic dynamic = routing.dynamic();
    if (dynamic == null) {
      log.error(
          "listener {}: net address mapping for {} was not found, and dynamic listeners are"
              + " disabled; clients will see this broker as down",
          listener.name(),
          broker);
      return new Seen(broker, new Name(listener.advertisedHost(), 0), null);
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
      return new Seen(broker, name(dynamic, nodeId, opened), opened);
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
