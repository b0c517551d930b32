package io.gatehouse.control.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask about a store.
 *
 * @param where the topic or file
 * @param problem why changes are refused now, and what to do; null if they are accepted
 * @param read when the store was last known to have nothing newer
 * @param counts of writes and records since the start
 * @param copy null if there is none
 */
public record StoreStatus(
    String where, @Nullable String problem, Instant read, Counts counts, @Nullable Copy copy) {

  /**
   * A copy in another cluster.
   *
   * @param where the topic
   * @param problem why it does not follow, and what to do; null if it does
   * @param revision the revision that is copied; -1 if none is
   * @param inForce whether the resources in force come from it, because the store was not read yet
   */
  public record Copy(String where, @Nullable String problem, long revision, boolean inForce) {}

  /**
   * Counts since the start.
   *
   * @param written changes that were stored
   * @param rejected changes that could not be stored
   * @param superseded records that are no longer needed and not removed yet
   * @param unreadable records that this version cannot read, all or in part
   */
  public record Counts(long written, long rejected, long superseded, long unreadable) {
    static final Counts NONE = new Counts(0, 0, 0, 0);
  }

  /** Of a store without anything to report. */
  static StoreStatus ok(String where) {
    return new StoreStatus(where, null, Instant.now(), Counts.NONE, null);
  }
}
