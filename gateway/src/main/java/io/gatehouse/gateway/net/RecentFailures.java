package io.gatehouse.gateway.net;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What could not be reached lately, so that it is tried last. A failure is forgotten after 30
 * seconds, and the oldest ones beyond {@link #MAX_ENTRIES}. Thread-safe.
 */
final class RecentFailures<T> {

  static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(30);
  static final int MAX_ENTRIES = 1024;

  private final LongSupplier nanos;

  /** When each failed last, the oldest first. */
  private final Map<T, Long> failedAt = new LinkedHashMap<>();

  /**
   * @param nanos the clock, such as {@link System#nanoTime}
   */
  RecentFailures(LongSupplier nanos) {
    this.nanos = nanos;
  }

  synchronized void add(T one) {
    failedAt.remove(one);
    failedAt.put(one, nanos.getAsLong());
    if (failedAt.size() > MAX_ENTRIES) {
      failedAt.remove(failedAt.keySet().iterator().next());
    }
  }

  /** Forgets a failure: it was reached. */
  synchronized void remove(T one) {
    failedAt.remove(one);
  }

  /** The list in its order, except that entries that failed lately are moved to the end. */
  synchronized List<T> failedLast(List<T> all) {
    long now = nanos.getAsLong();
    failedAt.values().removeIf(at -> now - at > REMEMBERED_NANOS);
    if (failedAt.isEmpty() || all.size() < 2) {
      return all;
    }
    List<T> ordered = new ArrayList<>(all.size());
    List<T> failed = new ArrayList<>();
    for (T one : all) {
      (failedAt.containsKey(one) ? failed : ordered).add(one);
    }
    ordered.addAll(failed);
    return ordered;
  }
}
