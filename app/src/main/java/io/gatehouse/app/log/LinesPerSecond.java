package io.gatehouse.app.log;

import java.util.concurrent.TimeUnit;

/** Lets so many lines pass in each second. Safe for use by many threads. */
final class LinesPerSecond {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final int most;

  // Guarded by this.
  private boolean begun;
  private long begunAt;
  private int passed;

  /**
   * @param most zero for any number
   */
  LinesPerSecond(int most) {
    this.most = most;
  }

  /**
   * @param now in {@link System#nanoTime}
   */
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
