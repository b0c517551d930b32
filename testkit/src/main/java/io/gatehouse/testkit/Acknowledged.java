package io.gatehouse.testkit;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The records of a producer that were acknowledged, and how long none was. */
public final class Acknowledged {

  private final Queue<String> values = new ConcurrentLinkedQueue<>();
  private long last = System.nanoTime();
  private long longest;

  /** Notes that a record was acknowledged now. */
  public synchronized void add(String value) {
    long now = System.nanoTime();
    longest = Math.max(longest, now - last);
    last = now;
    values.add(value);
  }

  /** All of them, in the order of their acknowledgement. */
  public Queue<String> values() {
    return values;
  }

  /** The longest time without an acknowledgement since this was last called. */
  public synchronized Duration takeLongestGap() {
    Duration gap = Duration.ofNanos(longest);
    longest = 0;
    return gap;
  }
}
