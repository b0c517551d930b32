package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.net.Budget;
import org.jspecify.annotations.Nullable;

/** A reservation in a budget for the frame that a connection is receiving. */
final class MemoryLease {

  private @Nullable Budget budget;
  private long bytes;

  /**
   * Reserves bytes, in place of an earlier reservation.
   *
   * @param now in {@link System#nanoTime}
   * @return false if the budget is used up
   */
  boolean tryAcquire(Budget from, long wanted, long now) {
    if (!from.tryReserve(wanted, now)) {
      return false;
    }
    release();
    budget = from;
    bytes = wanted;
    return true;
  }

  boolean isHeld() {
    return budget != null;
  }

  /** Whether others wait for this budget. */
  boolean isContended(long now) {
    return budget != null && budget.hasWaiters(now);
  }

  void release() {
    if (budget != null) {
      budget.release(bytes);
      budget = null;
    }
  }
}
