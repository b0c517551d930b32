package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.nodes.Advertised;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ports by broker address: configured ones, and dynamic ones that are opened when a broker is first
 * seen (docs/kafka-proxy.md). The port of a broker that has been missing from the metadata for an
 * hour is closed once no client is connected to it.
 */
final class AddressPorts implements AddressBook {

  private static final Logger log = LoggerFactory.getLogger(AddressPorts.class);

  /** How long after a failure opening a broker's port is tried again. */
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How long after logging a failure the same broker's failures are logged again. */
  private static final long LOG_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** How long an address must be missing from the metadata before its port is closed. */
  private static final long RELEASE_AFTER_NANOS = TimeUnit.HOURS.toNanos(1);

  /** Minimum time between two checks for missing addresses. */
  private static final long CHECK_NANOS = TimeUnit.MINUTES.toNanos(1);

  /**
   * The variable for the node id in {@link Routing.Dynamic#advertised}, checked by the settings.
   */
  private static final Pattern NODE_ID = Pattern.compile("\\{\\{[^}]*}}");

  private final ListenerSettings listener;
  private final Routing.ByAddress routing;
  private final Cluster cluster;
  private final Ports ports;
  private final LongSupplier nanos;

  /** Name addresses of the brokers in the settings. */
  private final Map<HostPort, Name> names = new ConcurrentHashMap<>();

  /** Other brokers, by address. */
  private final Map<HostPort, DynamicBroker> dynamicBrokers = new ConcurrentHashMap<>();

  /** Other brokers, by node id, if ports are assigned by node id. */
  private final Map<Integer, DynamicBroker> dynamicBrokersById = new ConcurrentHashMap<>();

  /** The last failure to open a port, by broker. */
  private final Map<HostPort, Failure> failures = new ConcurrentHashMap<>();

  private final DynamicPorts dynamicPorts;

  /** Ports inherited from the previous process, for brokers not seen by this one yet. */
  private final Map<Target, HostPort> inherited = new ConcurrentHashMap<>();

  private final long startedAt;

  /** When missing addresses were last checked for. Guarded by this. */
  private long checkedAt;

  /**
   * @param host null for the host the client connected to
   */
  private record Name(@Nullable String host, int port) {}

  /** A broker that is not in the settings. Times are those of {@code nanos}. */
  private static final class DynamicBroker {
    private final HostPort broker;
    private final Name name;
    private final @Nullable HostPort port;
    private volatile long namedAt;

    // Guarded by the address book.
    private boolean missing;
    private long missingSince;

    /**
     * @param port the port opened for it, or null if dynamic ports are disabled
     */
    DynamicBroker(HostPort broker, Name name, @Nullable HostPort port) {
      this.broker = broker;
      this.name = name;
      this.port = port;
    }
  }

  private record Failure(long triedAt, long loggedAt) {}

  /**
   * @param nanos the clock, such as {@link System#nanoTime}
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
    this.checkedAt = nanos.getAsLong();
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
    ports.onClose(cluster.onFullUpdate(this::releaseGone));
    return java.util.Objects.requireNonNull(first);
  }

  /** Keeps listening on an inherited dynamic port, which clients of the previous process know. */
  private void inherit(Routing.Dynamic dynamic, int port, String name) {
    Target target = Target.parse(name, cluster);
    if (target == null || !dynamic.mayServe(target instanceof Target.Node n ? n.id() : -1, port)) {
      return;
    }
    try {
      inherited.put(target, ports.open(new HostPort(dynamic.bindHost(), port), target, this));
    } catch (IOException e) {
      log.warn("listener {}: cannot use an inherited port: {}", listener.name(), e.getMessage());
    }
  }

