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

  /** Maximum time to flush a client's last requests to the broker after the session has closed. */
  private static final long CLOSE_TIMEOUT_MILLIS = 10_000;

  private final Loop loop;
  private final SocketChannel channel;
  private final HostPort broker;
  private final BrokerMetrics metrics;
  private final Session session;
  private final ResponsePath responses;
  private boolean flushNeeded;

  /** Bytes of collected requests that were written since everything was last sent. */
  private long collectedBytes;

  /** Whether the broker has closed the connection. */
  private boolean closedByBroker;

  private @Nullable BrokerLogin login;

  /** Number of requests that this broker has not answered yet. */
  private int requestsInFlight;

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
   * Starts to pass the channel's events to the session.
   *
   * @param sessionMillis lifetime of the gateway's login at the broker in milliseconds; 0 for no
   *     limit (KIP-368)
   */
  void attach(long sessionMillis) {
    Login account = session.clientContext().gatewayLogin();
    if (account != null) {
      login = new BrokerLogin(session, this, account);
      login.schedule(sessionMillis);
    }
    channel.pipeline().replace(PlaceholderHandler.NAME, null, new BrokerHandler(session, this));
  }

  /**
   * Sends the client's software name and version to the broker, before the client's first request.
   */
  void sendClientInformation() {
    ClientContext client = session.clientContext();
    GatewayRequest apiVersionsRequest = client.information().apiVersionsRequest();
    if (apiVersionsRequest != null) {
      session.inFlight().push(Route.GATEWAY_REQUEST_IGNORED, 0, this);
      write(apiVersionsRequest.frame(0, client.clientId(), session.allocator()));
    }
  }

  /** Processes what the broker sends. */
  ResponsePath responses() {
    return responses;
  }

  /** Whether requests must wait for the gateway's re-authentication. */
  boolean awaitsGatewayLogin() {
    return login != null && login.holdsRequests();
  }

  /** Starts the re-authentication if it is due. */
  private void renewLogin() {
    if (login != null) {
      login.beginIfDue();
    }
  }

  /**
   * The broker has answered a request of the gateway itself.
   *
   * @param frame from the correlation id on; valid during the call only
   */
  void onGatewayResponse(ByteBuf frame) {
    if (login != null) {
      login.onResponse(frame);
    }
  }

  /** Counts a request that this broker has to answer. */
  void onRequestSent() {
    requestsInFlight++;
  }

  /** Counts a request as answered. */
  void onRequestCompleted() {
    requestsInFlight--;
  }

  boolean hasRequestsInFlight() {
    return requestsInFlight > 0;
  }

  /** The broker has closed the connection. What it has sent is still processed. */
  void onClosedByBroker() {
    closedByBroker = true;
    flushNeeded = false;
    if (login != null) {
      login.close();
    }
  }

  boolean isClosedByBroker() {
    return closedByBroker;
  }

  HostPort broker() {
    return broker;
  }

  BrokerMetrics metrics() {
    return metrics;
  }

  /** Writes bytes, which the next flush sends. Takes ownership. */
  void write(ByteBuf bytes) {
    if (closedByBroker) {
      bytes.release();
      return;
    }
    Sockets.setWaterMark(channel.config(), loop.buffers().isExhausted());
    channel.write(bytes, channel.voidPromise());
    flushNeeded = true;
  }

  /**
   * Starts a due re-authentication, and flushes.
   *
   * @return whether anything was flushed
   */
  boolean flush() {
    renewLogin();
    if (!flushNeeded) {
      return false;
    }
    flushNeeded = false;
    channel.flush();
    if (channel.unsafe().outboundBuffer() == null
        || channel.unsafe().outboundBuffer().totalPendingWriteBytes() > 0) {
      session.memory().markHeld();
    } else {
      collectedBytes = 0;
    }
    return true;
  }

  /**
   * Bytes of memory, apart from read buffers, that hold unsent requests or unforwarded responses.
   */
  long heldBytes() {
    ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
    long pending = outbound == null ? 0 : outbound.totalPendingWriteBytes();
    long responseBytes = responses.heldBytes();
    if (pending == 0) {
      collectedBytes = 0;
    }
    // TLS copies what it encrypts. Without TLS, only collected requests are outside of read
    // buffers.
    boolean copied = pending > 0 && channel.pipeline().get(SslHandler.class) != null;
    return responseBytes + (copied ? pending : Math.min(collectedBytes, pending));
  }

  /** Counts bytes of a request that was collected in a buffer of its own and will be written. */
  void addCollected(int bytes) {
    collectedBytes += bytes;
  }

  boolean isWritable() {
    return closedByBroker || channel.isWritable();
  }

  /**
   * Ends the turn, and enables or disables reading. Responses that are not due yet are not read.
   *
   * @param clientWritable whether the client accepts more responses
   * @return whether responses wait for the next turn
   */
  boolean endTurn(boolean clientWritable) {
    boolean wanted = clientWritable && !responses.isPaused();
    if (!closedByBroker && channel.config().isAutoRead() != wanted) {
      channel.config().setAutoRead(wanted);
    }
    return responses.endTurn();
  }

  /** Closes the connection after sending what was already written. */
  void close() {
    metrics.closed();
    responses.close();
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
        .schedule(() -> channel.close(), CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }
}
