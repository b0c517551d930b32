package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.wire.refuse.NoResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** The gateway's own answer to a request that no broker gets to see. */
public interface Refusal {

  /**
   * Writes the response, as a whole frame of {@link
   * io.gatehouse.wire.refuse.ErrorResponse#MOST_BYTES} at most.
   *
   * @param frame the request with its length; not released here
   * @throws NoResponse where no response can be made: the request cannot be read, asks for no
   *     answer, is about more than one answer can tell, or is of an api or version that nobody
   *     knows
   */
  ByteBuf answer(ByteBuf frame, ByteBufAllocator allocator) throws NoResponse;

  /** Why the request is refused, for the log and the metrics. */
  RefusalReason cause();

  /**
   * What a broker is asked in the request's place, as a whole frame with the same correlation id;
   * null where the gateway answers by itself.
   *
   * @param frame the request with its length; not released here
   */
  default @Nullable ByteBuf question(ByteBuf frame, ByteBufAllocator allocator) {
    return null;
  }
}