  @Override
  public HostPort advertised(int nodeId, HostPort broker, HostPort local) {
    cluster.learn(nodeId, broker);
    Name name = names.get(broker);
    if (name == null) {
      DynamicBroker one = dynamicBrokers(nodeId, broker);
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
  public Advertised published() {
    Map<Integer, HostPort> brokers = new HashMap<>();
    cluster
        .brokers()
        .forEach((id, broker) -> {
          DynamicBroker dynamic = dynamicBrokersById.get(id);
          if (dynamic == null) {
            dynamic = dynamicBrokers.get(broker);
          }
          Name name = dynamic == null ? names.get(broker) : dynamic.name;
          if (name != null && name.host() != null && name.port() > 0) {
            brokers.put(id, new HostPort(name.host(), name.port()));
          }
        });
    return new Advertised.ByPort(brokers);
  }

  @Override
  public boolean isBroker(HostPort address) {
    return names.containsKey(address)
        || dynamicBrokers.containsKey(address)
        || cluster.isBroker(address);
  }

  /** The entry of a broker not in the settings; null if no port can be opened for it now. */
  private @Nullable DynamicBroker dynamicBrokers(int nodeId, HostPort broker) {
    Routing.Dynamic dynamic = routing.dynamic();
    boolean byId = dynamic != null && dynamic.byNodeId() && nodeId >= 0;
    DynamicBroker one = dynamicBrokers.get(broker);
    if (one == null) {
      one =
          byId
              ? dynamicBrokersById.computeIfAbsent(
                  nodeId, id -> open(id, broker, new Target.Node(cluster, id, false)))
              : dynamicBrokers.computeIfAbsent(broker, b -> open(nodeId, b, new Target.Fixed(b)));
    }
    if (one != null) {
      one.namedAt = nanos.getAsLong();
    }
    return one;
  }

  /** Called when a metadata response to a client or to the gateway names a broker. */
  private void named(int nodeId) {
    HostPort broker = cluster.broker(nodeId);
    DynamicBroker byId = dynamicBrokersById.get(nodeId);
    DynamicBroker byAddress = broker == null ? null : dynamicBrokers.get(broker);
    if (byId != null) {
      byId.namedAt = nanos.getAsLong();
    }
    if (byAddress != null) {
      byAddress.namedAt = nanos.getAsLong();
    }
  }

  private synchronized void releaseGone() {
    long now = nanos.getAsLong();
    if (now - checkedAt < CHECK_NANOS) {
      return;
    }
    long before = checkedAt;
    checkedAt = now;
    if (now - startedAt >= RELEASE_AFTER_NANOS) {
      // these brokers have not been seen since the takeover
      inherited.values().removeIf(ports::release);
    }
    failures.values().removeIf(failure -> now - failure.triedAt() > RELEASE_AFTER_NANOS);
    for (Map<?, DynamicBroker> all : List.of(dynamicBrokers, dynamicBrokersById)) {
      all.values().removeIf(one -> isGone(one, before, now) && release(one));
    }
  }

  /**
   * Whether a broker was missing from all metadata of the last hour. Time without any metadata does
   * not count.
   *
   * @param before when this was checked last
   */
  private static boolean isGone(DynamicBroker one, long before, long now) {
    boolean missing = one.namedAt - before < 0;
    if (missing && (!one.missing || now - before > RELEASE_AFTER_NANOS / 2)) {
      one.missingSince = now;
    }
    one.missing = missing;
    return missing && now - one.missingSince >= RELEASE_AFTER_NANOS;
  }

  /** Closes a broker's port; returns false while a client is connected to it. */
  private boolean release(DynamicBroker one) {
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

  /** Opens a port for a broker; returns null if that fails for now, so that it is tried again. */
  private @Nullable DynamicBroker open(int nodeId, HostPort broker, Target target) {
    Routing.Dynamic dynamic = routing.dynamic();
    if (dynamic == null) {
      log.error(
          "listener {}: net address mapping for {} was not found, and dynamic listeners are"
              + " disabled; clients will see this broker as down", // kafka-proxy's words
          listener.name(),
          broker);
      return new DynamicBroker(broker, new Name(listener.advertisedHost(), 0), null);
    }
    Failure before = failures.get(broker);
    if (before != null && nanos.getAsLong() - before.triedAt < RETRY_NANOS) {
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
      return new DynamicBroker(broker, name(dynamic, nodeId, opened), opened);
    } catch (IOException e) {
      failed(broker, before, e);
      return null;
    }
  }

  private void failed(HostPort broker, @Nullable Failure before, IOException why) {
    long now = nanos.getAsLong();
    if (before != null && now - before.loggedAt <= LOG_AGAIN_NANOS) {
      failures.put(broker, new Failure(now, before.loggedAt));
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
    String text = NODE_ID.matcher(template).replaceAll(Integer.toString(nodeId));
    if (text.indexOf(':') < 0) {
      return new Name(text, opened.port());
    }
    HostPort fixed = HostPort.parse(text);
    return new Name(fixed.host(), fixed.port());
  }

  /** The default host to advertise; null for the host the client connected to. */
  private @Nullable String host(HostPort listen) {
    String host = listener.advertisedHost();
    return host != null || listen.isWildcard() ? host : listen.host();
  }
}
