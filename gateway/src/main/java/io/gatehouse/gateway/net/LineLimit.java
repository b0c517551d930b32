package io.gatehouse.gateway.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Lets five log lines of a kind through in ten seconds, and counts those left out. */
public final class LineLimit {

  private static final int PER_INTERVAL = 5;
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final AtomicLong intervalStart = new AtomicLong();
  private final AtomicInteger written = new AtomicInteger();

  /**
   * How many lines were left out in the interval before, or -1 if this one is to be left out too.
   *
   * @param now {@link System#nanoTime}
   */
  public int permit(long now) {
    long start = intervalStart.get();
    if ((start == 0 || now - start > INTERVAL_NANOS)
        && intervalStart.compareAndSet(start, now == 0 ? 1 : now)) {
      return Math.max(0, written.getAndSet(1) - PER_INTERVAL);
    }
    return written.incrementAndGet() <= PER_INTERVAL ? 0 : -1;
  }

  /** What to add to a line after which so many were left out; empty for none. */
  public static String suffix(int leftOut) {
    return leftOut == 0 ? "" : " (" + leftOut + " more like this before were not logged)";
  }
}
