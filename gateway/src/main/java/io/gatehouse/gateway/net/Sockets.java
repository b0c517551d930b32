package io.gatehouse.gateway.net;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.SocketSettings;
import io.gatehouse.tls.TlsContext;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import jdk.net.ExtendedSocketOptions;

/** Opens and configures sockets with the options that hold for every connection. */
public final class Sockets {

  /** A channel with more unsent bytes than the high mark stops reads from its other side. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(32 << 10, 64 << 10);

  /** Used while the memory budget is exhausted: one small read per connection. */
  private static final WriteBufferWaterMark REDUCED_WATER_MARK =
      new WriteBufferWaterMark(1, 8 << 10);

  private final Loops loops;
  private final SocketSettings settings;

  public Sockets(Loops loops, SocketSettings settings) {
    this.loops = loops;
    this.settings = settings;
  }

  public Loops loops() {
    return loops;
  }

  public int backlog() {
    return settings.backlog();
  }

  /** Opens an unconnected socket for a broker. Auto-read is off. */
  SocketChannel brokerSocket(Loop loop) {
    SocketChannel channel = loops.transport().socket();
    try {
      apply(channel.config(), settings.broker());
      applyDefaults(channel.config(), loop);
    } catch (RuntimeException e) {
      channel.unsafe().closeForcibly();
      throw e;
    }
    channel.config().setAutoRead(false);
    channel.pipeline().addLast(PlaceholderHandler.NAME, PlaceholderHandler.INSTANCE);
    return channel;
  }

  /** Sets the options of an accepted client connection. */
  void configureClient(SocketChannel channel, Loop loop) {
    apply(channel.config(), settings.client());
    applyDefaults(channel.config(), loop);
    channel.config().setAllowHalfClosure(true);
  }

  /** Sets the write watermark: the reduced one while memory is scarce, else the normal one. */
  public static void setWaterMark(ChannelConfig config, boolean scarce) {
    WriteBufferWaterMark wanted = scarce ? REDUCED_WATER_MARK : WATER_MARK;
    if (config.getWriteBufferWaterMark() != wanted) {
      config.setWriteBufferWaterMark(wanted);
    }
  }

  /**
   * Makes a connection read into small buffers, see {@link ReadBuffers#firstReads}. Call it before
   * the first read.
   */
  public static void useFirstReads(SocketChannel channel, Loop loop) {
    channel.config().setRecvByteBufAllocator(loop.buffers().firstReads());
  }

  /** Makes a connection read into large buffers, once the peer is known. */
  public static void useLargeReads(SocketChannel channel, Loop loop) {
    // BoringSSL consumes partial records; the JDK's engine leaves them in the read buffer.
    boolean keepsHalves =
        !TlsContext.isNative() && channel.pipeline().get(SslHandler.class) != null;
    channel
        .config()
        .setRecvByteBufAllocator(keepsHalves ? loop.buffers().tlsReads() : loop.buffers());
  }

  private void applyDefaults(ChannelConfig config, Loop loop) {
    config.setAllocator(loops.allocator());
    config.setRecvByteBufAllocator(loop.buffers());
    config.setWriteBufferWaterMark(WATER_MARK);
    config.setOption(ChannelOption.TCP_NODELAY, true);
  }

  private void apply(ChannelConfig config, SocketSettings.Side side) {
    int seconds = (int) side.keepAlive().toSeconds();
    if (seconds > 0) {
      config.setOption(ChannelOption.SO_KEEPALIVE, true);
      keepAlive(config, seconds);
    }
    if (side.receiveBuffer() > 0) {
      config.setOption(ChannelOption.SO_RCVBUF, side.receiveBuffer());
    }
    if (side.sendBuffer() > 0) {
      config.setOption(ChannelOption.SO_SNDBUF, side.sendBuffer());
    }
  }

  private void keepAlive(ChannelConfig config, int seconds) {
    if (loops.transport() == Transport.EPOLL) {
      config.setOption(EpollChannelOption.TCP_KEEPIDLE, seconds);
      config.setOption(EpollChannelOption.TCP_KEEPINTVL, seconds);
    } else {
      nio(config, ExtendedSocketOptions.TCP_KEEPIDLE, seconds);
      nio(config, ExtendedSocketOptions.TCP_KEEPINTERVAL, seconds);
    }
  }

  private static void nio(ChannelConfig config, SocketOption<Integer> option, int value) {
    config.setOption(NioChannelOption.of(option), value);
  }

  /** A socket address as IP literal, without an IPv6 scope, and port. */
  public static HostPort hostPort(SocketAddress address) {
    InetSocketAddress inet = (InetSocketAddress) address;
    InetAddress ip = inet.getAddress();
    String host = ip == null ? inet.getHostString() : ip.getHostAddress();
    int scope = host.indexOf('%');
    return new HostPort(scope < 0 ? host : host.substring(0, scope), inet.getPort());
  }
}
