package io.gatehouse.gateway.session;

import io.gatehouse.gateway.settings.Timeouts;
import java.util.concurrent.TimeUnit;

/**
 * How fast an incomplete request comes. After a time of grace it must have come at a least rate on
 * average. Time in which the gateway itself did not read does not count.
 */
final class FrameClock {

  private final Timeouts timeouts;
  private long begunAt;
  private long bytes;
  private long lastTick;

  FrameClock(Timeouts timeouts) {
    this.timeouts = timeouts;
  }

  /** A frame began, with {@code here} bytes of it. */
  void begin(long now, int here) {
    begunAt = now;
    bytes = here;
  }

  void came(int more) {
    bytes += more;
  }

  /** To be asked at every tick while a frame is incomplete, or told that none is. */
  boolean isOverdue(long now, boolean incomplete, boolean reading) {
    long sinceTick = lastTick == 0 ? 0 : now - lastTick;
    lastTick = now;
    if (!incomplete) {
      return false;
    }
    if (!reading) {
      begunAt += sinceTick;
      return false;
    }
    long late = now - begunAt - timeouts.request().toNanos();
    double expected =
        (double) late / TimeUnit.SECONDS.toNanos(1) * timeouts.requestBytesPerSecond();
    return late > 0 && bytes < expected;
  }

  long bytes() {
    return bytes;
  }
}
