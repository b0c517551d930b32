package io.gatehouse.control.store;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Up to where a log is read and published, for those who wait for an offset. */
final class ReadProgress {

  private long position = -1;
  private long failures;

  /** Called when all records before this offset are published. */
  synchronized void reached(long offset) {
    if (offset > position) {
      position = offset;
      notifyAll();
    }
  }

  /** Called when the log cannot be read now; nobody waits on. */
  synchronized void fail() {
    failures++;
    notifyAll();
  }

  /**
   * Waits until all records before an offset are published.
   *
   * @return whether they are; false if the log cannot be read, or not in this time
   */
  synchronized boolean await(long offset, Duration most) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    long failuresBefore = failures;
    while (position < offset && failures == failuresBefore) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      // one more, because a part of a millisecond must not become a wait without end
      wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
    }
    return position >= offset;
  }
}
