package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The clocks of one session, looked at about once a second. Times are {@link System#nanoTime}. */
final class Deadlines {

  /** How long a client that ended its side may wait for its answers. */
  private static final long HALF_CLOSED_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** How long a client may take nothing of a large answer while others wait for its memory. */
  private static final long PRESSED_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Services services;
  private final SocketChannel client;
  private long activeAt;
  private long stateSince;
  private boolean outputEnded;
  private long stalledSince;
  private long pendingBefore;

  Deadlines(Services services, SocketChannel client, long now) {
    this.services = services;
    this.client = client;
    this.activeAt = now;
    this.stateSince = now;
  }

  /** Bytes came from either side. */
  void onBytes(long now) {
    activeAt = now;
  }

  void onState(long now) {
    stateSince = now;
  }

  /** The client has been sent all, which it may still take a while to read. */
  void onOutputEnded(long now) {
    outputEnded = true;
    stateSince = now;
  }

  /**
   * Why the session must end now, or null if it may go on.
   *
   * @param inTheWay whether others wait for memory that is held for the client
   */
  @Nullable CloseReason passed(
      Session.State state, RequestPath requests, boolean idle, boolean inTheWay, long now) {
    long inState = now - stateSince;
    return switch (state) {
      case WAITING -> {
        if (inState > services.timeouts().firstRequest().toNanos()) {
          yield CloseReason.FIRST_REQUEST_TIMEOUT;
        }
        yield requests.isInTheWay(now) ? CloseReason.REQUEST_TIMEOUT : null;
      }
      case HALF_CLOSED -> inState > HALF_CLOSED_NANOS ? CloseReason.CLIENT_CLOSED : null;
      case LINGERING -> {
        if (outputEnded) {
          yield inState > LINGER_NANOS ? CloseReason.DRAINED : null;
        }
        yield isStalled(now, inTheWay) ? CloseReason.RESPONSE_TIMEOUT : null;
      }
      case CLOSED -> null;
      case AUTHENTICATED, DIALLING, OPEN, DRAINING -> {
        if (requests.isOverdue(now)) {
          yield CloseReason.REQUEST_TIMEOUT;
        } else if (isStalled(now, inTheWay)) {
          yield CloseReason.RESPONSE_TIMEOUT;
        }
        yield idle && isIdle(now) ? CloseReason.IDLE : null;
      }
    };
  }

  /** Whether the client has taken nothing of what waits for it for too long. */
  private boolean isStalled(long now, boolean inTheWay) {
    ChannelOutboundBuffer outbound = client.unsafe().outboundBuffer();
    // What is pending goes down by whole buffers; the progress within the first one counts too.
    long pending =
        outbound == null || outbound.totalPendingWriteBytes() == 0
            ? 0
            : outbound.totalPendingWriteBytes() - outbound.currentProgress();
    if (pending == 0 || pending != pendingBefore) {
      pendingBefore = pending;
      stalledSince = now;
      return false;
    }
    long patience = services.timeouts().response().toNanos();
    return now - stalledSince > (inTheWay ? Math.min(patience, PRESSED_NANOS) : patience);
  }

  private boolean isIdle(long now) {
    long idle = services.timeouts().idle().toNanos();
    return idle > 0 && now - activeAt > idle;
  }
}
