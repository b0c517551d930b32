package io.gatehouse.gateway.net;

import io.gatehouse.gateway.settings.HostPort;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Connects to the first of several brokers, and of their addresses, that answers. */
public final class Dialer {

  private final Sockets sockets;
  private final Resolver resolver = new Resolver();
  private final Map<HostPort, HostPort> instead;
  private final @Nullable ForwardProxies proxy;
  private final Duration timeout;

  /**
   * @param instead where to connect in place of a broker's address
   * @param proxy the way leads through it, if not null
   * @param timeout for all attempts of one dial together
   */
  public Dialer(
      Sockets sockets,
      Map<HostPort, HostPort> instead,
      @Nullable ForwardProxies proxy,
      Duration timeout) {
    this.sockets = sockets;
    this.instead = instead;
    this.proxy = proxy;
    this.timeout = timeout;
  }

  /** An open connection. It is not read from until its owner says so. */
  public record Connection(SocketChannel channel, HostPort broker) {}

  /**
   * Dials on {@code loop}, where the future completes too. It fails with an {@link IOException}
   * whose message names what was tried.
   */
  public Future<Connection> dial(Loop loop, List<HostPort> brokers) {
    Dial dial = new Dial(loop, brokers);
    dial.begin();
    return dial.promise;
  }

  private final class Dial {
    private final Loop loop;
    private final Promise<Connection> promise;
    private final Deque<HostPort> brokers;
    private final Deque<InetSocketAddress> addresses = new ArrayDeque<>();
    private @Nullable SocketChannel attempt;
    private String failures = "";

    Dial(Loop loop, List<HostPort> brokers) {
      this.loop = loop;
      this.brokers = new ArrayDeque<>(brokers);
      this.promise = loop.eventLoop().newPromise();
    }

    void begin() {
      var deadline =
          loop.eventLoop()
              .schedule(
                  () -> fail("no answer within " + timeout.toMillis() + " ms"),
                  timeout.toMillis(),
                  TimeUnit.MILLISECONDS);
      promise.addListener(done -> {
        deadline.cancel(false);
        if (!done.isSuccess() && attempt != null) {
          attempt.close();
        }
      });
      nextBroker();
    }

    private void nextBroker() {
      HostPort broker = brokers.poll();
      if (broker == null) {
        fail(failures.isEmpty() ? "no broker is known" : failures);
        return;
      }
      // A forward proxy looks the broker's name up itself, perhaps where only it can.
      resolver
          .resolve(proxy == null ? target(broker) : proxy.address(), loop.eventLoop())
          .addListener((Future<List<InetSocketAddress>> resolved) -> {
            if (promise.isDone()) {
              return;
            }
            if (resolved.isSuccess()) {
              addresses.addAll(resolved.getNow());
            } else {
              failed(broker, resolved.cause());
            }
            nextAddress(broker);
          });
    }

    private HostPort target(HostPort broker) {
      return instead.getOrDefault(broker, broker);
    }

    private void nextAddress(HostPort broker) {
      InetSocketAddress address = addresses.poll();
      if (address == null) {
        nextBroker();
        return;
      }
      SocketChannel channel = sockets.towardsBroker(loop);
      attempt = channel;
      channel.config().setConnectTimeoutMillis(0);
      if (proxy != null) {
        Sockets.readLittle(channel, loop);
        proxy.lead(channel, address);
      }
      loop.eventLoop().register(channel);
      HostPort target = target(broker);
      channel
          .connect(
              proxy == null
                  ? address
                  : InetSocketAddress.createUnresolved(target.host(), target.port()))
          .addListener((ChannelFuture connected) -> {
            ProxyHandler through = channel.pipeline().get(ProxyHandler.class);
            if (connected.isSuccess() && through != null) {
              through.connectFuture().addListener(led -> ended(channel, broker, led));
            } else {
              ended(channel, broker, connected);
            }
          });
    }

    private void ended(SocketChannel channel, HostPort broker, Future<?> connected) {
      if (connected.isSuccess() && promise.trySuccess(new Connection(channel, broker))) {
        return;
      }
      channel.close();
      if (!connected.isSuccess() && !promise.isDone()) {
        failed(broker, connected.cause());
        nextAddress(broker);
      }
    }

    private void failed(HostPort broker, Throwable cause) {
      String text = explain(cause);
      String named = text.contains(broker.host()) ? text : broker + ": " + text;
      if (!failures.contains(named)) {
        failures = failures.isEmpty() ? named : failures + "; " + named;
      }
    }

    private String explain(Throwable cause) {
      if (cause.getCause() instanceof SSLException tls) { // only a forward proxy's at this point
        return "TLS with the forward proxy: " + TlsFailures.explain(tls);
      }
      return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private void fail(String text) {
      promise.tryFailure(new IOException(text));
    }
  }
}
