package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.net.Budget;

/**
 * What one session holds in memory beyond the event it came in, charged to the budget that all
 * sessions share: input that waits, frames that must be seen whole, answers of the gateway's own
 * and rewritten ones that wait for their turn or for a slow client. Bytes that stand in read
 * buffers are charged by {@link io.gatehouse.gateway.net.ReadBuffers}.
 */
final class SessionMemory {

  /** Less is not worth an atomic operation, and strangers can have no more unsent. */
  private static final int FREE = 16 << 10;

  /** Who holds more than this must hurry while others wait for memory. */
  private static final int LARGE = 1 << 20;

  private final Session session;
  private final Budget budget;
  private long charged;

  /** Whether anything may be held. */
  private boolean touched;

  SessionMemory(Session session) {
    this.session = session;
    this.budget = session.services().shared().memory();
  }

  /**
   * Takes what is going to be held, until the event's end puts the charge right.
   *
   * @return false if the budget is spent
   */
  boolean reserve(long bytes) {
    if (!budget.tryReserve(bytes, session.loop().now())) {
      return false;
    }
    charged += bytes;
    return true;
  }

  /** The same for what the session cannot go on without: there is more room for that. */
  boolean reserveUrgent(long bytes) {
    if (!budget.tryReserveUrgent(bytes, session.loop().now())) {
      return false;
    }
    charged += bytes;
    return true;
  }

  /** Something is held from now on that outlasts the event. */
  void touch() {
    touched = true;
  }

  /** An event is over: what is held now is charged, whether the budget has it or not. */
  void settle() {
    if (touched || charged != 0) {
      long held = session.isClosed() ? 0 : session.heldBytes();
      touched = held > 0;
      charge(held <= FREE ? 0 : held);
    }
  }

  private void charge(long due) {
    if (due != charged) {
      budget.reserve(due - charged);
      charged = due;
    }
  }

  /** Whether much is held here that others wait for. */
  boolean isInTheWay(long now) {
    return charged > LARGE && budget.hasWaiters(now);
  }
}
