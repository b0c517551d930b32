package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.plan.Decision;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** Cuts frames of which some wait for a decision that is made after they have arrived. */
abstract class DecidedFrames extends FrameCutter {

  /** The decision about the frame at the cursor, if it was made after the frame had arrived. */
  private @Nullable Decision pendingDecision;

  DecidedFrames(ByteBufAllocator allocator) {
    super(allocator);
  }

  /**
   * Continues with a decision about the frame at the cursor. Takes ownership of the decision's
   * buffer.
   */
  final void onDecided(Decision decision) {
    if (isClosed()) {
      release(decision);
      return;
    }
    pendingDecision = decision;
    resumeFrom(PauseReason.DECISION);
  }

  private static void release(@Nullable Decision unused) {
    if (unused instanceof Decision.Answer answer) {
      answer.frame().release();
    } else if (unused instanceof Decision.Forward to && to.frame() != null) {
      to.frame().release();
    }
  }

  /** Keeps a decision about the frame at the cursor, which has to wait for something else. */
  final void storeDecision(Decision decision) {
    pendingDecision = decision;
  }

  final boolean isDecided() {
    return pendingDecision != null;
  }

  /** Whether the decision about the frame at the cursor is an answer. */
  final boolean isAnswered() {
    return pendingDecision instanceof Decision.Answer;
  }

  /** Returns and clears the decision about the frame at the cursor; null if there is none. */
  final @Nullable Decision takeDecision() {
    Decision now = pendingDecision;
    pendingDecision = null;
    return now;
  }

  @Override
  void close() {
    super.close();
    release(takeDecision());
  }
}
