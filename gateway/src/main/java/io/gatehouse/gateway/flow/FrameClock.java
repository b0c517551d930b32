package io.gatehouse.gateway.flow;

import java.util.concurrent.TimeUnit;

/**
 * Measures how fast an incomplete request arrives. After a grace period it must have arrived at a
 * minimum average rate, which is higher while other connections wait for the memory it uses. Time
 * in which the gateway did not read from the client does not count.
 */
final class FrameClock {

  /** Grace period and minimum rate of a request whose memory other connections wait for. */
  private static final long CONTENDED_GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int CONTENDED_BYTES_PER_SECOND = 1 << 20;

  private final Services services;
  private long startedAt;
  private boolean reading = true;
  private long pausedSince;

  FrameClock(Services services) {
    this.services = services;
  }

  void begin(long now) {
    startedAt = now;
  }

  /** Records that the gateway starts or stops reading from the client. */
  void onReading(boolean from, long now) {
    if (from == reading) {
      return;
    }
    reading = from;
    if (!from) {
      pausedSince = now;
    } else {
      startedAt += Math.max(0, now - Math.max(pausedSince, startedAt));
    }
  }

  /**
   * Whether the frame arrives too slowly.
   *
   * @param bytes number of its bytes that have arrived
   * @param contended whether other connections wait for the memory it uses
   */
  boolean isOverdue(long now, long bytes, boolean contended) {
    if (!reading) {
      return false;
    }
    long grace = services.timeouts().request().toNanos();
    int rate = services.timeouts().requestRate();
    return isLate(now, bytes, grace, rate)
        || (contended
            && isLate(
                now,
                bytes,
                Math.min(grace, CONTENDED_GRACE_NANOS),
                Math.max(rate, CONTENDED_BYTES_PER_SECOND)));
  }

  private boolean isLate(long now, long bytes, long graceNanos, int bytesPerSecond) {
    long late = now - startedAt - graceNanos;
    return late > 0 && bytes < (double) late / TimeUnit.SECONDS.toNanos(1) * bytesPerSecond;
  }
}
