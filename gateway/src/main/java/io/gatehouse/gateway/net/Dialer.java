package io.gatehouse.gateway.net;

import io.gatehouse.gateway.settings.HostPort;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects to one of several brokers at one of their addresses. Attempts overlap as in RFC 8305 and
 * the first that connects wins. Brokers and addresses that failed lately are tried last.
 */
public final class Dialer {

  private static final Logger log = LoggerFactory.getLogger(Dialer.class);

  private final Sockets sockets;
  private final Resolver resolver;
  private final Destinations destinations;
  private final @Nullable ForwardProxies proxy;
  private final Supplier<Duration> timeout;
  private final RecentFailures<HostPort> failedBrokers = new RecentFailures<>(System::nanoTime);
  private final RecentFailures<InetSocketAddress> failedAddresses =
      new RecentFailures<>(System::nanoTime);
  private final LogRateLimit logLimit = new LogRateLimit();

  /**
   * @param instead addresses to connect to, by the broker address they replace
   * @param proxy forward proxy to connect through, or null
   * @param timeout for all attempts of one dial together
   */
  public Dialer(
      Sockets sockets,
      Map<HostPort, HostPort> instead,
      @Nullable ForwardProxies proxy,
      Supplier<Duration> timeout) {
    this(sockets, Destinations.unrestricted(instead), proxy, timeout);
  }

  /**
   * @param destinations the addresses that may be connected to
   * @param proxy forward proxy to connect through, or null
   * @param timeout for all attempts of one dial together
   */
  public Dialer(
      Sockets sockets,
      Destinations destinations,
      @Nullable ForwardProxies proxy,
      Supplier<Duration> timeout) {
    this(sockets, new Resolver(), destinations, proxy, timeout);
  }

  Dialer(
      Sockets sockets,
      Resolver resolver,
      Destinations destinations,
      @Nullable ForwardProxies proxy,
      Supplier<Duration> timeout) {
    this.sockets = sockets;
    this.resolver = resolver;
    this.destinations = destinations;
    this.proxy = proxy;
    this.timeout = timeout;
  }

  /** An open connection. Auto-read is off. */
  public record Connection(SocketChannel channel, HostPort broker) {}

  /**
   * Dials on {@code loop}, on which the future completes. It fails with an {@link IOException}
   * whose message names what was tried, or at once with an {@link OutOfDescriptorsException} if no
   * socket can be opened. Cancelling the future closes the attempts in progress.
   *
   * @param brokers tried in this order, except that those that failed lately come last
   */
  public Future<Connection> dial(Loop loop, List<HostPort> brokers) {
    return new Dial(this, loop, failedBrokers.failedLast(brokers)).begin();
  }

  /** Allows brokers that listeners name, see {@link Destinations#allow}. */
  public void allow(Collection<HostPort> brokers) {
    destinations.allow(brokers);
  }

  /**
   * Notes that a connected broker failed later, in TLS or login: dials try others first for a
   * while.
   */
  public void failed(HostPort broker) {
    failedBrokers.add(broker);
  }

  // ---- used by Dial -----------------------------------------------------------------------------

  Duration timeout() {
    return timeout.get();
  }

  /**
   * The name to resolve for a broker: the forward proxy's if there is one, which resolves brokers.
   */
  HostPort lookupTarget(HostPort broker) {
    return proxy == null ? target(broker) : proxy.address();
  }

  /** Resolves the addresses to connect to, see {@link Destinations#resolve}. */
  Future<List<InetSocketAddress>> resolve(HostPort broker, Loop loop) {
    // A forward proxy resolves the broker's name itself, which may exist only in its network.
    return destinations.resolve(
        loop,
        broker,
        () -> resolver.resolve(lookupTarget(broker), loop.eventLoop()),
        proxy != null);
  }

  List<InetSocketAddress> failedLast(List<InetSocketAddress> addresses) {
    return failedAddresses.failedLast(addresses);
  }

  /**
   * Opens a socket that is ready to be connected to {@link #connectTarget}.
   *
   * @throws OutOfDescriptorsException if no socket can be opened
   */
  SocketChannel socket(Loop loop, InetSocketAddress address) throws OutOfDescriptorsException {
    SocketChannel channel;
    try {
      channel = sockets.brokerSocket(loop);
    } catch (RuntimeException e) {
      throw new OutOfDescriptorsException(e.getCause() == null ? e : e.getCause());
    }
    channel.config().setConnectTimeoutMillis(0); // the dial has its own timeout
    if (proxy != null) {
      Sockets.useFirstReads(channel, loop);
      proxy.addHandlers(channel, address);
    }
    return channel;
  }

  /** The address to pass to the socket's connect; unresolved behind a forward proxy. */
  InetSocketAddress connectTarget(HostPort broker, InetSocketAddress address) {
    HostPort target = target(broker);
    return proxy == null
        ? address
        : InetSocketAddress.createUnresolved(target.host(), target.port());
  }

  private HostPort target(HostPort broker) {
    return destinations.target(broker);
  }

  void failed(HostPort broker, InetSocketAddress address) {
    failedBrokers.add(broker);
    failedAddresses.add(address);
  }

  void reached(HostPort broker, InetSocketAddress address) {
    failedBrokers.remove(broker);
    failedAddresses.remove(address);
  }

  /** Logs that other brokers failed before one was reached. */
  void logSkipped(String failures, HostPort reached) {
    int leftOut = logLimit.permit(System.nanoTime());
    if (leftOut >= 0) {
      log.warn(
          "connected to {}, but not to others, which are tried last for a while: {}{}",
          reached,
          failures,
          LogRateLimit.suffix(leftOut));
    }
  }
}
