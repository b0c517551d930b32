package io.gatehouse.gateway.sasl;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts failures per key in leaky buckets: failures expire one by one. Holds a limited number of
 * keys and evicts the least recently used one. Thread-safe.
 */
final class FailureCounts<K> {

  private final int allowed;
  private final long forgiveNanos;

  /** When all failures of a key will have expired, in {@link System#nanoTime}. */
  private final Map<K, Long> forgivenAt;

  /**
   * @param allowed failures until a key is exhausted; 0 for no limit
   * @param forgiveAllNanos time in which that many failures expire
   * @param maxKeys maximum number of keys
   */
  FailureCounts(int allowed, long forgiveAllNanos, int maxKeys) {
    this.allowed = allowed;
    this.forgiveNanos = Math.max(1, forgiveAllNanos / Math.max(1, allowed));
    this.forgivenAt =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, Long> eldest) {
            return size() > maxKeys;
          }
        };
  }

  /** Whether the key has reached the allowed number of failures. */
  synchronized boolean isExhausted(K key, long now) {
    return allowed > 0 && remainingNanos(key, now) > (allowed - 1) * forgiveNanos;
  }

  synchronized void add(K key, long now) {
    if (allowed > 0) {
      forgivenAt.put(key, now + remainingNanos(key, now) + forgiveNanos);
    }
  }

  /**
   * Clears all failures of a key.
   *
   * @return how many there were
   */
  synchronized long forgive(K key, long now) {
    long failures = Math.ceilDiv(remainingNanos(key, now), forgiveNanos);
    forgivenAt.remove(key);
    return failures;
  }

  /** Removes a number of failures of a key. */
  synchronized void forgive(K key, long failures, long now) {
    long left = remainingNanos(key, now) - failures * forgiveNanos;
    if (left <= 0) {
      forgivenAt.remove(key);
    } else {
      forgivenAt.put(key, now + left);
    }
  }

  synchronized int size() {
    return forgivenAt.size();
  }

  private long remainingNanos(K key, long now) {
    Long forgiven = forgivenAt.get(key);
    return forgiven == null ? 0 : Math.max(0, forgiven - now);
  }
}
