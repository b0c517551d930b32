package io.gatehouse.gateway.cluster;

import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.token.TokenProvider;
import io.gatehouse.gateway.net.Dialer;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.PlaceholderHandler;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.net.TlsFailures;
import io.gatehouse.gateway.settings.HandshakeOffered;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.tls.TlsContext;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Connects to brokers of one cluster: dial, PROXY header, TLS, handshake, login, in this order. */
public final class Connector {

  /** A PROXY header of version 1 on nobody's behalf. */
  private static final byte[] UNKNOWN = "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII);

  /** The same of version 2: signature, LOCAL, no addresses. */
  private static final byte[] LOCAL = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x20, 0, 0, 0
  };

  /** Loaded before descriptors can be short: a class that is first met then cannot be loaded. */
  private static final Class<?> LOGIN_REFUSED = LoginRefusedException.class;

  /** So many brokers that were dialled may turn out to be of no use. */
  private static final int MOST_TRIES = 3;

  private final UpstreamSettings settings;
  private final Dialer dialer;
  private final Opened opened;
  private final Supplier<Duration> patience;

  /**
   * What runs of what the settings describe.
   *
   * @param tls null: plaintext
   * @param tokens for a handshake with another gateway, or null if there is none
   * @param own the gateway's account for its own questions, or null if it does not log in
   */
  public record Opened(
      @Nullable TlsContext tls, @Nullable TokenProvider tokens, @Nullable Login own) {
    public static final Opened NOTHING = new Opened(null, null, null);
  }

  /**
   * @param patience for TLS and login together, once the dial has succeeded
   */
  public Connector(
      UpstreamSettings settings, Dialer dialer, Opened opened, Supplier<Duration> patience) {
    this.settings = settings;
    this.dialer = dialer;
    this.opened = opened;
    this.patience = patience;
  }

  /** The gateway's account for its own questions, or null if it does not log in. */
  public @Nullable Login own() {
    return opened.own;
  }

  /** Brokers that may be connected to because listeners name them. */
  public void mapped(Collection<HostPort> brokers) {
    dialer.allow(brokers);
  }

  public UpstreamSettings settings() {
    return settings;
  }

  /** Whether a call failed because the broker refused the login. */
  public static boolean isLoginRefused(Throwable failure) {
    return LOGIN_REFUSED.isInstance(failure.getCause());
  }

  /**
   * Connects to the first of the brokers that can be reached, on {@code loop}, where the future
   * completes too. Where a broker was dialled but TLS or a handshake failed, others are tried;
   * where it refused the login they are not, since they would count one more failure of the same
   * account. It fails with an {@link IOException} that says what was tried and what was wrong. To
   * cancel it ends what was begun.
   */
  public Future<Connection> connect(Loop loop, List<HostPort> brokers, UpstreamIdentity identity) {
    Call call = new Call(loop, identity, loop.eventLoop().newPromise());
    call.dial(brokers);
    return call.promise;
  }

  /** A call until one broker has let it in. */
  private final class Call {
    private final Loop loop;
    private final UpstreamIdentity identity;
    private final Promise<Connection> promise;
    private final long begunAt = System.nanoTime();
    private String failures = "";
    private int tries;

    Call(Loop loop, UpstreamIdentity identity, Promise<Connection> promise) {
      this.loop = loop;
      this.identity = identity;
      this.promise = promise;
    }

    void dial(List<HostPort> brokers) {
      Future<Dialer.Connection> dial = dialer.dial(loop, brokers);
      dial.addListener((Future<Dialer.Connection> dialled) -> {
        if (dialled.isSuccess()) {
          enter(dialled.getNow(), brokers);
        } else {
          promise.tryFailure(
              failures.isEmpty()
                  ? dialled.cause()
                  : new IOException(failures + "; " + dialled.cause().getMessage()));
        }
      });
      cancelWithThis(dial);
    }

    private void enter(Dialer.Connection dialled, List<HostPort> brokers) {
      Promise<Connection> entered = loop.eventLoop().newPromise();
      entered.addListener((Future<Connection> done) -> {
        if (done.isSuccess()) {
          if (!promise.trySuccess(done.getNow())) {
            done.getNow().channel().close();
          }
        } else {
          failed(dialled.broker(), brokers, done.cause());
        }
      });
      cancelWithThis(entered);
      new Entering(loop, dialled, identity, entered).begin();
    }

    private void failed(HostPort broker, List<HostPort> brokers, Throwable cause) {
      boolean refused = isLoginRefused(cause);
      List<HostPort> others = brokers.stream().filter(one -> !one.equals(broker)).toList();
      boolean inTime = System.nanoTime() - begunAt < patience.get().toNanos();
      failures += (failures.isEmpty() ? "" : "; ") + cause.getMessage();
      if (!refused && !promise.isDone()) {
        dialer.failed(broker);
      }
      if (refused || others.isEmpty() || !inTime || ++tries == MOST_TRIES) {
        promise.tryFailure(new IOException(failures, refused ? cause.getCause() : cause));
      } else if (!promise.isDone()) {
        dial(others);
      }
    }

    private void cancelWithThis(Future<?> part) {
      promise.addListener(called -> {
        if (called.isCancelled()) {
          part.cancel(false);
        }
      });
    }
  }

  /** What happens on a connection between the dial and its first request. */
  private final class Entering {
    private final Loop loop;
    private final SocketChannel channel;
    private final HostPort broker;
    private final UpstreamIdentity identity;
    private final Promise<Connection> promise;
    private final Watch watch = new Watch();

    Entering(
        Loop loop,
        Dialer.Connection dialled,
        UpstreamIdentity identity,
        Promise<Connection> promise) {
      this.loop = loop;
      this.channel = dialled.channel();
      this.broker = dialled.broker();
      this.identity = identity;
      this.promise = promise;
    }

    void begin() {
      promise.addListener(entered -> {
        if (!entered.isSuccess()) {
          channel.close();
        }
      });
      if (promise.isDone()) {
        return;
      }
      sendProxyHeader();
      if (opened.tls == null && settings.access().handshake() == null && identity.login() == null) {
        open(0);
        return;
      }
      Sockets.useFirstReads(channel, loop);
      var deadline =
          loop.eventLoop()
              .schedule(
                  () -> fail("TLS or login took longer than " + patience.get().toMillis() + " ms"),
                  patience.get().toMillis(),
                  TimeUnit.MILLISECONDS);
      promise.addListener(done -> deadline.cancel(false));
      stage(watch);
      if (opened.tls == null) {
        shakeHands();
      } else {
        encrypt(opened.tls);
      }
    }

    private void sendProxyHeader() {
      InetSocketAddress client = identity.client();
      InetSocketAddress local = identity.local();
      int version = settings.access().proxyHeader();
      if (version == 0) {
        return;
      }
      if (client == null || local == null) {
        // The gateway speaks for itself, and a broker that expects a header must find one.
        channel.write(Unpooled.copiedBuffer(version == 1 ? UNKNOWN : LOCAL));
        return;
      }
      boolean both4 =
          client.getAddress() instanceof Inet4Address && local.getAddress() instanceof Inet4Address;
      stage(HAProxyMessageEncoder.INSTANCE);
      channel.write(
          new HAProxyMessage(
              version == 1 ? HAProxyProtocolVersion.V1 : HAProxyProtocolVersion.V2,
              HAProxyCommand.PROXY,
              both4 ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6,
              literal(client, both4),
              literal(local, both4),
              client.getPort(),
              local.getPort()));
      channel.pipeline().remove(HAProxyMessageEncoder.INSTANCE);
    }

    /** One family for both ends: an IPv4 address among IPv6 ones is written as a mapped one. */
    private static String literal(InetSocketAddress address, boolean both4) {
      String text = address.getAddress().getHostAddress();
      int scope = text.indexOf('%');
      String bare = scope < 0 ? text : text.substring(0, scope);
      return !both4 && address.getAddress() instanceof Inet4Address ? "::ffff:" + bare : bare;
    }

    private void encrypt(TlsContext context) {
      SslHandler handler = context.dialling(channel.alloc(), broker.host(), broker.port());
      stage(handler);
      handler
          .handshakeFuture()
          .addListener((Future<Channel> shaken) -> {
            if (!shaken.isSuccess()) {
              fail("TLS: " + TlsFailures.explain(shaken.cause()));
            } else if (!promise.isDone()) {
              shakeHands();
            }
          });
    }

    private void shakeHands() {
      HandshakeOffered offered = settings.access().handshake();
      TokenProvider tokens = opened.tokens;
      if (offered == null || tokens == null) {
        logIn();
        return;
      }
      HandshakeOffer offer = new HandshakeOffer(offered, tokens, loop);
      stage(offer);
      offer
          .accepted()
          .addListener((Future<Void> shaken) -> {
            if (!shaken.isSuccess()) {
              fail(String.valueOf(shaken.cause().getMessage()));
            } else if (!promise.isDone()) {
              channel.pipeline().remove(offer);
              logIn();
            }
          });
    }

    private void logIn() {
      Login login = identity.login();
      if (login == null) {
        entered(0);
        return;
      }
      String clientId = identity.clientId();
      BrokerClient questions =
          new BrokerClient(clientId == null ? settings.clientId() : clientId, loop);
      stage(questions);
      SaslInitiation.begin(login, broker.host(), questions, loop)
          .addListener((Future<Long> loggedIn) -> {
            if (!loggedIn.isSuccess()) {
              Throwable why = loggedIn.cause();
              promise.tryFailure(new IOException(broker + ": " + why.getMessage(), why));
            } else if (!promise.isDone()) {
              channel.pipeline().remove(questions);
              entered(loggedIn.getNow());
            }
          });
    }

    private void entered(long sessionMillis) {
      channel.pipeline().remove(watch);
      open(sessionMillis);
    }

    /**
     * @param sessionMillis what the broker allows, 0 for no end
     */
    private void open(long sessionMillis) {
      Sockets.useLargeReads(channel, loop);
      promise.trySuccess(new Connection(channel, broker, sessionMillis));
    }

    private void stage(ChannelHandler handler) {
      channel.pipeline().addBefore(PlaceholderHandler.NAME, null, handler);
    }

    private void fail(String why) {
      promise.tryFailure(new IOException(broker + ": " + why));
    }

    /** Notices the end of the connection also while nobody waits for the broker's bytes. */
    private final class Watch extends ChannelInboundHandlerAdapter {
      @Override
      public void channelInactive(ChannelHandlerContext context) {
        context.fireChannelInactive(); // those who wait for an answer know better what it means
        fail("the broker closed the connection");
      }
    }
  }
}
