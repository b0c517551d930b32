package io.gatehouse.gateway.flow;

import java.util.concurrent.TimeUnit;

/**
 * How fast an incomplete request comes. After a time of grace it must have come at a least rate on
 * average, a higher one while others wait for what it takes up. Time in which the gateway itself
 * did not read does not count.
 */
final class FrameClock {

  /** The grace and the least rate of a request that others wait for. */
  private static final long PRESSED_GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int PRESSED_BYTES_PER_SECOND = 1 << 20;

  private final Services services;
  private long begunAt;
  private boolean reading = true;
  private long notReadSince;

  FrameClock(Services services) {
    this.services = services;
  }

  void begin(long now) {
    begunAt = now;
  }

  /** Whether the gateway reads from the client from now on. */
  void onReading(boolean from, long now) {
    if (from == reading) {
      return;
    }
    reading = from;
    if (!from) {
      notReadSince = now;
    } else {
      begunAt += Math.max(0, now - Math.max(notReadSince, begunAt));
    }
  }

  /**
   * Whether a frame that was begun comes too slowly.
   *
   * @param bytes how many of it have come
   * @param inTheWay whether others wait for what the frame takes up
   */
  boolean isOverdue(long now, long bytes, boolean inTheWay) {
    if (!reading) {
      return false;
    }
    long grace = services.timeouts().request().toNanos();
    int rate = services.timeouts().requestRate();
    return isLate(now, bytes, grace, rate)
        || (inTheWay
            && isLate(
                now,
                bytes,
                Math.min(grace, PRESSED_GRACE_NANOS),
                Math.max(rate, PRESSED_BYTES_PER_SECOND)));
  }

  private boolean isLate(long now, long bytes, long graceNanos, int bytesPerSecond) {
    long late = now - begunAt - graceNanos;
    return late > 0 && bytes < (double) late / TimeUnit.SECONDS.toNanos(1) * bytesPerSecond;
  }
}
