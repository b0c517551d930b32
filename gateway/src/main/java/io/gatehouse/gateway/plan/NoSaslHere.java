package io.gatehouse.gateway.plan;

import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Refuses SASL of a client where the gateway itself is logged in at the broker, which would take it
 * for that login being renewed.
 */
public final class NoSaslHere implements Refusal {

  private static final int ILLEGAL_SASL_STATE = 34;

  public static boolean concerns(int apiKey) {
    return apiKey == Plan.SASL_HANDSHAKE || apiKey == Plan.SASL_AUTHENTICATE;
  }

  @Override
  public @Nullable ByteBuf answer(ByteBuf frame, ByteBufAllocator allocator) {
    MessageSchema known = Schemas.get().request(frame.getShort(frame.readerIndex() + 4));
    if (known == null || !known.valid().contains(frame.getShort(frame.readerIndex() + 6))) {
      return null;
    }
    return OwnResponse.to(
        frame, response -> response.set("ErrorCode", ILLEGAL_SASL_STATE), allocator);
  }
}
