package io.gatehouse.gateway;

import io.gatehouse.gateway.link.Connector;
import io.gatehouse.gateway.listen.ListenerPipeline;
import io.gatehouse.gateway.listen.ServerNames;
import io.gatehouse.gateway.metrics.ClusterState;
import io.gatehouse.gateway.metrics.GatewayMetrics;
import io.gatehouse.gateway.net.Acceptor;
import io.gatehouse.gateway.net.Budget;
import io.gatehouse.gateway.net.Destinations;
import io.gatehouse.gateway.net.Dialer;
import io.gatehouse.gateway.net.ForwardProxies;
import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.net.ListeningSocket;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Loops;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.plan.Plans;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.route.AddressBook;
import io.gatehouse.gateway.route.Cluster;
import io.gatehouse.gateway.route.ClusterWatch;
import io.gatehouse.gateway.route.Ports;
import io.gatehouse.gateway.route.Routes;
import io.gatehouse.gateway.route.SniNames;
import io.gatehouse.gateway.route.Target;
import io.gatehouse.gateway.route.Upstream;
import io.gatehouse.gateway.session.ListenerBinding;
import io.gatehouse.gateway.session.Services;
import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.ForwardProxy;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.tls.TlsConfigException;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running data plane.
 *
 * <p>The way of a frame: {@link Acceptor} hands a connection to its {@link ListenerPipeline}, whose
 * {@link io.gatehouse.gateway.session.Session} calls the broker that the {@link ListenerBinding}
 * leads to by its {@link Connector}; {@link io.gatehouse.gateway.session.RequestPath} and {@link
 * io.gatehouse.gateway.session.ResponsePath} forward frames as the {@link
 * io.gatehouse.gateway.plan.Plan} says.
 */
