package io.gatehouse.control.store;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Removes records that are superseded. Only nodes that write do so. Used by the thread of one
 * reader, which it never blocks.
 */
final class LogCleaner {

  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration TOMBSTONE_TIMEOUT = Duration.ofSeconds(10);
  private static final int AT_ONCE = 500;

  /** How far behind the end records of other nodes are left for them to remove. */
  private static final int OTHERS_RECORDS = 1000;

  private final LogWriter writer;
  private final Set<String> sent = new HashSet<>();
  private long cleanedAt;

  LogCleaner(LogWriter writer) {
    this.writer = writer;
  }

  /**
   * Writes tombstones of some records, if those before were read or are given up.
   *
   * @param position up to where the log was read
   */
  void clean(ChangeLog changes, long position) {
    long now = System.nanoTime();
    long since = now - cleanedAt;
    boolean waits = !sent.isEmpty() && since < TOMBSTONE_TIMEOUT.toNanos();
    if (!writer.hasWritten() || waits || since < INTERVAL.toNanos()) {
      return;
    }
    cleanedAt = now;
    List<String> keys = changes.removable(writer.prefix(), position - OTHERS_RECORDS, AT_ONCE);
    sent.clear();
    sent.addAll(keys);
    writer.remove(keys);
  }

  /** Called when the tombstone of a record was read. */
  void removed(String key) {
    sent.remove(key);
  }

  /** Called when the log is read from its beginning. */
  void restart() {
    sent.clear();
  }
}
