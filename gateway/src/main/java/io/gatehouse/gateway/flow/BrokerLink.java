package io.gatehouse.gateway.flow;

import io.gatehouse.auth.login.Login;
import io.gatehouse.gateway.cluster.Connection;
import io.gatehouse.gateway.cluster.GatewayRequest;
import io.gatehouse.gateway.metrics.BrokerMetrics;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.PlaceholderHandler;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.plan.Route;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A session's open connection to one broker. */
final class BrokerLink {

  /** How long a client's last requests may take to reach the broker after the client is gone. */
  private static final long LAST_REQUESTS_MILLIS = 10_000;

  private final Loop loop;
  private final SocketChannel channel;
  private final HostPort broker;
  private final BrokerMetrics metrics;
  private final Session session;
  private final ResponsePath responses;
  private boolean dirty;

  /** Bytes of collected requests that were written since all was sent. */
  private long collected;

  /** Whether the broker has ended the connection. */
  private boolean gone;

  private @Nullable BrokerLogin login;

  /** How many requests this broker has to answer yet. */
  private int owed;

  BrokerLink(Session session, Connection connection) {
    this.session = session;
    this.loop = session.loop();
    this.responses = new ResponsePath(session, this);
    this.channel = connection.channel();
    this.broker = connection.broker();
    this.metrics = loop.metrics().broker(broker.toString());
    metrics.opened();
  }

  /**
   * Begins to hand the channel's events to the session.
   *
   * @param sessionMillis how long the broker allows the gateway's login to last, 0 for no end
   */
  void attach(long sessionMillis) {
    Login account = session.clientContext().account();
    if (account != null) {
      login = new BrokerLogin(session, this, account);
      login.schedule(sessionMillis);
    }
    channel.pipeline().replace(PlaceholderHandler.NAME, null, new BrokerHandler(session, this));
  }

  /** Tells the broker of the client's software, ahead of the client's first request. */
  void introduce() {
    ClientContext client = session.clientContext();
    GatewayRequest introduction = client.information().introduction();
    if (introduction != null) {
      session.inFlight().push(Route.GATEWAY_REQUEST_IGNORED, 0, this);
      write(introduction.frame(0, client.clientId(), session.allocator()));
    }
  }

  /** What is done with what the broker sends. */
  ResponsePath responses() {
    return responses;
  }

  /** Whether requests must wait for the gateway's own login. */
  boolean isLoginRenewed() {
    return login != null && login.holdsRequests();
  }

  /** Begins to log in anew if that is due. */
  private void renewLogin() {
    if (login != null) {
      login.beginIfDue();
    }
  }

  /** The broker has answered a request of the gateway itself. */
  void onOwnAnswer(ByteBuf frame) {
    if (login != null) {
      login.onAnswer(frame);
    }
  }

  /** A request was sent whose answer is owed. */
  void owe() {
    owed++;
  }

  /** One answer less is owed. */
  void answered() {
    owed--;
  }

  boolean isOwed() {
    return owed > 0;
  }

  /** The broker has ended the connection; what it sent is worked off all the same. */
  void onGone() {
    gone = true;
    dirty = false;
    if (login != null) {
      login.close();
    }
  }

  boolean isGone() {
    return gone;
  }

  /** An event is over; says whether answers wait for the next turn. */
  boolean endTurn() {
    return responses.endTurn();
  }

  HostPort broker() {
    return broker;
  }

  BrokerMetrics metrics() {
    return metrics;
  }

  /** Sends bytes with the next flush. Takes ownership. */
  void write(ByteBuf bytes) {
    if (gone) {
      bytes.release();
      return;
    }
    Sockets.setWaterMark(channel.config(), loop.buffers().isExhausted());
    channel.write(bytes, channel.voidPromise());
    dirty = true;
  }

  /** Begins a login anew that is due; says whether there was anything to flush. */
  boolean flush() {
    renewLogin();
    if (!dirty) {
      return false;
    }
    dirty = false;
    channel.flush();
    if (channel.unsafe().outboundBuffer() == null
        || channel.unsafe().outboundBuffer().totalPendingWriteBytes() > 0) {
      session.memory().touch();
    } else {
      collected = 0;
    }
    return true;
  }

  /** Bytes of memory, beside read buffers, that the broker has not taken, or the client. */
  long heldBytes() {
    ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
    long pending = outbound == null ? 0 : outbound.totalPendingWriteBytes();
    long responseBytes = responses.heldBytes();
    if (pending == 0) {
      collected = 0;
    }
    // TLS copies what it encrypts; other bytes that were not collected stand in read buffers.
    boolean copied = pending > 0 && channel.pipeline().get(SslHandler.class) != null;
    return responseBytes + (copied ? pending : Math.min(collected, pending));
  }

  /** Bytes of a request that was collected in a buffer of its own are going to be written. */
  void addCollected(int bytes) {
    collected += bytes;
  }

  boolean isWritable() {
    return gone || channel.isWritable();
  }

  /** Reads on if the client takes the answers, and those of this broker are due. */
  void read(boolean clientTakes) {
    boolean wanted = clientTakes && !responses.isPaused();
    if (!gone && channel.config().isAutoRead() != wanted) {
      channel.config().setAutoRead(wanted);
    }
  }

  /** Ends the connection; what was already taken from the client still goes out. */
  void close() {
    metrics.closed();
    responses.drop();
    if (login != null) {
      login.close();
    }
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