public final class Gateway implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Gateway.class);

  /** How often files with keys and certificates are looked at. */
  private static final Duration LOOK_AT_FILES = Duration.ofSeconds(5);

  /** For an event loop to stop accepting: as long as it may be busy. */
  private static final long ACCEPTING_SECONDS = 5;

  private final GatewaySettings settings;
  private final Loops loops;
  private final InheritedSockets inherited;
  private final Acceptor acceptor;
  private final Tls tls;
  private final Map<String, Upstream> upstreams = new LinkedHashMap<>();
  private final Services services;
  private final GatewayMetrics metrics;
  private final Map<HostPort, ServerNames> serverNames = new HashMap<>();
  private final List<Acceptor.Port> ports = new CopyOnWriteArrayList<>();
  private final Map<HostPort, Use> inUse = new ConcurrentHashMap<>();
  private final List<HostPort> bootstrap = new ArrayList<>();
  private final Drain drain;

  /** Whether ports are closed, and those that are opened for new brokers have to be. */
  private volatile boolean stopped;

  /** Whether another process has or will have the listening sockets: then there are no new ones. */
  private volatile boolean offered;

  /**
   * @param clients how many are connected there
   */
  private record Use(Acceptor.Port port, AtomicInteger clients) {}

  private Gateway(GatewaySettings settings, Tls tls, InheritedSockets inherited, Steps steps) {
    this.settings = settings;
    this.tls = tls;
    var traffic = settings.traffic();
    if (traffic.rules().unknown() == ApiRules.Unknown.RELAY) {
      log.warn(
          "apis that this gateway does not know are relayed unseen, with any broker addresses in"
              + " them (rules.unknownApis: relay)");
    }
    Budget memory = new Budget(traffic.limits().bufferedBytes());
    loops = new Loops(traffic.sockets().eventLoops(), memory);
    Sockets sockets = new Sockets(loops, traffic.sockets());
    this.inherited = inherited;
    acceptor = new Acceptor(sockets, inherited);
    settings.upstreams().forEach((name, one) -> upstreams.put(name, upstream(name, one, sockets)));
    services =
        new Services(
            new Plans(traffic.rules(), steps),
            traffic.limits(),
            traffic.timeouts(),
            Services.Shared.of(traffic.limits(), memory, traffic.logins()));
    metrics =
        new GatewayMetrics(
            loops.metrics(),
            services.shared().authentications(),
            tls.contexts(),
            memory::taken,
            this::clusterStates);
    drain = new Drain(loops, settings.drain());
  }

  private Upstream upstream(String name, UpstreamSettings to, Sockets sockets) {
    Duration patience = settings.traffic().timeouts().connect();
    Dialer dialer =
        new Dialer(
            sockets, Destinations.of(name, to, mapped(name)), forwardProxy(name, to), patience);
    Connector connector = new Connector(to, dialer, tls.upstream(name), patience);
    Cluster cluster = new Cluster(to.bootstrapServers(), patience.toMillis());
    ClusterWatch watch = new ClusterWatch(cluster, connector, loops.next(), needs(name, to));
    return new Upstream(name, cluster, connector, watch);
  }

  private ClusterWatch.Needs needs(String name, UpstreamSettings to) {
    List<Authentication> ways =
        settings.listeners().stream()
            .map(ListenerSettings::entry)
            .filter(entry -> entry.cluster().equals(name))
            .map(Entry::authentication)
            .toList();
    boolean saslEndsHere = ways.stream().anyMatch(Authentication.Sasl.class::isInstance);
    // Brokers that clients log in at would refuse a question without a login.
    boolean mayAsk =
        to.access().accounts().own() != null
            || !ways.stream().allMatch(Authentication.Forwarded.class::isInstance);
    return new ClusterWatch.Needs(saslEndsHere, mayAsk);
  }

  /** Brokers that listeners of this cluster name. */
  private List<HostPort> mapped(String cluster) {
    List<HostPort> brokers = new ArrayList<>();
    for (ListenerSettings listener : settings.listeners()) {
      if (listener.entry().cluster().equals(cluster)
          && listener.routing() instanceof Routing.ByAddress named) {
        named.servers().forEach(mapping -> brokers.add(mapping.broker()));
      }
    }
    return brokers;
  }

  private @Nullable ForwardProxies forwardProxy(String name, UpstreamSettings to) {
    ForwardProxy proxy = to.access().forwardProxy();
    return proxy == null ? null : new ForwardProxies(proxy, tls.forwardProxy(name));
  }

  /**
   * Starts listening. Brokers need not be reachable yet.
   *
   * @throws GatewayStartException when a port cannot be opened, or keys and certificates cannot be
   *     used
   */
  public static Gateway start(GatewaySettings settings) throws GatewayStartException {
    return start(settings, LOOK_AT_FILES, InheritedSockets.none());
  }

  /**
   * The same with another interval at which files with keys and certificates are looked at.
   *
   * @param lookAtFiles zero for never
   * @throws GatewayStartException as above
   */
  public static Gateway start(GatewaySettings settings, Duration lookAtFiles)
      throws GatewayStartException {
    return start(settings, lookAtFiles, InheritedSockets.none());
  }

  /**
   * The same with listening sockets of another process, at which nothing is accepted before {@link
   * #acceptInherited}. Those that the settings have no use for are closed then.
   *
   * @throws GatewayStartException as above
   */
  public static Gateway start(
      GatewaySettings settings, Duration lookAtFiles, InheritedSockets inherited)
      throws GatewayStartException {
    return start(settings, lookAtFiles, inherited, Steps.NONE);
  }

  /**
   * The same with steps that decide upon requests and responses.
   *
   * @throws GatewayStartException as above
   */
  public static Gateway start(
      GatewaySettings settings, Duration lookAtFiles, InheritedSockets inherited, Steps steps)
      throws GatewayStartException {
    Tls tls;
    try {
      tls = Tls.load(settings, lookAtFiles);
    } catch (TlsConfigException e) {
      throw new GatewayStartException(e);
    }
    Gateway gateway;
    try {
      gateway = new Gateway(settings, tls, inherited, steps);
    } catch (RuntimeException e) {
      tls.close();
      throw e;
    }
    try {
      for (ListenerSettings listener : settings.listeners()) {
        gateway.bootstrap.add(gateway.open(listener));
      }
      gateway.upstreams.values().forEach(one -> one.watch().start());
      return gateway;
    } catch (IOException e) {
      gateway.close();
      throw new GatewayStartException(e);
    } catch (RuntimeException e) {
      gateway.close();
      throw e;
    }
  }

  private HostPort open(ListenerSettings listener) throws IOException {
    Upstream upstream = Objects.requireNonNull(upstreams.get(listener.entry().cluster()));
    return Routes.open(listener, upstream.cluster(), new PortsOf(listener, upstream));
  }

  /** Opens the ports of a listener. */
  private final class PortsOf implements Ports {

    private final ListenerSettings listener;
    private final Upstream upstream;

    PortsOf(ListenerSettings listener, Upstream upstream) {
      this.listener = listener;
      this.upstream = upstream;
    }

    @Override
    public HostPort open(HostPort address, Target target, AddressBook addresses)
        throws IOException {
      ListenerBinding binding =
          new ListenerBinding(
              listener.name(), upstream, target, addresses, listener.entry().authentication());
      return addresses instanceof SniNames names
          ? listenByName(listener, address, binding, names)
          : listen(
              address,
              binding,
              ListenerPipeline.to(
                  binding, listener.entry(), tls.listener(listener.name()), services));
    }

    @Override
    public Map<Integer, String> inherited() {
      Map<Integer, String> all = new TreeMap<>();
      inherited
          .of(listener.name())
          .forEach(one -> all.put(one.address().getPort(), one.use().target()));
      return all;
    }

    @Override
    public boolean release(HostPort address) {
      return releasePort(address);
    }
  }

  /** Listeners that route by name may share a port; the settings see to it that they can. */
  private HostPort listenByName(
      ListenerSettings listener, HostPort address, ListenerBinding binding, SniNames names)
      throws IOException {
    ServerNames known = serverNames.get(address);
    ServerNames all = known == null ? new ServerNames() : known;
    all.add(names, binding, Objects.requireNonNull(tls.listener(listener.name())));
    if (known != null) {
      return address;
    }
    serverNames.put(address, all);
    return listen(
        address, binding, ListenerPipeline.byName(all, binding, listener.entry(), services));
  }

  private HostPort listen(HostPort address, ListenerBinding binding, ListenerPipeline door)
      throws IOException {
    if (offered) {
      throw new IOException(address + " is not opened while another process takes over");
    }
    Loop acceptorLoop = loops.current().orElseGet(loops::next);
    ListeningSocket.Use use = new ListeningSocket.Use(binding.listener(), binding.target().name());
    AtomicInteger clients = new AtomicInteger();
    Acceptor.Port port =
        acceptor.listen(
            address,
            use,
            acceptorLoop,
            (loop, channel) -> {
              door.accept(loop, channel);
              clients.incrementAndGet();
              channel.closeFuture().addListener(closed -> clients.decrementAndGet());
            });
    ports.add(port);
    if (stopped) {
      port.close();
    }
    HostPort opened = address.withPort(port.address().port());
    inUse.put(opened, new Use(port, clients));
    return opened;
  }

  private boolean releasePort(HostPort opened) {
    if (offered) {
      return false; // its descriptor may be on its way to another process
    }
    Use use = inUse.get(opened);
    if (use == null || use.clients.get() > 0) {
      return use == null;
    }
    inUse.remove(opened);
    ports.remove(use.port);
    use.port.close();
    return true;
  }

  /** Where clients bootstrap, one address per listener, with the ports really in use. */
  public List<HostPort> bootstrap() {
    return List.copyOf(bootstrap);
  }

  /** The same as clients have to say it: advertised hosts and ports, and no wildcards. */
  public List<HostPort> bootstrapForClients() {
    List<HostPort> all = new ArrayList<>();
    for (int i = 0; i < bootstrap.size(); i++) {
      all.add(Routes.forClients(settings.listeners().get(i), bootstrap.get(i)));
    }
    return List.copyOf(all);
  }

  public Health health() {
    return new Health(drain.isRequested(), clusterStates(), services.shared().connections().open());
  }

  private List<ClusterState> clusterStates() {
    return upstreams.values().stream().map(one -> one.watch().state(one.name())).toList();
  }

  /**
   * How long ago the event loop ticked that did not for the longest; more than a second is late.
   */
  public Duration longestSinceTick() {
    return loops.longestSinceTick();
  }

  public GatewayMetrics metrics() {
    return metrics;
  }

  /**
   * Stops accepting, lets what is in flight finish and closes the connections as {@link
   * io.gatehouse.gateway.settings.DrainSettings} says. The future completes when none is left, at
   * the latest shortly after the delay and the drain time.
   */
  public CompletableFuture<Void> drain() {
    return drain.begin(settings.drain().delay(), this::stopListening);
  }

  private void stopListening() {
    stopped = true;
    ports.forEach(Acceptor.Port::close);
  }

  /** Accepts at the ports that were inherited, and closes those that there is no use for. */
  public void acceptInherited() {
    inherited.close();
    acceptor.acceptInherited();
  }

  /**
   * What it listens on, for another process. Until {@link #withdrawSockets} no further port is
   * opened: brokers that are seen for the first time are down for clients, as they are for a moment
   * when they are new.
   */
  public List<ListeningSocket> offerSockets() {
    offered = true;
    return ports.stream().filter(Acceptor.Port::isOpen).map(Acceptor.Port::socket).toList();
  }

  /** Accepts nothing any more; connections wait in the sockets, which stay open. */
  public void stopAccepting() {
    setAccepting(false);
  }

  /**
   * Ends the connections as {@link #drain} does, without delay and with the sockets left open, for
   * the process that accepts at them now. Is cancelled by {@link #takeBack}.
   */
  public CompletableFuture<Void> retire() {
    return drain.begin(Duration.ZERO, () -> {});
  }

  /** The other process did not come so far: ports may be opened again. */
  public void withdrawSockets() {
    offered = false;
  }

  /** Accepts again, as before {@link #stopAccepting}. */
  public void takeBack() {
    drain.cancel();
    offered = false;
    setAccepting(true);
  }

  private void setAccepting(boolean accepting) {
    for (Future<?> done : ports.stream().map(port -> port.setAccepting(accepting)).toList()) {
      done.awaitUninterruptibly(ACCEPTING_SECONDS, TimeUnit.SECONDS);
    }
  }

  /**
   * Ends everything at once. Mechanisms and logins belong to whoever made the settings, and are
   * closed by it afterwards.
   */
  @Override
  public void close() {
    upstreams.values().forEach(Upstream::close);
    ports.forEach(Acceptor.Port::close);
    loops.close();
    tls.close();
  }

  public GatewaySettings settings() {
    return settings;
  }
}
