package io.gatehouse.testkit;

import java.time.Duration;

/** A moment until which a wait may last. */
record Deadline(long nanoTime) {

  static Deadline in(Duration duration) {
    return new Deadline(System.nanoTime() + duration.toNanos());
  }

  boolean isOver() {
    return remaining().isZero();
  }

  /** What is left; zero when nothing is. */
  Duration remaining() {
    long nanos = nanoTime - System.nanoTime();
    return nanos > 0 ? Duration.ofNanos(nanos) : Duration.ZERO;
  }

  /** What is left in whole milliseconds, at least one: sockets take zero for "for ever". */
  int remainingMillis() {
    return Math.clamp(remaining().toMillis(), 1, Integer.MAX_VALUE);
  }

  /** Waits a moment before the next look at something that cannot be waited for. */
  static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting", e);
    }
  }
}
