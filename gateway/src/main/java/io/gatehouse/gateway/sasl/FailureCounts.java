package io.gatehouse.gateway.sasl;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts failures that are forgiven one by one (a leaky bucket for each key). Keeps so many keys
 * and forgets the one first that failed longest ago. Safe for use by many threads.
 */
final class FailureCounts<K> {

  private final int allowed;
  private final long forgiveNanos;

  /** When each key will have been forgiven all, in {@link System#nanoTime}. */
  private final Map<K, Long> forgivenAt;

  /**
   * @param allowed failures that a key may have; zero for any number
   * @param forgiveAllNanos after this long all that are allowed are forgiven
   * @param most keys remembered
   */
  FailureCounts(int allowed, long forgiveAllNanos, int most) {
    this.allowed = allowed;
    this.forgiveNanos = Math.max(1, forgiveAllNanos / Math.max(1, allowed));
    this.forgivenAt =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, Long> eldest) {
            return size() > most;
          }
        };
  }

  /** Whether the key has failed as often as it may. */
  synchronized boolean isSpent(K key, long now) {
    return allowed > 0 && owed(key, now) > (allowed - 1) * forgiveNanos;
  }

  synchronized void add(K key, long now) {
    if (allowed > 0) {
      forgivenAt.put(key, now + owed(key, now) + forgiveNanos);
    }
  }

  /** Forgives a key all, and says how many failures that were. */
  synchronized long forgive(K key, long now) {
    long failures = Math.ceilDiv(owed(key, now), forgiveNanos);
    forgivenAt.remove(key);
    return failures;
  }

  /** Forgives a key so many. */
  synchronized void forgive(K key, long failures, long now) {
    long left = owed(key, now) - failures * forgiveNanos;
    if (left <= 0) {
      forgivenAt.remove(key);
    } else {
      forgivenAt.put(key, now + left);
    }
  }

  synchronized int size() {
    return forgivenAt.size();
  }

  private long owed(K key, long now) {
    Long forgiven = forgivenAt.get(key);
    return forgiven == null ? 0 : Math.max(0, forgiven - now);
  }
}
