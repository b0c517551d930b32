package io.gatehouse.gateway.plan;

import io.gatehouse.wire.walk.Edits;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;

/**
 * Edits one response. During the walk only positions are recorded. New values that need more work,
 * such as a port for an unknown broker, are computed after it.
 */
public interface ResponseEdit {

  /**
   * Records what to edit at a field or element that the walk has reached.
   *
   * @return whether anything was recorded
   */
  boolean onStep(Walker.Step step, Walker walker, Edits edits);

  /**
   * Called after the walk: sets the values for the positions recorded with {@link Edits#defer}.
   *
   * @param bytes the buffer that holds the response
   * @param zero index in {@code bytes} of position 0 of the walk
   */
  default void afterWalk(Edits edits, ByteBuf bytes, int zero) {}

  /** Bytes of memory held for recorded positions, not counting {@code edits}. */
  default long heldBytes() {
    return 0;
  }
}
