package io.gatehouse.gateway.plan;

import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Answers an ApiVersions request in a version that this gateway does not know, as a broker would
 * (KIP-511): in version 0, with the error and the range of ApiVersions itself.
 */
final class NewerApiVersions implements Refusal {

  private static final int CORRELATION_ID = 8;
  private static final int UNSUPPORTED_VERSION = 35;

  /** Correlation id, error code, number of ranges, one range. */
  private static final int LENGTH = 4 + 2 + 4 + 6;

  @Override
  public ByteBuf answer(ByteBuf frame, ByteBufAllocator allocator) {
    MessageSchema known = Schemas.get().request(Plan.API_VERSIONS);
    return allocator
        .directBuffer(4 + LENGTH)
        .writeInt(LENGTH)
        .writeInt(frame.getInt(frame.readerIndex() + CORRELATION_ID))
        .writeShort(UNSUPPORTED_VERSION)
        .writeInt(1)
        .writeShort(Plan.API_VERSIONS)
        .writeShort(0)
        .writeShort(known == null ? 0 : known.valid().highest());
  }
}
