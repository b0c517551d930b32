package io.gatehouse.gateway.session;

import io.gatehouse.gateway.link.Connection;
import io.gatehouse.gateway.metrics.BrokerMetrics;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.net.UnclaimedFailures;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/** A session's open connection to one broker. */
final class BrokerLink {

  /** How long a client's last requests may take to reach the broker after the client is gone. */
  private static final long LAST_REQUESTS_MILLIS = 10_000;

  private final Loop loop;
  private final SocketChannel channel;
  private final HostPort broker;
  private final BrokerMetrics metrics;
  private boolean dirty;

  BrokerLink(Connection connection, Loop loop) {
    this.loop = loop;
    this.channel = connection.channel();
    this.broker = connection.broker();
    this.metrics = loop.metrics().broker(broker.toString());
    metrics.opened();
  }

  /** Begins to hand the channel's events to the session. */
  void attach(Session session) {
    channel.pipeline().replace(UnclaimedFailures.NAME, null, new BrokerHandler(session));
  }

  HostPort broker() {
    return broker;
  }

  BrokerMetrics metrics() {
    return metrics;
  }

  /** Sends bytes with the next flush. Takes ownership. */
  void write(ByteBuf bytes) {
    Sockets.limitUnsent(channel.config(), loop.buffers().isSpent());
    channel.write(bytes, channel.voidPromise());
    dirty = true;
  }

  /** Whether there was anything to flush. */
  boolean flush() {
    if (!dirty) {
      return false;
    }
    dirty = false;
    channel.flush();
    return true;
  }

  /** Bytes of memory, beside read buffers, that the broker has not taken yet. */
  long heldBytes() {
    ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
    long pending = outbound == null ? 0 : outbound.totalPendingWriteBytes();
    // TLS copies what it encrypts; other bytes stand in read buffers.
    return pending > 0 && channel.pipeline().get(SslHandler.class) != null ? pending : 0;
  }

  boolean isWritable() {
    return channel.isWritable();
  }

  void read(boolean wanted) {
    if (channel.config().isAutoRead() != wanted) {
      channel.config().setAutoRead(wanted);
    }
  }

  /** Ends the connection; what was already taken from the client still goes out. */
  void close() {
    metrics.closed();
    if (!channel.isActive() || channel.unsafe().outboundBuffer().totalPendingWriteBytes() == 0) {
      channel.close();
      return;
    }
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    channel
        .eventLoop()
        .schedule(() -> channel.close(), LAST_REQUESTS_MILLIS, TimeUnit.MILLISECONDS);
  }
}
