package io.gatehouse.gateway;

import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.gateway.authorize.AclSteps;
import io.gatehouse.gateway.cluster.Cluster;
import io.gatehouse.gateway.cluster.Connector;
import io.gatehouse.gateway.cluster.NodeIds;
import io.gatehouse.gateway.cluster.Routes;
import io.gatehouse.gateway.flow.ListenerBinding;
import io.gatehouse.gateway.flow.Services;
import io.gatehouse.gateway.flow.Session;
import io.gatehouse.gateway.listen.ListenerPipeline;
import io.gatehouse.gateway.metrics.ClusterState;
import io.gatehouse.gateway.metrics.GatewayMetrics;
import io.gatehouse.gateway.net.Acceptor;
import io.gatehouse.gateway.net.Budget;
import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.net.ListeningSocket;
import io.gatehouse.gateway.net.Loops;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.nodes.Advertised;
import io.gatehouse.gateway.nodes.Nodes;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.gateway.settings.DrainSettings;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.GatewaySettings.Traffic;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.tap.Taps;
import io.gatehouse.tls.FileWatch;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TlsContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running data plane.
 *
 * <p>The path of a frame: {@link Acceptor} passes a connection to its {@link ListenerPipeline},
 * whose {@link io.gatehouse.gateway.flow.Session} connects to the broker of its {@link
 * ListenerBinding} through a {@link Connector}; {@link io.gatehouse.gateway.flow.RequestPath} and
 * {@link io.gatehouse.gateway.flow.ResponsePath} forward frames as the {@link
 * io.gatehouse.gateway.plan.Plan} requires.
 *
 * <p>Settings can be replaced while it runs: {@link #apply} builds the next {@link Snapshot} beside
 * the current one, and swaps them if that succeeds.
 */
public final class Gateway implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Gateway.class);

  /** How often files with keys and certificates are checked for changes. */
  private static final Duration FILE_CHECK_INTERVAL = Duration.ofSeconds(5);

  /** How long requests in flight may take when clients are switched to another cluster. */
  private static final DrainSettings SWITCH_DRAIN = DrainSettings.within(Duration.ofMillis(500));

  /** A connection accepted while settings change becomes a session within this time. */
  private static final Duration MIN_DRAIN_WAIT = Duration.ofSeconds(1);

  private final Loops loops;
  private final Acceptor acceptor;
  private final ListeningPorts ports;
  private final FileWatch files;
  private final Pool pool;
  private final Services services;
  private final GatewayMetrics metrics;
  private final SnapshotBuilder.Parts parts;
  private final Drain drain;
  private final Leases others;
  private volatile Snapshot current;

  private Gateway(GatewaySettings settings, Duration fileCheckInterval, GatewayStart start)
      throws GatewayStartException {
    pool = start.pool();
    InheritedSockets inherited = start.inherited();
    others = pool.leases();
    Traffic traffic = settings.traffic();
    warnOfUnknownApis(traffic.rules());
    Budget memory = new Budget(traffic.limits().bufferedBytes());
    loops = new Loops(traffic.sockets().eventLoops(), memory);
    Sockets sockets = new Sockets(loops, traffic.sockets());
    acceptor = new Acceptor(sockets, inherited);
    ports = new ListeningPorts(acceptor, loops);
    files = new FileWatch(fileCheckInterval);
    services =
        new Services(traffic, memory, new AclSteps(start.steps()), start.tenants(), start.acls());
    parts =
        new SnapshotBuilder.Parts(
            sockets, ports, inherited, pool, files, services, new ConcurrentHashMap<>());
    drain = new Drain(loops, () -> settings().drain());
    current = new Snapshot(settings, Map.of(), Map.of(), Map.of(), Map.of(), pool.leases());
    metrics =
        new GatewayMetrics(
            loops.metrics(),
            services.shared().authentications(),
            this::tlsContexts,
            new GatewayMetrics.MemoryGauges(
                memory::reserved,
                services.shared().incomplete()::reserved,
                services.shared().gate().tokens()::reserved),
            this::clusterStates);
    try {
      SnapshotBuilder builder = new SnapshotBuilder(parts, current, settings, start.switched());
      start.switches().forEach(builder::restore);
      current = builder.build();
      builder.commit();
    } catch (GatewayStartException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts listening. Brokers need not be reachable yet.
   *
   * @throws GatewayStartException if a port cannot be opened, keys or certificates cannot be used,
   *     or a plugin process does not start
   */
  public static Gateway start(GatewaySettings settings) throws GatewayStartException {
    return start(settings, FILE_CHECK_INTERVAL, InheritedSockets.none());
  }

  /**
   * Starts with another interval at which files with keys and certificates are checked.
   *
   * @param fileCheckInterval zero for never
   * @throws GatewayStartException see {@link #start(GatewaySettings)}
   */
  public static Gateway start(GatewaySettings settings, Duration fileCheckInterval)
      throws GatewayStartException {
    return start(settings, fileCheckInterval, InheritedSockets.none());
  }

  /**
   * Starts with listening sockets of another process. Nothing is accepted on them before {@link
   * #acceptInherited}, which closes those that the settings do not use.
   *
   * @throws GatewayStartException see {@link #start(GatewaySettings)}
   */
  public static Gateway start(
      GatewaySettings settings, Duration fileCheckInterval, InheritedSockets inherited)
      throws GatewayStartException {
    return start(settings, fileCheckInterval, inherited, Steps.NONE);
  }

  /** Starts with steps for requests and responses; see {@link #start(GatewaySettings)}. */
  public static Gateway start(
      GatewaySettings settings, Duration fileCheckInterval, InheritedSockets inherited, Steps steps)
      throws GatewayStartException {
    return start(settings, fileCheckInterval, GatewayStart.with(inherited, steps));
  }

  /** Starts with all that others have prepared; see {@link #start(GatewaySettings)}. */
  public static Gateway start(
      GatewaySettings settings, Duration fileCheckInterval, GatewayStart start)
      throws GatewayStartException {
    return new Gateway(settings, fileCheckInterval, start);
  }

  /**
   * Replaces the settings. Rules, limits and timeouts apply from the next request of each session.
   * Listeners and clusters with equal settings keep their sockets, caches and connections. Sessions
   * of removed listeners, and those whose listener now authenticates clients differently, finish
   * requests in flight and end as in a {@link #drain}. Blocks while resources are opened.
   *
   * @return what has changed, and what only a restart can change
   * @throws GatewayStartException if the settings cannot be used or the gateway is about to end;
   *     nothing has changed then
   */
  public synchronized ApplyResult apply(GatewaySettings wanted) throws GatewayStartException {
    List<String> needRestart = new ArrayList<>();
    GatewaySettings settings = keepRestartOnly(wanted, needRestart);
    List<String> changes = SettingsDiff.between(settings(), settings);
    GatewaySettings before = settings();
    replace(settings, current.switches(), settings.drain());
    if (!settings.tenancy().equals(before.tenancy())) {
      services.renewPlans();
    }
    if (settings.traffic().rules().unknown() != before.traffic().rules().unknown()) {
      warnOfUnknownApis(settings.traffic().rules());
    }
    return new ApplyResult(changes, needRestart);
  }

  private void replace(
      GatewaySettings settings, Map<String, String> switches, DrainSettings draining)
      throws GatewayStartException {
    if (drain.isRequested() || ports.isOffered()) {
      throw new GatewayStartException(List.of("the gateway is about to end, or to be replaced"));
    }
    Snapshot before = current;
    SnapshotBuilder builder = new SnapshotBuilder(parts, before, settings, switches);
    Snapshot next = builder.build();
    current = next;
    services.apply(settings.traffic());
    builder.commit();
    Drain old = new Drain(loops, () -> draining, notKept(next), MIN_DRAIN_WAIT);
    old.begin(Duration.ZERO, () -> {})
        .thenRunAsync(() -> before.closeExcept(next), task -> Thread.ofVirtual().start(task));
  }

  /** The clusters whose clients can be switched to another cluster. */
  public List<FailoverState> failovers() {
    Snapshot now = current;
    List<FailoverState> all = new ArrayList<>();
    now.settings()
        .upstreams()
        .forEach((name, upstream) -> {
          String failover = upstream.failoverTo();
          if (failover != null) {
            all.add(new FailoverState(name, failover, now.switches().getOrDefault(name, name)));
          }
        });
    return List.copyOf(all);
  }

  /**
   * Assigns the node ids by which clients know the brokers of the failover cluster, as far as these
   * are known.
   *
   * @param assigned the brokers' own ids, by the clients' ids, that another node has assigned
   * @return those in force, which other nodes must use too
   */
  public Map<Integer, Integer> assignNodeIds(String cluster, Map<Integer, Integer> assigned) {
    Cluster failover =
        Objects.requireNonNull(current.upstreams().get(state(cluster).failover())).cluster();
    failover.restoreIds(assigned);
    failover.use();
    return failover.ids().assigned();
  }

  private NodeIds ids(String cluster) {
    return Objects.requireNonNull(current.upstreams().get(cluster)).cluster().ids();
  }

  private FailoverState state(String cluster) {
    return failovers().stream()
        .filter(one -> one.cluster().equals(cluster))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Directs the clients of a cluster to its failover cluster, or back. Connections to the other
   * cluster are closed once their requests are answered, after two seconds at the latest; clients
   * connect again to the same addresses.
   *
   * @param cluster a cluster with a failover cluster, see {@link #failovers}
   * @param to one of the two
   * @return false if they are directed there already
   * @throws GatewayStartException if the gateway is about to end, or cannot switch; nothing has
   *     changed then
   */
  public synchronized boolean switchTo(String cluster, String to) throws GatewayStartException {
    FailoverState state = state(cluster);
    return switchTo(
        cluster, to, 1 + Math.max(ids(cluster).switches(), ids(state.failover()).switches()));
  }

  /** The same, with the number of this switch that all gateway nodes have agreed on. */
  public synchronized boolean switchTo(String cluster, String to, int number)
      throws GatewayStartException {
    FailoverState state = state(cluster);
    if (state.active().equals(to)) {
      if (ids(to).onSwitched(number)) { // this node has missed switches away and back
        services.renewPlans();
      }
      return false;
    }
    Map<String, String> switches = new HashMap<>(current.switches());
    if (to.equals(cluster)) {
      switches.remove(cluster);
    } else if (to.equals(state.failover())) {
      switches.put(cluster, to);
    } else {
      throw new IllegalArgumentException(to + " is not the failover cluster of " + cluster);
    }
    var _ = ids(to).onSwitched(number);
    Objects.requireNonNull(current.upstreams().get(to)).cluster().switchTo();
    replace(settings(), switches, SWITCH_DRAIN);
    log.info("clients of the cluster {} are directed to the cluster {} from now on", cluster, to);
    return true;
  }

  /** Matches sessions that a snapshot does not keep, as long as it is the current one. */
  @SuppressWarnings("ReferenceEquality") // an earlier snapshot may be equal
  private Predicate<Session> notKept(Snapshot next) {
    // sessions share their bindings, so each is compared only once
    Map<ListenerBinding, Boolean> known = Collections.synchronizedMap(new IdentityHashMap<>());
    return session ->
        known.computeIfAbsent(session.binding(), at -> current == next && !next.keeps(at));
  }

  /** Returns the wanted settings with the current values of those that need a restart. */
  private GatewaySettings keepRestartOnly(GatewaySettings wanted, List<String> needRestart) {
    Traffic now = settings().traffic();
    Traffic other = wanted.traffic();
    if (!other.sockets().equals(now.sockets())) {
      needRestart.add("sockets");
    }
    if (other.limits().bufferedBytes() != now.limits().bufferedBytes()) {
      needRestart.add("limits.buffered");
    }
    return wanted.with(
        new Traffic(
            other.limits().withBufferedBytes(now.limits().bufferedBytes()),
            other.timeouts(),
            now.sockets(),
            other.rules(),
            other.logins()));
  }

  private static void warnOfUnknownApis(ApiRules rules) {
    if (rules.unknown() == ApiRules.Unknown.RELAY) {
      log.warn(
          "apis that this gateway does not know are relayed unseen, including any broker addresses"
              + " in them (rules.unknownApis: relay)");
    }
  }

  /** The bootstrap address of each listener, with the actual port. */
  public List<HostPort> bootstrap() {
    return current.listeners().values().stream().map(RunningListener::bootstrap).toList();
  }

  /** The bootstrap address of each listener as clients use it: advertised, without wildcards. */
  public List<HostPort> bootstrapForClients() {
    Snapshot now = current;
    List<HostPort> all = new ArrayList<>();
    for (ListenerSettings listener : now.settings().listeners()) {
      all.add(Routes.forClients(listener, now.listener(listener.name()).bootstrap()));
    }
    return List.copyOf(all);
  }

  /** The addresses that other gateway nodes may tell their clients, by listener. */
  public Map<String, Advertised> published() {
    Map<String, Advertised> all = new HashMap<>();
    current.listeners().forEach((name, listener) -> all.put(name, listener.published()));
    return Map.copyOf(all);
  }

  /** Balances clients over these gateway nodes, from the next response to each client on. */
  public synchronized void balance(Nodes nodes) {
    Set<String> before = services.nodes().externallyBalanced();
    services.apply(nodes);
    for (String listener : nodes.externallyBalanced()) {
      if (!before.contains(listener)) {
        log.info(
            "listener {}: all gateway nodes advertise the same address, so an external load"
                + " balancer is assumed and clients are not spread over the nodes by metadata",
            listener);
      }
    }
  }

  /**
   * Lets clients find out anew where they belong, with their next request. Call it when the answers
   * of {@link io.gatehouse.gateway.tenant.Tenants} have changed.
   */
  public void renewPlans() {
    services.renewPlans();
  }

  /** The current health. Any thread. */
  public Health health() {
    return new Health(drain.isRequested(), clusterStates(), services.shared().connections().open());
  }

  private List<ClusterState> clusterStates() {
    Snapshot now = current;
    return now.upstreams().values().stream()
        .map(one -> one.watch().state(one.name(), now.isUsed(one.name())))
        .toList();
  }

  /** The longest time since an event loop's last tick; more than a second means it is blocked. */
  public Duration maxTimeSinceTick() {
    return loops.maxTimeSinceTick();
  }

  /** The metrics, to be registered for scrapes. */
  public GatewayMetrics metrics() {
    return metrics;
  }

  /** The taps, which show requests and responses to operators. */
  public Taps taps() {
    return services.shared().taps();
  }

  /** Access to what the settings share, such as a store. Ends with the gateway at the latest. */
  public Leases leases() {
    return pool.leases();
  }

  /**
   * A TLS context beside those of listeners and clusters. It follows its files and has the same
   * metrics, and is closed with the gateway.
   *
   * @param name for logs and metrics
   * @throws SourceException when the files cannot be used
   */
  public TlsContext tls(String name, ServerTls settings) throws SourceException {
    return others.get(new Tls(name, settings, files));
  }

  private List<TlsContext> tlsContexts() {
    List<TlsContext> all = new ArrayList<>(current.contexts());
    all.addAll(others.all(TlsContext.class));
    return all;
  }

  /** Number of open accounts, mechanisms, plugin processes and TLS contexts. For tests. */
  int openResources() {
    return pool.size();
  }

  /**
   * Stops accepting, lets requests in flight finish and closes the connections according to {@link
   * io.gatehouse.gateway.settings.DrainSettings}. The future completes when no connection is left,
   * at the latest shortly after the delay and the drain time.
   */
  public CompletableFuture<Void> drain() {
    return drain.begin(settings().drain().delay(), ports::stop);
  }

  /** Begins to accept on inherited sockets, and closes those that no listener uses. */
  public void acceptInherited() {
    parts.inherited().close();
    acceptor.acceptInherited();
  }

  /**
   * Returns the listening sockets for another process. No port is opened until {@link
   * #withdrawSockets}, so a broker that is first seen meanwhile appears down to clients.
   */
  public synchronized List<ListeningSocket> offerSockets() {
    ports.setOffered(true);
    return ports.open();
  }

  /** Stops accepting; the sockets stay open and connections wait in their backlog. */
  public void stopAccepting() {
    ports.setAccepting(false);
  }

  /**
   * Drains connections as {@link #drain} does, but without delay, and leaves the sockets open for
   * the process that accepts on them now. {@link #resume} cancels it.
   */
  public CompletableFuture<Void> retire() {
    return drain.begin(Duration.ZERO, () -> {});
  }

  /** Ends {@link #offerSockets} after the other process has failed: ports may be opened again. */
  public synchronized void withdrawSockets() {
    ports.setOffered(false);
  }

  /** Cancels {@link #retire} and accepts again, after the other process has failed. */
  public void resume() {
    drain.cancel();
    ports.setOffered(false);
    ports.setAccepting(true);
  }

  /** Closes all ports and connections at once. */
  @Override
  public void close() {
    taps().closeAll();
    Snapshot last = current;
    last.upstreams().values().forEach(one -> one.watch().close());
    ports.stop();
    loops.close();
    pool.close();
    files.close();
  }

  /** The settings in force. */
  public GatewaySettings settings() {
    return current.settings();
  }
}
