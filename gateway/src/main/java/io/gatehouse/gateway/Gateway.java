package io.gatehouse.gateway;

import io.gatehouse.gateway.link.Connector;
import io.gatehouse.gateway.listen.Door;
import io.gatehouse.gateway.listen.ServerNames;
import io.gatehouse.gateway.metrics.GatewayMetrics;
import io.gatehouse.gateway.net.Acceptor;
import io.gatehouse.gateway.net.Dialer;
import io.gatehouse.gateway.net.ForwardProxies;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Loops;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.route.Cluster;
import io.gatehouse.gateway.route.ClusterWatch;
import io.gatehouse.gateway.route.Routes;
import io.gatehouse.gateway.route.SniNames;
import io.gatehouse.gateway.route.Upstream;
import io.gatehouse.gateway.session.Entrance;
import io.gatehouse.gateway.session.Services;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.ForwardProxy;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.identity.tls.TlsConfigException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A running data plane.
 *
 * <p>The way of a frame: {@link Acceptor} hands a connection to its {@link Door}, whose {@link
 * io.gatehouse.gateway.session.Session} calls the broker that the {@link Entrance} leads to by its
 * {@link Connector}; {@link io.gatehouse.gateway.session.RequestPath} and {@link
 * io.gatehouse.gateway.session.ResponsePath} forward frames as the {@link Plan} says.
 */
public final class Gateway implements AutoCloseable {

  /** How often files with keys and certificates are looked at. */
  private static final Duration LOOK_AT_FILES = Duration.ofSeconds(5);

  private final GatewaySettings settings;
  private final Loops loops;
  private final Acceptor acceptor;
  private final Tls tls;
  private final Map<String, Upstream> upstreams = new LinkedHashMap<>();
  private final Services services;
  private final GatewayMetrics metrics;
  private final Map<HostPort, ServerNames> serverNames = new HashMap<>();
  private final List<Acceptor.Port> ports = new CopyOnWriteArrayList<>();
  private final List<HostPort> bootstrap = new ArrayList<>();
  private final Drain drain;

  /** Whether ports are closed, and those that are opened for new brokers have to be. */
  private volatile boolean stopped;

  private Gateway(GatewaySettings settings, Tls tls) {
    this.settings = settings;
    this.tls = tls;
    var traffic = settings.traffic();
    loops = new Loops(traffic.sockets().eventLoops(), traffic.limits().bufferedBytes());
    Sockets sockets = new Sockets(loops, traffic.sockets());
    acceptor = new Acceptor(sockets);
    settings.upstreams().forEach((name, one) -> upstreams.put(name, upstream(name, one, sockets)));
    services =
        new Services(
            new Plan(traffic.rules()),
            traffic.limits(),
            traffic.timeouts(),
            Services.Shared.of(traffic.limits(), traffic.logins()));
    metrics =
        new GatewayMetrics(loops.metrics(), services.shared().authentications(), tls.contexts());
    drain = new Drain(loops, settings.drain(), this::stopListening);
  }

  private Upstream upstream(String name, UpstreamSettings to, Sockets sockets) {
    Duration patience = settings.traffic().timeouts().connect();
    Dialer dialer = new Dialer(sockets, to.dial(), forwardProxy(name, to), patience);
    Connector connector = new Connector(to, dialer, tls.upstream(name), patience);
    Cluster cluster = new Cluster(to.bootstrapServers(), patience.toMillis());
    boolean saslEndsHere =
        settings.listeners().stream()
            .map(ListenerSettings::entry)
            .anyMatch(entry ->
                entry.cluster().equals(name)
                    && entry.authentication() instanceof Authentication.Sasl);
    ClusterWatch watch = new ClusterWatch(cluster, connector, loops.next(), saslEndsHere);
    return new Upstream(name, cluster, connector, watch);
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
    return start(settings, LOOK_AT_FILES);
  }

  /**
   * The same with another interval at which files with keys and certificates are looked at.
   *
   * @param lookAtFiles zero for never
   * @throws GatewayStartException as above
   */
  public static Gateway start(GatewaySettings settings, Duration lookAtFiles)
      throws GatewayStartException {
    Tls tls;
    try {
      tls = Tls.load(settings, lookAtFiles);
    } catch (TlsConfigException e) {
      throw new GatewayStartException(e);
    }
    Gateway gateway;
    try {
      gateway = new Gateway(settings, tls);
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
    return Routes.open(
        listener,
        upstream.cluster(),
        (address, target, addresses) -> {
          Entrance entrance =
              new Entrance(
                  listener.name(), upstream, target, addresses, listener.entry().authentication());
          return addresses instanceof SniNames names
              ? listenByName(listener, address, entrance, names)
              : listen(
                  address,
                  Door.to(entrance, listener.entry(), tls.listener(listener.name()), services));
        });
  }

  /** Listeners that route by name may share a port; the settings see to it that they can. */
  private HostPort listenByName(
      ListenerSettings listener, HostPort address, Entrance entrance, SniNames names)
      throws IOException {
    ServerNames known = serverNames.get(address);
    ServerNames all = known == null ? new ServerNames() : known;
    all.add(names, entrance, Objects.requireNonNull(tls.listener(listener.name())));
    if (known != null) {
      return address;
    }
    serverNames.put(address, all);
    return listen(address, Door.byName(all, entrance, listener.entry(), services));
  }

  private HostPort listen(HostPort address, Door door) throws IOException {
    Loop acceptorLoop = loops.current().orElseGet(loops::next);
    Acceptor.Port port = acceptor.listen(address, acceptorLoop, door);
    ports.add(port);
    if (stopped) {
      port.close();
    }
    return address.withPort(port.address().port());
  }

  /** Where clients bootstrap, one address per listener, with the ports really in use. */
  public List<HostPort> bootstrap() {
    return List.copyOf(bootstrap);
  }

  public Health health() {
    String failure = null;
    boolean known = true;
    int brokers = 0;
    for (Upstream upstream : upstreams.values()) {
      failure = failure == null ? upstream.watch().failure() : failure;
      known &= upstream.cluster().isKnown();
      brokers += upstream.cluster().brokers().size();
    }
    return new Health(
        drain.isRequested(), failure, known, brokers, services.shared().connections().open());
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
    return drain.begin();
  }

  private void stopListening() {
    stopped = true;
    ports.forEach(Acceptor.Port::close);
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
