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
 * Connects to one of several brokers, and of their addresses: attempts overlap as in RFC 8305, and
 * the first that connects wins. What could not be reached is tried last by the dials that follow.
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
  private final LineLimit lines = new LineLimit();

  /**
   * @param instead where to connect in place of a broker's address
   * @param proxy the way leads through it, if not null
   * @param timeout for all attempts of one dial together
   */
  public Dialer(
      Sockets sockets,
      Map<HostPort, HostPort> instead,
      @Nullable ForwardProxies proxy,
      Supplier<Duration> timeout) {
    this(sockets, Destinations.anywhere(instead), proxy, timeout);
  }

  /**
   * @param destinations where brokers may be
   * @param proxy the way leads through it, if not null
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

  /** An open connection. It is not read from until its owner says so. */
  public record Connection(SocketChannel channel, HostPort broker) {}

  /**
   * Dials on {@code loop}, where the future completes too. It fails with an {@link IOException}
   * whose message names what was tried, and with an {@link OutOfDescriptorsException} at once when
   * there is no socket to try with. To cancel it ends what was begun.
   *
   * @param brokers to be tried in this order, but those that failed lately last
   */
  public Future<Connection> dial(Loop loop, List<HostPort> brokers) {
    return new Dial(this, loop, failedBrokers.last(brokers)).begin();
  }

  /** Brokers that may be connected to because listeners name them. */
  public void mapped(Collection<HostPort> brokers) {
    destinations.mapped(brokers);
  }

  /** A broker that was connected to has turned out to be of no use: others come first for now. */
  public void failed(HostPort broker) {
    failedBrokers.add(broker);
  }

  // ---- what a dial uses -------------------------------------------------------------------------

  Duration timeout() {
    return timeout.get();
  }

  /** What to look up for a broker: a forward proxy looks up the broker's own name itself. */
  HostPort lookedUp(HostPort broker) {
    return proxy == null ? target(broker) : proxy.address();
  }

  /** Its addresses, those that failed lately last. */
  Future<List<InetSocketAddress>> resolve(HostPort broker, Loop loop) {
    // A forward proxy looks the broker's name up itself, perhaps where only it can.
    return destinations.resolve(
        loop, broker, () -> resolver.resolve(lookedUp(broker), loop.eventLoop()), proxy != null);
  }

  List<InetSocketAddress> failedLast(List<InetSocketAddress> addresses) {
    return failedAddresses.last(addresses);
  }

  /**
   * A socket that is ready to be connected to {@link #peer}.
   *
   * @throws OutOfDescriptorsException when the system gives none
   */
  SocketChannel socket(Loop loop, InetSocketAddress address) throws OutOfDescriptorsException {
    SocketChannel channel;
    try {
      channel = sockets.towardsBroker(loop);
    } catch (RuntimeException e) {
      throw new OutOfDescriptorsException(e.getCause() == null ? e : e.getCause());
    }
    channel.config().setConnectTimeoutMillis(0); // the dial has a time limit of its own
    if (proxy != null) {
      Sockets.readLittle(channel, loop);
      proxy.lead(channel, address);
    }
    return channel;
  }

  /** What the socket's connect must be told. */
  InetSocketAddress peer(HostPort broker, InetSocketAddress address) {
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

  /** Other brokers were tried before the one that was reached. */
  void passedOver(String failures, HostPort reached) {
    int leftOut = lines.permit(System.nanoTime());
    if (leftOut >= 0) {
      log.warn(
          "connected to {}, but not to others, which are tried last for a while: {}{}",
          reached,
          failures,
          LineLimit.suffix(leftOut));
    }
  }
}
