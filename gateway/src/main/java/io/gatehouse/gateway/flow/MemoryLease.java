package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.net.Budget;
import org.jspecify.annotations.Nullable;

/** What a connection has taken out of a budget for the frame that it sends, if anything. */
final class MemoryLease {

  private @Nullable Budget budget;
  private long bytes;

  /**
   * Takes the bytes if they are there.
   *
   * @param now in {@link System#nanoTime}
   */
  boolean take(Budget from, long wanted, long now) {
    if (!from.tryReserve(wanted, now)) {
      return false;
    }
    giveBack();
    budget = from;
    bytes = wanted;
    return true;
  }

  boolean isTaken() {
    return budget != null;
  }

  /** Whether others wait for it. */
  boolean isWanted(long now) {
    return budget != null && budget.hasWaiters(now);
  }

  void giveBack() {
    if (budget != null) {
      budget.release(bytes);
      budget = null;
    }
  }
}
