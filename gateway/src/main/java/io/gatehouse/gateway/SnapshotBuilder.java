package io.gatehouse.gateway;

import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.gateway.cluster.Cluster;
import io.gatehouse.gateway.cluster.ClusterWatch;
import io.gatehouse.gateway.cluster.Connector;
import io.gatehouse.gateway.cluster.NodeIds;
import io.gatehouse.gateway.cluster.Upstream;
import io.gatehouse.gateway.flow.Services;
import io.gatehouse.gateway.listen.ListenerConfig;
import io.gatehouse.gateway.listen.ListenerPipeline;
import io.gatehouse.gateway.listen.ServerNames;
import io.gatehouse.gateway.net.Destinations;
import io.gatehouse.gateway.net.Dialer;
import io.gatehouse.gateway.net.ForwardProxies;
import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.net.ListeningSocket;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.ForwardProxy;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HandshakeExpected;
import io.gatehouse.gateway.settings.HandshakeOffered;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.FileWatch;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TlsContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds the next snapshot beside the current one. {@link #build} may fail and does not change the
 * current snapshot; {@link #commit} cannot fail and puts the new one in force. Blocks, so do not
 * call it on an event loop.
 */
final class SnapshotBuilder {

  private final Parts parts;
  private final Snapshot before;
  private final GatewaySettings wanted;
  private final Map<String, String> switches;
  private final Leases leases;
  private final Map<String, Upstream> upstreams = new LinkedHashMap<>();
  private final Map<String, RunningListener> listeners = new LinkedHashMap<>();
  private final Map<RunningListener, ListenerConfig> kept = new LinkedHashMap<>();
  private final Map<HostPort, List<ServerNames.Group>> groups = new LinkedHashMap<>();
  private final Map<HostPort, ServerNames> names = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * The parts of a gateway that all its snapshots share.
   *
   * @param nodeIds node ids of the clusters that can be switched, by the primary cluster's name
   *     and, after a slash, the failover cluster's
   */
  record Parts(
      Sockets sockets,
      ListeningPorts ports,
      InheritedSockets inherited,
      Pool pool,
      FileWatch files,
      Services services,
      Map<String, NodeIds> nodeIds) {}

  /**
   * @param before the current snapshot; an empty one at the start
   * @param switches see {@link Snapshot}
   */
  SnapshotBuilder(
      Parts parts, Snapshot before, GatewaySettings wanted, Map<String, String> switches) {
    this.parts = parts;
    this.wanted = wanted;
    this.switches = new LinkedHashMap<>(switches);
    this.switches.entrySet().removeIf(one -> !one.getValue().equals(failoverOf(one.getKey())));
    this.before = before;
    this.leases = parts.pool.leases();
  }

  /** Restores a switch of another gateway node, or of this one before its start. */
  void restore(String cluster, GatewayStart.Switch made) {
    String failover = failoverOf(cluster);
    if (failover != null) {
      nodeIds(failover).restore(made.nodeIds());
      if (made.to().equals(cluster) || made.to().equals(failover)) {
        var _ = nodeIds(made.to()).onSwitched(made.number());
      }
    }
  }

  /**
   * Opens all that the settings need and the current snapshot lacks.
   *
   * @throws GatewayStartException with all problems; everything opened is closed again
   */
  Snapshot build() throws GatewayStartException {
    try {
      wanted.upstreams().forEach(this::upstream);
      if (before.upstreams().isEmpty()) {
        switches.values().forEach(this::beginSwitched);
      }
      wanted.listeners().forEach(this::listener);
      if (problems.isEmpty()) {
        openPorts();
      }
    } catch (RuntimeException | Error e) {
      rollBack();
      throw e;
    }
    if (!problems.isEmpty()) {
      rollBack();
      throw new GatewayStartException(problems);
    }
    return new Snapshot(wanted, switches, upstreams, listeners, names, leases);
  }

  /** Puts the new snapshot in force. Clusters that only the old one has still run. */
  void commit() {
    kept.forEach(RunningListener::replace);
    names.forEach((address, all) -> all.replace(groups.getOrDefault(address, List.of())));
    before.listeners().values().stream()
        .filter(one -> !kept.containsKey(one))
        .forEach(RunningListener::close);
    parts.ports.commit();
    for (Upstream upstream : upstreams.values()) {
      List<ListenerSettings> served = listenersOf(upstream.name());
      upstream.connector().allow(namedBrokers(served));
      if (upstream.isSameInstance(before.upstreams().get(upstream.name()))) {
        upstream.watch().setNeeds(needs(upstream.connector().settings(), served));
      } else {
        upstream.watch().start();
      }
    }
  }

  private void rollBack() {
    Set<Object> others = new HashSet<>(listeners.values());
    others.addAll(names.values());
    others.removeAll(before.owners());
    listeners.values().stream().filter(others::contains).forEach(RunningListener::close);
    parts.ports.rollBack(others);
    upstreams.values().stream()
        .filter(one -> !one.isSameInstance(before.upstreams().get(one.name())))
        .forEach(Upstream::close);
    leases.close();
  }

  // ---- clusters ---------------------------------------------------------------------------------

  private void upstream(String name, UpstreamSettings to) {
    Upstream running = before.upstreams().get(name);
    if (running != null
        && running.connector().settings().equals(to)
        && running.cluster().ids() == nodeIds(name)) {
      upstreams.put(name, running);
      return;
    }
    Leases opened = parts.pool.leases();
    try {
      upstreams.put(name, open(name, to, opened));
    } catch (SourceException e) {
      opened.close();
      problems.add(String.valueOf(e.getMessage()));
    }
  }

  /** At the start, consumers may not have noticed yet that they were switched. */
  private void beginSwitched(String cluster) {
    Upstream upstream = upstreams.get(cluster);
    if (upstream != null) {
      upstream.cluster().switchTo();
    }
  }

  private Upstream open(String name, UpstreamSettings to, Leases opened) throws SourceException {
    Access access = to.access();
    ClientTls tls = access.tls();
    HandshakeOffered handshake = access.handshake();
    Source<? extends io.gatehouse.auth.login.Login> own = access.accounts().own();
    Connector.Opened live =
        new Connector.Opened(
            tls == null ? null : opened.get(new Tls("cluster " + name, tls, parts.files)),
            handshake == null ? null : opened.get(handshake.tokens()),
            own == null ? null : opened.get(own));
    for (var account : access.accounts().ofClients()) {
      var _ = opened.get(account);
    }
    ForwardProxies proxy = forwardProxy(name, access.forwardProxy(), opened);
    Supplier<Duration> timeout = () -> parts.services.timeouts().connect();
    Dialer dialer = new Dialer(parts.sockets, Destinations.of(name, to), proxy, timeout);
    Connector connector = new Connector(to, dialer, live, timeout);
    Cluster cluster = new Cluster(to.bootstrapServers(), nodeIds(name), timeout);
    ClusterWatch watch =
        new ClusterWatch(
            cluster, connector, parts.sockets.loops().next(), needs(to, listenersOf(name)));
    return new Upstream(name, cluster, connector, watch, opened);
  }

  private @Nullable ForwardProxies forwardProxy(
      String name, @Nullable ForwardProxy proxy, Leases opened) throws SourceException {
    if (proxy == null) {
      return null;
    }
    ClientTls tls = proxy.tls();
    return new ForwardProxies(
        proxy,
        tls == null ? null : opened.get(new Tls("forward proxy of " + name, tls, parts.files)));
  }

  /** The settings of the listeners that lead to a cluster, or can be switched to it. */
  private List<ListenerSettings> listenersOf(String cluster) {
    return wanted.listeners().stream()
        .filter(one -> {
          String named = one.entry().cluster();
          return named.equals(cluster) || cluster.equals(failoverOf(named));
        })
        .toList();
  }

  /** The cluster that clients of a cluster can be switched to, or null. */
  private @Nullable String failoverOf(String cluster) {
    UpstreamSettings settings = wanted.upstreams().get(cluster);
    return settings == null ? null : settings.failoverTo();
  }

  /** The node ids that clients know the brokers of a cluster by. They outlast a reload. */
  private NodeIds nodeIds(String cluster) {
    if (failoverOf(cluster) != null) {
      return parts.nodeIds.computeIfAbsent(cluster, _ -> NodeIds.primary());
    }
    for (String primary : wanted.upstreams().keySet()) {
      if (cluster.equals(failoverOf(primary))) {
        NodeIds theirs = nodeIds(primary);
        return parts.nodeIds.computeIfAbsent(
            primary + "/" + cluster, _ -> theirs.forFailover(lowestNodeId(primary)));
      }
    }
    return NodeIds.OWN;
  }

  private int lowestNodeId(String cluster) {
    return listenersOf(cluster).stream()
        .map(ListenerSettings::routing)
        .mapToInt(one -> one instanceof Routing.ByNodeId byId ? byId.lowestNodeId() : 0)
        .max()
        .orElse(0);
  }

  private static ClusterWatch.Needs needs(UpstreamSettings to, List<ListenerSettings> served) {
    List<Authentication> ways =
        served.stream().map(ListenerSettings::entry).map(Entry::authentication).toList();
    boolean saslEndsHere = ways.stream().anyMatch(Authentication.Sasl.class::isInstance);
    // brokers at which clients authenticate would refuse a request without a login
    boolean mayAsk =
        to.access().accounts().own() != null
            || !ways.stream().allMatch(Authentication.Forwarded.class::isInstance);
    return new ClusterWatch.Needs(saslEndsHere, mayAsk);
  }

  /** Broker addresses in the settings of a cluster's listeners. */
  private static List<HostPort> namedBrokers(List<ListenerSettings> served) {
    List<HostPort> brokers = new ArrayList<>();
    for (ListenerSettings listener : served) {
      if (listener.routing() instanceof Routing.ByAddress named) {
        named.servers().forEach(mapping -> brokers.add(mapping.broker()));
      }
    }
    return brokers;
  }

  // ---- listeners --------------------------------------------------------------------------------

  private void listener(ListenerSettings settings) {
    String cluster = settings.entry().cluster();
    Upstream upstream = upstreams.get(switches.getOrDefault(cluster, cluster));
    ListenerConfig config;
    try {
      if (upstream == null) {
        return; // its problem has been reported
      }
      upstream.cluster().use();
      config = config(settings, upstream);
    } catch (SourceException e) {
      problems.add(String.valueOf(e.getMessage()));
      return;
    }
    RunningListener running = before.listeners().get(settings.name());
    boolean keeps =
        running != null
            && upstream.isSameInstance(running.config().upstream())
            && running.config().settings().sameRouting(settings);
    if (running == null || !keeps) {
      running = new RunningListener(config, parts.ports, parts.inherited, parts.services);
    } else {
      kept.put(running, config);
    }
    listeners.put(settings.name(), running);
  }

  private ListenerConfig config(ListenerSettings settings, Upstream upstream)
      throws SourceException {
    Entry entry = settings.entry();
    ServerTls tls = entry.tls();
    List<SaslMechanism> mechanisms = new ArrayList<>();
    if (entry.authentication() instanceof Authentication.Sasl sasl) {
      for (Source<SaslMechanism> mechanism : sasl.mechanisms()) {
        mechanisms.add(leases.get(mechanism));
      }
    }
    HandshakeExpected handshake = entry.handshake();
    return new ListenerConfig(
        settings,
        upstream,
        tls == null ? null : context(settings, tls),
        List.copyOf(mechanisms),
        handshake == null ? null : leases.get(handshake.tokens()));
  }

  /** Listeners with equal TLS settings share a context, named after the first of them. */
  private TlsContext context(ListenerSettings settings, ServerTls tls) throws SourceException {
    String name =
        listeners.values().stream()
            .map(this::settingsOf)
            .filter(one -> tls.equals(one.entry().tls()))
            .map(ListenerSettings::name)
            .findFirst()
            .orElse(settings.name());
    TlsContext context = leases.get(new Tls("listener " + name, tls, parts.files));
    RunningListener running = before.listeners().get(settings.name());
    if (running == null || running.config().tls() != context) {
      Tls.warnOfMissingNames(settings, context);
    }
    return context;
  }

  private ListenerSettings settingsOf(RunningListener listener) {
    ListenerConfig next = kept.get(listener);
    return (next == null ? listener.config() : next).settings();
  }

  // ---- ports ------------------------------------------------------------------------------------

  private void openPorts() {
    for (RunningListener listener : listeners.values()) {
      HostPort address = sniAddress(settingsOf(listener));
      if (address != null) {
        groups.put(address, new ArrayList<>());
        ServerNames known = before.names().get(address);
        if (known != null) {
          names.put(address, known);
        }
      }
    }
    Set<Object> leaving = before.owners();
    leaving.removeAll(kept.keySet());
    leaving.removeAll(names.values());
    parts.ports.setLeaving(leaving);
    listeners.values().stream().filter(one -> !kept.containsKey(one)).forEach(this::start);
    for (RunningListener listener : listeners.values()) {
      HostPort address = sniAddress(settingsOf(listener));
      ServerNames.Group group = listener.names();
      if (address != null && group != null) {
        groups.computeIfAbsent(address, _ -> new ArrayList<>()).add(group);
      }
    }
    groups.forEach(this::openSniPort);
  }

  private void start(RunningListener listener) {
    try {
      listener.start();
    } catch (IOException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
  }

  /** Opens the port of listeners with SNI routing, which may share it (checked by the settings). */
  private void openSniPort(HostPort address, List<ServerNames.Group> all) {
    if (all.isEmpty()) {
      return; // none of them has started
    }
    ServerNames known = names.get(address);
    int port;
    if (known != null) {
      port = parts.ports.portOf(known);
    } else {
      ServerNames created = new ServerNames(all);
      names.put(address, created);
      ServerNames.Group first = all.getFirst();
      ListeningSocket.Use use =
          new ListeningSocket.Use(
              first.config().get().settings().name(), first.names().bootstrapTarget().name());
      try {
        port =
            parts
                .ports
                .open(
                    address,
                    new ListeningPorts.PortUse(
                        created, use, ListenerPipeline.byName(created, parts.services)))
                .port();
      } catch (IOException e) {
        problems.add(String.valueOf(e.getMessage()));
        return;
      }
    }
    listeners.values().stream()
        .filter(one -> address.equals(sniAddress(settingsOf(one))))
        .forEach(one -> one.setBootstrapPort(port));
  }

  private static @Nullable HostPort sniAddress(ListenerSettings listener) {
    return listener.routing() instanceof Routing.BySni names
        ? new HostPort(listener.bindHost(), names.port().local())
        : null;
  }
}
