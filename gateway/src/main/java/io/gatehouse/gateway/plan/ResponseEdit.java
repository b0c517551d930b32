package io.gatehouse.gateway.plan;

import io.gatehouse.wire.walk.Edits;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;

/**
 * One way to edit a response. The walk only reads: whatever it takes to know a new value, such as a
 * port for a broker that was not met before, is done when it is over.
 */
public interface ResponseEdit {

  /**
   * The walk came upon something of interest: notes what is to be edited there.
   *
   * @return whether anything was noted
   */
  boolean onStep(Walker.Step step, Walker walker, Edits edits);

  /**
   * The walk is over: tells the values that {@link Edits#defer} waits for.
   *
   * @param bytes holds position 0 of what was walked at {@code zero}
   */
  default void afterWalk(Edits edits, ByteBuf bytes, int zero) {}

  /** Bytes of memory that are held for what was noted, beside the edits. */
  default long heldBytes() {
    return 0;
  }
}
