package io.gatehouse.gateway.plan;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.netty.buffer.ByteBuf;
import java.util.Objects;

/** Reads requests that the gateway answers itself. */
public final class OwnRequest {

  private OwnRequest() {}

  /**
   * Reads the body of a request.
   *
   * @param frame with its length; its API and version are known
   * @throws MalformedMessage if it is not such a request
   */
  public static Struct read(ByteBuf frame) {
    ByteBuf in = frame.slice(frame.readerIndex() + 4, frame.readableBytes() - 4);
    Struct header = Headers.readRequest(in);
    MessageSchema schema =
        Objects.requireNonNull(Schemas.get().request(header.getInt("RequestApiKey")));
    return TreeReader.readWhole(schema.layout(header.getInt("RequestApiVersion")), in);
  }
}
