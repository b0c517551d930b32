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
 * An ApiVersions request in a version that this gateway does not know. The broker is asked in
 * version 0 in its place, and the client gets the answer of a broker that does not know the version
 * either (KIP-511): in version 0, the error and the broker's own range of ApiVersions, up to what
 * the gateway knows.
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

  /** Only a broker can tell. */
  @Override
  public ByteBuf answer(ByteBuf frame, ByteBufAllocator allocator) throws NoResponse {
    throw new NoResponse("an ApiVersions request without a client id");
  }

  @Override
  public RefusalReason cause() {
    return RefusalReason.UNKNOWN_VERSION;
  }

  /** The request in version 0, with its correlation id and client id; null if it holds none. */
  @Override
  public @Nullable ByteBuf question(ByteBuf frame, ByteBufAllocator allocator) {
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
   * The answer, with its length, by what is known of the brokers already.
   *
   * @param known an ApiVersions response
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
    MessageSchema ours = Schemas.get().request(Plan.API_VERSIONS);
    return out.writeInt(correlationId)
        .writeShort(ErrorCode.UNSUPPORTED_VERSION.number())
        .writeInt(1)
        .writeShort(Plan.API_VERSIONS)
        .writeShort(lowest)
        .writeShort(Math.min(highest, ours == null ? 0 : ours.valid().highest()));
  }
}
