package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The timeouts of one session, checked about once a second. Times are {@link System#nanoTime}. */
final class Deadlines {

  /** Maximum time for the remaining responses after the client has half-closed its connection. */
  private static final long HALF_CLOSED_NANOS = TimeUnit.SECONDS.toNanos(60);

  /**
   * Maximum time without progress of a client that does not read its responses while other
   * connections wait for the memory.
   */
  private static final long CONTENDED_NANOS = TimeUnit.SECONDS.toNanos(10);

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

  /** Bytes arrived from the client or a broker. */
  void onBytes(long now) {
    activeAt = now;
  }

  void onState(long now) {
    stateSince = now;
  }

  /**
   * All responses were sent and the sending direction is closed; the client may still have to read
   * them.
   */
  void onOutputEnded(long now) {
    outputEnded = true;
    stateSince = now;
  }

  /**
   * The reason to close the session now, or null.
   *
   * @param contended whether other connections wait for memory held for this client
   */
  @Nullable CloseReason expired(
      Session.State state, RequestPath requests, boolean idle, boolean contended, long now) {
    long inState = now - stateSince;
    return switch (state) {
      case WAITING -> {
        if (inState > services.timeouts().firstRequest().toNanos()) {
          yield CloseReason.FIRST_REQUEST_TIMEOUT;
        }
        yield requests.isOverdueAndContended(now) ? CloseReason.REQUEST_TIMEOUT : null;
      }
      case HALF_CLOSED -> inState > HALF_CLOSED_NANOS ? CloseReason.CLIENT_CLOSED : null;
      case LINGERING -> {
        if (outputEnded) {
          yield inState > LINGER_NANOS ? CloseReason.DRAINED : null;
        }
        yield isStalled(now, contended) ? CloseReason.RESPONSE_TIMEOUT : null;
      }
      case CLOSED -> null;
      case AUTHENTICATED, CONNECTING, OPEN, DRAINING -> {
        if (requests.isOverdue(now)) {
          yield CloseReason.REQUEST_TIMEOUT;
        } else if (isStalled(now, contended)) {
          yield CloseReason.RESPONSE_TIMEOUT;
        }
        yield idle && isIdle(now) ? CloseReason.IDLE : null;
      }
    };
  }

  /** Whether the client has read none of its pending responses for too long. */
  private boolean isStalled(long now, boolean contended) {
    ChannelOutboundBuffer outbound = client.unsafe().outboundBuffer();
    // totalPendingWriteBytes decreases by whole buffers; progress within the first one counts too.
    long pending =
        outbound == null || outbound.totalPendingWriteBytes() == 0
            ? 0
            : outbound.totalPendingWriteBytes() - outbound.currentProgress();
    if (pending == 0 || pending != pendingBefore) {
      pendingBefore = pending;
      stalledSince = now;
      return false;
    }
    long timeout = services.timeouts().response().toNanos();
    return now - stalledSince > (contended ? Math.min(timeout, CONTENDED_NANOS) : timeout);
  }

  private boolean isIdle(long now) {
    long idle = services.timeouts().idle().toNanos();
    return idle > 0 && now - activeAt > idle;
  }
}
