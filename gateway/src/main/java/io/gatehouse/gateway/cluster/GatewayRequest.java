package io.gatehouse.gateway.cluster;

import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request that the gateway sends on its own behalf.
 *
 * @param fill sets the body's fields
 */
public record GatewayRequest(int apiKey, int version, Consumer<Struct> fill) {

  public static final int METADATA = 3;
  public static final int SASL_HANDSHAKE = 17;
  public static final int API_VERSIONS = 18;
  public static final int SASL_AUTHENTICATE = 36;

  /** The first version of ApiVersions with the client's software name (KIP-511, Kafka 2.4). */
  public static final int FIRST_WITH_SOFTWARE = 3;

  /** Encodes the request as a frame, including the length prefix. */
  public ByteBuf frame(int correlationId, String clientId, ByteBufAllocator allocator) {
    Struct header = Headers.request(apiKey, version, correlationId, clientId);
    Struct body = Struct.of(schema(Schemas.get().request(apiKey)).layout(version));
    fill.accept(body);
    int size = TreeWriter.size(header) + TreeWriter.size(body);
    ByteBuf frame = allocator.directBuffer(4 + size).writeInt(size);
    TreeWriter.write(header, frame);
    TreeWriter.write(body, frame);
    return frame;
  }

  /**
   * Decodes the response.
   *
   * @param frame the response from the correlation id on; not released here
   * @throws io.gatehouse.wire.MalformedMessage if it cannot be decoded
   */
  public Struct response(ByteBuf frame) {
    Headers.readResponse(apiKey, version, frame);
    // A broker that does not support this version of ApiVersions answers with version 0 (KIP-511).
    boolean oldest =
        apiKey == API_VERSIONS
            && frame.readableBytes() >= 2
            && frame.getShort(frame.readerIndex()) == ErrorCode.UNSUPPORTED_VERSION.number();
    return TreeReader.read(
        schema(Schemas.get().response(apiKey)).layout(oldest ? 0 : version), frame);
  }

  private MessageSchema schema(@Nullable MessageSchema schema) {
    if (schema == null) {
      throw new IllegalStateException("the protocol definitions have no api " + apiKey);
    }
    return schema;
  }
}
