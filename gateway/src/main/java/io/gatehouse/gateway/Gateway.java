package io.gatehouse.gateway;

import io.gatehouse.auth.pool.Pool;
import io.gatehouse.gateway.cluster.Connector;
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
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.GatewaySettings.Traffic;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.tap.Taps;
import io.gatehouse.tls.FileWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running data plane.
 *
 * <p>The way of a frame: {@link Acceptor} hands a connection to its {@link ListenerPipeline}, whose
 * {@link io.gatehouse.gateway.flow.Session} calls the broker that the {@link ListenerBinding} leads
 * to by its {@link Connector}; {@link io.gatehouse.gateway.flow.RequestPath} and {@link
 * io.gatehouse.gateway.flow.ResponsePath} forward frames as the {@link
 * io.gatehouse.gateway.plan.Plan} says.
 *
 * <p>Settings can be replaced while it runs: {@link #apply} builds the next {@link Snapshot} beside
 * the one in force, and puts it in its place if nothing is wrong with it.
 */
public final class Gateway implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Gateway.class);

  /** How often files with keys and certificates are looked at. */
  private static final Duration FILE_CHECK_INTERVAL = Duration.ofSeconds(5);

  /** Connections that are accepted while settings change are found after this long. */
  private static final Duration MIN_DRAIN_WAIT = Duration.ofSeconds(1);

  private final Loops loops;
  private final Acceptor acceptor;
  private final ListeningPorts ports;
  private final FileWatch files;
  private final Pool pool = new Pool();
  private final Services services;
  private final GatewayMetrics metrics;
  private final SnapshotBuilder.Parts parts;
  private final Drain drain;
  private volatile Snapshot current;

  private Gateway(
      GatewaySettings settings, Duration fileCheckInterval, InheritedSockets inherited, Steps steps)
      throws GatewayStartException {
    Traffic traffic = settings.traffic();
    warnOfUnknownApis(traffic.rules());
    Budget memory = new Budget(traffic.limits().bufferedBytes());
    loops = new Loops(traffic.sockets().eventLoops(), memory);
    Sockets sockets = new Sockets(loops, traffic.sockets());
    acceptor = new Acceptor(sockets, inherited);
    ports = new ListeningPorts(acceptor, loops);
    files = new FileWatch(fileCheckInterval);
    services = new Services(traffic, memory, steps);
    parts = new SnapshotBuilder.Parts(sockets, ports, inherited, pool, files, services);
    drain = new Drain(loops, () -> settings().drain());
    current = new Snapshot(settings, Map.of(), Map.of(), Map.of(), pool.leases());
    metrics =
        new GatewayMetrics(
            loops.metrics(),
            services.shared().authentications(),
            () -> current.contexts(),
            new GatewayMetrics.MemoryGauges(
                memory::reserved,
                services.shared().incomplete()::reserved,
                services.shared().gate().tokens()::reserved),
            this::clusterStates);
    try {
      SnapshotBuilder builder = new SnapshotBuilder(parts, current, settings);
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
   * @throws GatewayStartException when a port cannot be openResources, keys and certificates cannot
   *     be used, or a program does not start
   */
  public static Gateway start(GatewaySettings settings) throws GatewayStartException {
    return start(settings, FILE_CHECK_INTERVAL, InheritedSockets.none());
  }

  /**
   * The same with another interval at which files with keys and certificates are looked at.
   *
   * @param fileCheckInterval zero for never
   * @throws GatewayStartException as above
   */
  public static Gateway start(GatewaySettings settings, Duration fileCheckInterval)
      throws GatewayStartException {
    return start(settings, fileCheckInterval, InheritedSockets.none());
  }

  /**
   * The same with listening sockets of another process, at which nothing is accepted before {@link
   * #acceptInherited}. Those that the settings have no use for are closed then.
   *
   * @throws GatewayStartException as above
   */
  public static Gateway start(
      GatewaySettings settings, Duration fileCheckInterval, InheritedSockets inherited)
      throws GatewayStartException {
    return start(settings, fileCheckInterval, inherited, Steps.NONE);
  }

  /**
   * The same with steps that decide upon requests and responses.
   *
   * @throws GatewayStartException as above
   */
  public static Gateway start(
      GatewaySettings settings, Duration fileCheckInterval, InheritedSockets inherited, Steps steps)
      throws GatewayStartException {
    return new Gateway(settings, fileCheckInterval, inherited, steps);
  }

  /**
   * Puts other settings in force. Rules, limits and timeouts hold from the next request of each
   * session on. Listeners and clusters with equal settings stay as they are, sockets, caches and
   * connections included. Sessions of those that are gone, or that would be let in by other means
   * now, finish what is in flight and end as in a {@link #drain}. Blocks while things are
   * openResources.
   *
   * @return what is other than before, and what only a restart can change
   * @throws GatewayStartException when anything of it cannot be used, or the gateway is about to
   *     end: all stays as it was
   */
  public synchronized ApplyResult apply(GatewaySettings wanted) throws GatewayStartException {
    if (drain.isRequested() || ports.isOffered()) {
      throw new GatewayStartException(List.of("the gateway is about to end, or to be replaced"));
    }
    Snapshot before = current;
    List<String> needRestart = new ArrayList<>();
    GatewaySettings settings = keepRestartOnly(wanted, needRestart);
    List<String> changes = SettingsDiff.between(before.settings(), settings);
    SnapshotBuilder builder = new SnapshotBuilder(parts, before, settings);
    Snapshot next = builder.build();
    if (settings.traffic().rules().unknown() != before.settings().traffic().rules().unknown()) {
      warnOfUnknownApis(settings.traffic().rules());
    }
    current = next;
    services.apply(settings.traffic());
    builder.commit();
    Drain old = new Drain(loops, settings::drain, notKept(next), MIN_DRAIN_WAIT);
    old.begin(Duration.ZERO, () -> {})
        .thenRunAsync(() -> before.closeExcept(next), task -> Thread.ofVirtual().start(task));
    return new ApplyResult(changes, needRestart);
  }

  /** Tells the sessions that may not go on by a snapshot, as long as no later one is in force. */
  @SuppressWarnings("ReferenceEquality") // one that was in force before may be equal
  private Predicate<Session> notKept(Snapshot next) {
    // Sessions share their bindings, and comparing settings takes a while.
    Map<ListenerBinding, Boolean> known = Collections.synchronizedMap(new IdentityHashMap<>());
    return session ->
        known.computeIfAbsent(
            ListenerBinding.of(session), at -> current == next && !next.keeps(at));
  }

  /** The settings with what cannot change as it is. */
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
          "apis that this gateway does not know are relayed unseen, with any broker addresses in"
              + " them (rules.unknownApis: relay)");
    }
  }

  /** Where clients bootstrap, one address per listener, with the ports really in use. */
  public List<HostPort> bootstrap() {
    return current.listeners().values().stream().map(RunningListener::bootstrap).toList();
  }

  /** The same as clients have to say it: advertised hosts and ports, and no wildcards. */
  public List<HostPort> bootstrapForClients() {
    Snapshot now = current;
    List<HostPort> all = new ArrayList<>();
    for (ListenerSettings listener : now.settings().listeners()) {
      all.add(Routes.forClients(listener, now.listener(listener.name()).bootstrap()));
    }
    return List.copyOf(all);
  }

  public Health health() {
    return new Health(drain.isRequested(), clusterStates(), services.shared().connections().open());
  }

  private List<ClusterState> clusterStates() {
    return current.upstreams().values().stream().map(one -> one.watch().state(one.name())).toList();
  }

  /**
   * How long ago the event loop ticked that did not for the longest; more than a second is late.
   */
  public Duration maxTimeSinceTick() {
    return loops.maxTimeSinceTick();
  }

  public GatewayMetrics metrics() {
    return metrics;
  }

  /** Shows requests and responses while they pass. */
  public Taps taps() {
    return services.shared().taps();
  }

  /** How many accounts, mechanisms, programs and TLS contexts are open for the settings. */
  int openResources() {
    return pool.size();
  }

  /**
   * Stops accepting, lets what is in flight finish and closes the connections as {@link
   * io.gatehouse.gateway.settings.DrainSettings} says. The future completes when none is left, at
   * the latest shortly after the delay and the drain time.
   */
  public CompletableFuture<Void> drain() {
    return drain.begin(settings().drain().delay(), ports::stop);
  }

  /** Accepts at the ports that were inherited, and closes those that there is no use for. */
  public void acceptInherited() {
    parts.inherited().close();
    acceptor.acceptInherited();
  }

  /**
   * What it listens on, for another process. Until {@link #withdrawSockets} no further port is
   * openResources: brokers that are seen for the first time are down for clients, as they are for a
   * moment when they are new.
   */
  public synchronized List<ListeningSocket> offerSockets() {
    ports.setOffered(true);
    return ports.open();
  }

  /** Accepts nothing any more; connections wait in the sockets, which stay open. */
  public void stopAccepting() {
    ports.setAccepting(false);
  }

  /**
   * Ends the connections as {@link #drain} does, without delay and with the sockets left open, for
   * the process that accepts at them now. Is cancelled by {@link #resume}.
   */
  public CompletableFuture<Void> retire() {
    return drain.begin(Duration.ZERO, () -> {});
  }

  /** The other process did not come so far: ports may be openResources again. */
  public synchronized void withdrawSockets() {
    ports.setOffered(false);
  }

  /** Accepts again, as before {@link #stopAccepting}. */
  public void resume() {
    drain.cancel();
    ports.setOffered(false);
    ports.setAccepting(true);
  }

  /** Ends everything at once. */
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

  public GatewaySettings settings() {
    return current.settings();
  }
}
