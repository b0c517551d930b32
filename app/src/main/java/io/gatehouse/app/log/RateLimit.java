package io.gatehouse.app.log;

import java.util.concurrent.TimeUnit;

/** Limits the number of lines in each second. Thread-safe. */
final class RateLimit {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final int most;

  // Guarded by this.
  private boolean begun;
  private long begunAt;
  private int passed;

  /**
   * @param most the maximum, zero for no limit
   */
  RateLimit(int most) {
    this.most = most;
  }

  /** Whether another line may be written at this time ({@link System#nanoTime}). */
  synchronized boolean take(long now) {
    if (most == 0) {
      return true;
    }
    if (!begun || now - begunAt >= SECOND) {
      begun = true;
      begunAt = now;
      passed = 0;
    }
    if (passed == most) {
      return false;
    }
    passed++;
    return true;
  }
}
