package io.gatehouse.gateway.plan;

import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;

/** Writes responses of the gateway itself. */
public final class OwnResponse {

  private OwnResponse() {}

  /**
   * Writes a response frame with its length.
   *
   * @param request the request's frame with its length, of which the first 12 bytes are read; its
   *     version must be one in the message definitions
   * @param fill sets the fields of the body
   * @return the frame; the caller owns it
   */
  public static ByteBuf to(ByteBuf request, Consumer<Struct> fill, ByteBufAllocator allocator) {
    int at = request.readerIndex();
    short apiKey = request.getShort(at + 4);
    short version = request.getShort(at + 6);
    MessageSchema schema = Schemas.get().response(apiKey);
    if (schema == null) {
      throw new IllegalArgumentException(
          "the message definitions contain no response of api key " + apiKey);
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
