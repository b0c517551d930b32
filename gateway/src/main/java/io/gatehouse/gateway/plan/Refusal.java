package io.gatehouse.gateway.plan;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** The gateway's own answer to a request that no broker gets to see. */
@FunctionalInterface
public interface Refusal {

  /**
   * Writes the response, as a whole frame.
   *
   * @param frame the request with its length; not released here
   * @return null where no response can be made: the request cannot be read, asks for no answer, or
   *     is of an api or version that nobody knows
   */
  @Nullable ByteBuf answer(ByteBuf frame, ByteBufAllocator allocator);
}
