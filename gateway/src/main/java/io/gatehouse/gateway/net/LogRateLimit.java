package io.gatehouse.gateway.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Limits log lines of one kind to five in ten seconds, and counts those left out. Thread-safe. */
public final class LogRateLimit {

  private static final int PER_INTERVAL = 5;
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final AtomicLong intervalStart = new AtomicLong();
  private final AtomicInteger written = new AtomicInteger();

  /**
   * Asks to write a line. Returns how many lines the previous interval left out, or -1 if this line
   * must be left out too.
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

  /** Text to append to a line after {@code leftOut} lines were left out; empty for 0. */
  public static String suffix(int leftOut) {
    return leftOut == 0 ? "" : " (" + leftOut + " more like this before were not logged)";
  }
}
