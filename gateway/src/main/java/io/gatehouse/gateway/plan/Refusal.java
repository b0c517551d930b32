package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.wire.refuse.NoResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** An answer of the gateway to a request that is not forwarded. */
public interface Refusal {

  /**
   * Writes the response as a whole frame, at most {@link
   * io.gatehouse.wire.refuse.ErrorResponse#MOST_BYTES} long.
   *
   * @param frame the request with its length; not released here
   * @return the response; the caller owns it
   * @throws NoResponse if no response is possible: the request is malformed, expects no response,
   *     names more elements than one response can report, or has an API or version that the message
   *     definitions do not contain
   */
  ByteBuf answer(ByteBuf frame, ByteBufAllocator allocator) throws NoResponse;

  /** Why the request is refused, for the log and the metrics. */
  RefusalReason cause();

  /**
   * A request to send to the broker instead, as a whole frame with the same correlation id; null if
   * the gateway answers without the broker. The caller owns it.
   *
   * @param frame the request with its length; not released here
   */
  default @Nullable ByteBuf replacementRequest(ByteBuf frame, ByteBufAllocator allocator) {
    return null;
  }
}
