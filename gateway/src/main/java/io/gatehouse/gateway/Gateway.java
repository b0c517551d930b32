package io.gatehouse.gateway;

import io.gatehouse.gateway.metrics.GatewayMetrics;
import io.gatehouse.gateway.net.Acceptor;
import io.gatehouse.gateway.net.Dialer;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Loops;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.route.AddressBook;
import io.gatehouse.gateway.route.Cluster;
import io.gatehouse.gateway.route.ClusterWatch;
import io.gatehouse.gateway.route.Routes;
import io.gatehouse.gateway.route.Target;
import io.gatehouse.gateway.session.ClientSide;
import io.gatehouse.gateway.session.Entrance;
import io.gatehouse.gateway.session.Services;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A running data plane.
 *
 * <p>The way of a frame: {@link Acceptor} hands a connection to {@link ClientSide}, whose {@link
 * io.gatehouse.gateway.session.Session} dials the broker that the {@link Entrance} leads to; {@link
 * io.gatehouse.gateway.session.RequestPath} and {@link io.gatehouse.gateway.session.ResponsePath}
 * forward frames as the {@link Plan} says.
 */
public final class Gateway implements AutoCloseable {

  private final GatewaySettings settings;
  private final Loops loops;
  private final Acceptor acceptor;
  private final Cluster cluster;
  private final ClusterWatch watch;
  private final Services services;
  private final GatewayMetrics metrics;
  private final List<Acceptor.Port> ports = new CopyOnWriteArrayList<>();
  private final List<HostPort> bootstrap = new ArrayList<>();
  private final Drain drain;

  private Gateway(GatewaySettings settings) {
    this.settings = settings;
    var traffic = settings.traffic();
    loops = new Loops(traffic.sockets().eventLoops(), traffic.limits().bufferedBytes());
    Sockets sockets = new Sockets(loops, traffic.sockets());
    acceptor = new Acceptor(sockets);
    Dialer dialer = new Dialer(sockets, settings.upstream().dial(), traffic.timeouts().connect());
    cluster =
        new Cluster(
            settings.upstream().bootstrapServers(), traffic.timeouts().connect().toMillis());
    watch = new ClusterWatch(cluster, dialer, loops.next(), settings.upstream());
    services =
        new Services(
            new Plan(traffic.rules()),
            dialer,
            traffic.limits(),
            traffic.timeouts(),
            Services.Shared.of(traffic.limits()));
    metrics = new GatewayMetrics(loops.metrics());
    drain = new Drain(loops, settings.drain());
  }

  /**
   * Starts listening. Brokers need not be reachable yet.
   *
   * @throws GatewayStartException when a port cannot be opened
   */
  public static Gateway start(GatewaySettings settings) throws GatewayStartException {
    Gateway gateway = new Gateway(settings);
    try {
      for (ListenerSettings listener : settings.listeners()) {
        gateway.bootstrap.add(
            Routes.open(
                listener,
                gateway.cluster,
                (address, target, addresses) ->
                    gateway.listen(listener.name(), address, target, addresses)));
      }
    } catch (IOException e) {
      gateway.close();
      throw new GatewayStartException(e);
    }
    gateway.watch.start();
    return gateway;
  }

  private HostPort listen(String name, HostPort address, Target target, AddressBook addresses)
      throws IOException {
    Entrance entrance = new Entrance(name, target, addresses);
    Loop acceptorLoop = loops.current().orElseGet(loops::next);
    Acceptor.Port port =
        acceptor.listen(
            address,
            acceptorLoop,
            (loop, channel) ->
                channel.pipeline().addLast(new ClientSide(services, entrance, loop)));
    ports.add(port);
    if (drain.isRequested()) {
      port.close();
    }
    return address.withPort(port.address().port());
  }

  /** Where clients bootstrap, one address per listener, with the ports really in use. */
  public List<HostPort> bootstrap() {
    return List.copyOf(bootstrap);
  }

  public Health health() {
    return new Health(
        drain.isRequested(),
        watch.failure(),
        cluster.isKnown(),
        cluster.brokers().size(),
        services.shared().connections().open());
  }

  public GatewayMetrics metrics() {
    return metrics;
  }

  /**
   * Stops accepting, lets what is in flight finish and closes the connections spread over the drain
   * time. The future completes when none is left, at the latest shortly after the drain time.
   */
  public CompletableFuture<Void> drain() {
    ports.forEach(Acceptor.Port::close);
    return drain.begin();
  }

  /** Ends everything at once. */
  @Override
  public void close() {
    watch.close();
    ports.forEach(Acceptor.Port::close);
    loops.close();
  }

  public GatewaySettings settings() {
    return settings;
  }
}
