package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.refuse.NoResponse;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Handles an ApiVersions request in a version that this gateway does not support. The gateway sends
 * the broker a version 0 request instead. The client receives the response that a broker sends for
 * an unsupported version (KIP-511): version 0, error UNSUPPORTED_VERSION, and the range of
 * ApiVersions that both broker and gateway support.
 */
public final class NewerApiVersions implements Refusal {

  public static final RequestRule REQUEST = new RequestRule.Refuse(new NewerApiVersions());

  /** Length, api key, version, correlation id. */
  private static final int REQUEST_HEAD = 12;

  /** Correlation id, error code, number of ranges. */
  private static final int RESPONSE_HEAD = 10;

  /** Api key, lowest and highest version. */
  private static final int RANGE = 6;

  private NewerApiVersions() {}

  /** Not possible without the broker's versions; called only if no client id could be read. */
  @Override
  public ByteBuf answer(ByteBuf frame, ByteBufAllocator allocator) throws NoResponse {
    throw new NoResponse("an ApiVersions request without a client id");
  }

  @Override
  public RefusalReason cause() {
    return RefusalReason.UNKNOWN_VERSION;
  }

  /**
   * The version 0 request with the same correlation id and client id; null if the frame has no
   * valid client id.
   */
  @Override
  public @Nullable ByteBuf replacementRequest(ByteBuf frame, ByteBufAllocator allocator) {
    int at = frame.readerIndex();
    int left = frame.readableBytes() - REQUEST_HEAD - 2;
    int clientId = left < 0 ? 0 : Math.max(0, frame.getShort(at + REQUEST_HEAD));
    if (left < clientId) {
      return null;
    }
    int length = REQUEST_HEAD - 4 + 2 + clientId;
    return allocator
        .directBuffer(4 + length)
        .writeInt(length)
        .writeShort(Plan.API_VERSIONS)
        .writeShort(0)
        .writeInt(frame.getInt(at + 8))
        .writeBytes(frame, at + REQUEST_HEAD, 2 + clientId);
  }

  /**
   * The response, with its length, from the API versions that are already known.
   *
   * @param known an ApiVersions response of a broker
   */
  static ByteBuf answer(int correlationId, Struct known, ByteBufAllocator allocator) {
    int length = RESPONSE_HEAD + RANGE;
    ByteBuf out = allocator.directBuffer(4 + length).writeInt(length);
    for (Struct range : known.getStructs("ApiKeys")) {
      if (range.getInt("ApiKey") == Plan.API_VERSIONS) {
        return write(correlationId, range.getInt("MinVersion"), range.getInt("MaxVersion"), out);
      }
    }
    return write(correlationId, 0, 0, out);
  }

  private static ByteBuf write(int correlationId, int lowest, int highest, ByteBuf out) {
    MessageSchema schema = Schemas.get().request(Plan.API_VERSIONS);
    return out.writeInt(correlationId)
        .writeShort(ErrorCode.UNSUPPORTED_VERSION.number())
        .writeInt(1)
        .writeShort(Plan.API_VERSIONS)
        .writeShort(lowest)
        .writeShort(Math.min(highest, schema == null ? 0 : schema.valid().highest()));
  }
}
