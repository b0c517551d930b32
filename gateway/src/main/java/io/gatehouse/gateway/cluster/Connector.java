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

/**
 * Opens connections to the brokers of one cluster. The steps are dial, PROXY header, TLS, handshake
 * with another gateway, SASL login.
 */
public final class Connector {

  /** A PROXY header of version 1 without a client address. */
  private static final byte[] PROXY_V1_UNKNOWN =
      "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII);

  /** A PROXY header of version 2 without a client address: signature, LOCAL, no addresses. */
  private static final byte[] PROXY_V2_LOCAL = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x20, 0, 0, 0
  };

  /** Loads the class early: class loading fails once file descriptors have run out. */
  private static final Class<?> LOGIN_REFUSED = LoginRefusedException.class;

  /** Number of brokers to try at which the dial succeeds but TLS or a handshake fails. */
  private static final int MAX_ATTEMPTS = 3;

  private final UpstreamSettings settings;
  private final Dialer dialer;
  private final Opened opened;
  private final Supplier<Duration> timeout;

  /**
   * The live objects that the settings describe.
   *
   * @param tls TLS context, or null for plaintext
   * @param tokens provider for the handshake with another gateway, or null if there is none
   * @param own the gateway's own account, or null if it does not log in
   */
  public record Opened(
      @Nullable TlsContext tls, @Nullable TokenProvider tokens, @Nullable Login own) {
    public static final Opened NONE = new Opened(null, null, null);
  }

  /**
   * @param timeout limit for TLS and login together, after the dial
   */
  public Connector(
      UpstreamSettings settings, Dialer dialer, Opened opened, Supplier<Duration> timeout) {
    this.settings = settings;
    this.dialer = dialer;
    this.opened = opened;
    this.timeout = timeout;
  }

  /** The account for the gateway's own requests, or null if it does not log in. */
  public @Nullable Login own() {
    return opened.own;
  }

  /** Allows brokers that listeners name, see {@link io.gatehouse.gateway.net.Dialer#allow}. */
  public void allow(Collection<HostPort> brokers) {
    dialer.allow(brokers);
  }

  public UpstreamSettings settings() {
    return settings;
  }

  /** Whether {@link #connect} failed because the broker refused the login. */
  public static boolean isLoginRefused(Throwable failure) {
    return LOGIN_REFUSED.isInstance(failure.getCause());
  }

  /**
   * Connects to the first broker that can be reached, on {@code loop}, on which the future
   * completes. If TLS or a handshake fails, other brokers are tried. If the broker refuses the
   * login they are not, since that would count as another failed login of the account. The future
   * fails with an {@link IOException} that names what was tried and why it failed. Cancelling the
   * future closes the connection in progress.
   */
  public Future<Connection> connect(Loop loop, List<HostPort> brokers, UpstreamIdentity identity) {
    ConnectAttempt call = new ConnectAttempt(loop, identity, loop.eventLoop().newPromise());
    call.dial(brokers);
    return call.promise;
  }

  /** Tries brokers until one connection is set up. */
  private final class ConnectAttempt {
    private final Loop loop;
    private final UpstreamIdentity identity;
    private final Promise<Connection> promise;
    private final long begunAt = System.nanoTime();
    private String failures = "";
    private int attempts;

    ConnectAttempt(Loop loop, UpstreamIdentity identity, Promise<Connection> promise) {
      this.loop = loop;
      this.identity = identity;
      this.promise = promise;
    }

    void dial(List<HostPort> brokers) {
      Future<Dialer.Connection> dial = dialer.dial(loop, brokers);
      dial.addListener((Future<Dialer.Connection> dialled) -> {
        if (dialled.isSuccess()) {
          setUp(dialled.getNow(), brokers);
        } else {
          promise.tryFailure(
              failures.isEmpty()
                  ? dialled.cause()
                  : new IOException(failures + "; " + dialled.cause().getMessage()));
        }
      });
      cancelWithThis(dial);
    }

    private void setUp(Dialer.Connection dialled, List<HostPort> brokers) {
      Promise<Connection> ready = loop.eventLoop().newPromise();
      ready.addListener((Future<Connection> done) -> {
        if (done.isSuccess()) {
          if (!promise.trySuccess(done.getNow())) {
            done.getNow().channel().close();
          }
        } else {
          failed(dialled.broker(), brokers, done.cause());
        }
      });
      cancelWithThis(ready);
      new ConnectionSetup(loop, dialled, identity, ready).begin();
    }

    private void failed(HostPort broker, List<HostPort> brokers, Throwable cause) {
      boolean refused = isLoginRefused(cause);
      List<HostPort> others = brokers.stream().filter(one -> !one.equals(broker)).toList();
      boolean inTime = System.nanoTime() - begunAt < timeout.get().toNanos();
      failures += (failures.isEmpty() ? "" : "; ") + cause.getMessage();
      if (!refused && !promise.isDone()) {
        dialer.failed(broker);
      }
      if (refused || others.isEmpty() || !inTime || ++attempts == MAX_ATTEMPTS) {
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

  /** Sets up a dialled connection: everything before the first request. */
  private final class ConnectionSetup {
    private final Loop loop;
    private final SocketChannel channel;
    private final HostPort broker;
    private final UpstreamIdentity identity;
    private final Promise<Connection> promise;
    private final CloseDetector closeDetector = new CloseDetector();

    ConnectionSetup(
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
      promise.addListener(ready -> {
        if (!ready.isSuccess()) {
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
                  () -> fail("TLS or login took longer than " + timeout.get().toMillis() + " ms"),
                  timeout.get().toMillis(),
                  TimeUnit.MILLISECONDS);
      promise.addListener(done -> deadline.cancel(false));
      stage(closeDetector);
      if (opened.tls == null) {
        handshake();
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
        // a connection of the gateway itself; brokers that expect a header require one here too
        channel.write(Unpooled.copiedBuffer(version == 1 ? PROXY_V1_UNKNOWN : PROXY_V2_LOCAL));
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

    /** Both addresses must be of one family: IPv4 next to IPv6 is written as IPv4-mapped IPv6. */
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
              handshake();
            }
          });
    }

    private void handshake() {
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
        ready(0);
        return;
      }
      String clientId = identity.clientId();
      BrokerClient client =
          new BrokerClient(clientId == null ? settings.clientId() : clientId, loop);
      stage(client);
      SaslInitiation.begin(login, broker.host(), client, loop)
          .addListener((Future<Long> loggedIn) -> {
            if (!loggedIn.isSuccess()) {
              Throwable why = loggedIn.cause();
              promise.tryFailure(new IOException(broker + ": " + why.getMessage(), why));
            } else if (!promise.isDone()) {
              channel.pipeline().remove(client);
              ready(loggedIn.getNow());
            }
          });
    }

    private void ready(long sessionMillis) {
      channel.pipeline().remove(closeDetector);
      open(sessionMillis);
    }

    /**
     * @param sessionMillis session lifetime from the broker in ms, 0 for none
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

    /** Fails the setup when the broker closes the connection, even while no response is pending. */
    private final class CloseDetector extends ChannelInboundHandlerAdapter {
      @Override
      public void channelInactive(ChannelHandlerContext context) {
        context.fireChannelInactive(); // first the handlers that can explain it
        fail("the broker closed the connection");
      }
    }
  }
}
