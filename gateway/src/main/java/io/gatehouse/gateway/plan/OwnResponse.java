package io.gatehouse.gateway.plan;

import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;

/** A response of the gateway itself. */
public final class OwnResponse {

  private OwnResponse() {}

  /**
   * Writes a whole frame, with its length.
   *
   * @param request the request's frame with its length, whose head tells api, version and
   *     correlation id; the version must be one that the schemas know
   * @param fill sets the body's fields
   */
  public static ByteBuf to(ByteBuf request, Consumer<Struct> fill, ByteBufAllocator allocator) {
    int at = request.readerIndex();
    short apiKey = request.getShort(at + 4);
    short version = request.getShort(at + 6);
    MessageSchema schema = Schemas.get().response(apiKey);
    if (schema == null) {
      throw new IllegalArgumentException("the definitions hold no response to api " + apiKey);
    }
    Struct header = Headers.response(apiKey, version, request.getInt(at + 8));
    Struct body = Struct.of(schema.layout(version));
    fill.accept(body);
    int size = TreeWriter.size(header) + TreeWriter.size(body);
    ByteBuf frame = allocator.directBuffer(4 + size).writeInt(size);
    TreeWriter.write(header, frame);
    TreeWriter.write(body, frame);
    return frame;
  }
}
