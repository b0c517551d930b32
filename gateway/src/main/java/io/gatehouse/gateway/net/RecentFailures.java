package io.gatehouse.gateway.net;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What could not be reached lately, so that it is tried last. Each failure is forgotten after 30
 * seconds, and the oldest ones when there are too many. For use by all threads.
 */
final class RecentFailures<T> {

  static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(30);
  static final int MOST = 1024;

  private final LongSupplier nanos;

  /** When each failed last, the longest ago first. */
  private final Map<T, Long> failedAt = new LinkedHashMap<>();

  /**
   * @param nanos a clock as {@link System#nanoTime} is one
   */
  RecentFailures(LongSupplier nanos) {
    this.nanos = nanos;
  }

  synchronized void add(T one) {
    failedAt.remove(one);
    failedAt.put(one, nanos.getAsLong());
    if (failedAt.size() > MOST) {
      failedAt.remove(failedAt.keySet().iterator().next());
    }
  }

  /** It was reached. */
  synchronized void remove(T one) {
    failedAt.remove(one);
  }

  /** The same in the same order, but for those that failed lately, which stand at the end. */
  synchronized List<T> last(List<T> all) {
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
