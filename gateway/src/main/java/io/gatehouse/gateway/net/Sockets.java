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

/** Makes sockets with the options that hold for every connection, whatever runs inside it. */
public final class Sockets {

  /** Beyond this much unsent the source of the bytes is not read from; half of it resumes. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(32 << 10, 64 << 10);

  /** The same while slow peers hold all read buffers: one small read per connection. */
  private static final WriteBufferWaterMark TIGHT = new WriteBufferWaterMark(1, 8 << 10);

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

  /** An unconnected socket towards a broker. It is not read from until told to. */
  SocketChannel towardsBroker(Loop loop) {
    SocketChannel channel = loops.transport().socket();
    try {
      apply(channel.config(), settings.broker());
      common(channel.config(), loop);
    } catch (RuntimeException e) {
      channel.unsafe().closeForcibly();
      throw e;
    }
    channel.config().setAutoRead(false);
    channel.pipeline().addLast(UnclaimedFailures.NAME, UnclaimedFailures.INSTANCE);
    return channel;
  }

  /** Sets the options of an accepted connection. */
  void towardsClient(SocketChannel channel, Loop loop) {
    apply(channel.config(), settings.client());
    common(channel.config(), loop);
    channel.config().setAllowHalfClosure(true);
  }

  /** How much a connection may hold unsent, by whether read buffers are scarce on its loop. */
  public static void limitUnsent(ChannelConfig config, boolean scarce) {
    WriteBufferWaterMark wanted = scarce ? TIGHT : WATER_MARK;
    if (config.getWriteBufferWaterMark() != wanted) {
      config.setWriteBufferWaterMark(wanted);
    }
  }

  /**
   * Has a connection read little at a time, from before its first read on: as long as nothing is
   * known of the other side, what it sends by halves is kept until the rest comes.
   */
  public static void readLittle(SocketChannel channel, Loop loop) {
    channel.config().setRecvByteBufAllocator(loop.buffers().little());
  }

  /** Has a connection read as much as there is. */
  public static void readMuch(SocketChannel channel, Loop loop) {
    // BoringSSL takes half a record in, the JDK's engine leaves it in the buffer.
    boolean keepsHalves =
        !TlsContext.isNative() && channel.pipeline().get(SslHandler.class) != null;
    channel
        .config()
        .setRecvByteBufAllocator(keepsHalves ? loop.buffers().records() : loop.buffers());
  }

  private void common(ChannelConfig config, Loop loop) {
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

  /** The remote or local end of a channel as host literal and port. */
  public static HostPort hostPort(SocketAddress address) {
    InetSocketAddress inet = (InetSocketAddress) address;
    InetAddress ip = inet.getAddress();
    String host = ip == null ? inet.getHostString() : ip.getHostAddress();
    int scope = host.indexOf('%');
    return new HostPort(scope < 0 ? host : host.substring(0, scope), inet.getPort());
  }
}
