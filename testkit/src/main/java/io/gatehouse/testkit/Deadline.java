package io.gatehouse.testkit;

import java.time.Duration;

/** A deadline for waits. */
record Deadline(long nanoTime) {

  static Deadline in(Duration duration) {
    return new Deadline(System.nanoTime() + duration.toNanos());
  }

  boolean isOver() {
    return remaining().isZero();
  }

  /** The remaining time, zero after the deadline. */
  Duration remaining() {
    long nanos = nanoTime - System.nanoTime();
    return nanos > 0 ? Duration.ofNanos(nanos) : Duration.ZERO;
  }

  /**
   * The remaining time in milliseconds, at least one, because zero means no timeout for sockets.
   */
  int remainingMillis() {
    return Math.clamp(remaining().toMillis(), 1, Integer.MAX_VALUE);
  }

  /** Waits briefly before the next poll. */
  static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting", e);
    }
  }
}
