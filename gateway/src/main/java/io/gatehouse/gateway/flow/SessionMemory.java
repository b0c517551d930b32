package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.net.Budget;

/**
 * The memory that one session holds beyond the current event, charged to the budget that all
 * sessions share: queued input, frames collected whole, the gateway's own and edited responses that
 * wait for their turn or for a slow client. Read buffers are charged by {@link
 * io.gatehouse.gateway.net.ReadBuffers}.
 */
final class SessionMemory {

  /**
   * Less is not charged, which saves an atomic operation. Clients without a request or login cannot
   * have more unsent.
   */
  private static final int UNCHARGED_BYTES = 16 << 10;

  /** A session that holds more than this has shorter deadlines while others wait for memory. */
  private static final int LARGE_BYTES = 1 << 20;

  private final Session session;
  private final Budget budget;
  private long charged;

  /** Whether the session may hold memory. */
  private boolean held;

  SessionMemory(Session session) {
    this.session = session;
    this.budget = session.services().shared().memory();
  }

  /**
   * Reserves memory that is about to be held. The end of the event corrects the charge.
   *
   * @return false if the budget is used up
   */
  boolean reserve(long bytes) {
    if (!budget.tryReserve(bytes, session.loop().now())) {
      return false;
    }
    charged += bytes;
    return true;
  }

  /**
   * Reserves memory that the session cannot continue without. The budget has a reserve for it.
   *
   * @return false if that is used up, too
   */
  boolean reserveUrgent(long bytes) {
    if (!budget.tryReserveUrgent(bytes, session.loop().now())) {
      return false;
    }
    charged += bytes;
    return true;
  }

  /** Records that memory is held beyond this event. */
  void markHeld() {
    held = true;
  }

  /**
   * Corrects the charge at the end of an event to the memory that is held, even if that exceeds the
   * budget.
   */
  void updateCharge() {
    if (held || charged != 0) {
      long bytes = session.isClosed() ? 0 : session.heldBytes();
      held = bytes > 0;
      charge(bytes <= UNCHARGED_BYTES ? 0 : bytes);
    }
  }

  private void charge(long due) {
    if (due != charged) {
      budget.reserve(due - charged);
      charged = due;
    }
  }

  /** Whether the session holds much memory and others wait for it. */
  boolean isContended(long now) {
    return charged > LARGE_BYTES && budget.hasWaiters(now);
  }
}
