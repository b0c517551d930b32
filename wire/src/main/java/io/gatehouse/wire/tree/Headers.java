package io.gatehouse.wire.tree;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The headers of requests and responses, as trees: {@code RequestApiKey}, {@code
 * RequestApiVersion}, {@code CorrelationId} and, in requests from version 1 on, {@code ClientId}.
 */
public final class Headers {

  private static final int CONTROLLED_SHUTDOWN = 7;
  private static final int API_VERSIONS = 18;

  /** API key, version and correlation id: the same in all versions of a request's header. */
  private static final int REQUEST_HEAD = 8;

  private static final Layout[] REQUEST = layouts("RequestHeader", 3);
  private static final Layout[] RESPONSE = layouts("ResponseHeader", 2);

  private Headers() {}

  /**
   * The version of a request's header: 2 for flexible requests (KIP-482), 0 for version 0 of
   * ControlledShutdown, else 1. It is 1 for an unknown API, because version 2 begins with the
   * fields of version 1.
   */
  public static int requestVersion(int apiKey, int apiVersion) {
    if (apiKey == CONTROLLED_SHUTDOWN && apiVersion == 0) {
      return 0;
    }
    return isFlexible(Schemas.get().request(apiKey), apiVersion) ? 2 : 1;
  }

  /**
   * The version of a response's header: 1 for flexible responses, else 0. It is always 0 for
   * ApiVersions, because the client does not know the broker's versions yet (KIP-511).
   */
  public static int responseVersion(int apiKey, int apiVersion) {
    return apiKey != API_VERSIONS && isFlexible(Schemas.get().response(apiKey), apiVersion) ? 1 : 0;
  }

  /**
   * Reads the header of a request, up to the first byte of the body.
   *
   * @throws MalformedMessage if the bytes are not a request header
   */
  public static Struct readRequest(ByteBuf in) {
    if (in.readableBytes() < REQUEST_HEAD) {
      throw new MalformedMessage(
          "RequestHeader: " + in.readableBytes() + " bytes, at least " + REQUEST_HEAD + " expected",
          in.readerIndex());
    }
    int apiKey = in.getShort(in.readerIndex());
    int apiVersion = in.getShort(in.readerIndex() + 2);
    return TreeReader.read(REQUEST[requestVersion(apiKey, apiVersion)], in);
  }

  /**
   * Reads the header of the response to a request of this API and version.
   *
   * @throws MalformedMessage if the bytes are not a response header
   */
  public static Struct readResponse(int apiKey, int apiVersion, ByteBuf in) {
    return TreeReader.read(RESPONSE[responseVersion(apiKey, apiVersion)], in);
  }

  /** A new header of a request; {@code clientId} is ignored if the version has none. */
  public static Struct request(
      int apiKey, int apiVersion, int correlationId, @Nullable String clientId) {
    return Struct.of(REQUEST[requestVersion(apiKey, apiVersion)])
        .set("RequestApiKey", apiKey)
        .set("RequestApiVersion", apiVersion)
        .set("CorrelationId", correlationId)
        .setIfPresent("ClientId", clientId);
  }

  /** A new header of the response to a request of this API and version. */
  public static Struct response(int apiKey, int apiVersion, int correlationId) {
    return Struct.of(RESPONSE[responseVersion(apiKey, apiVersion)])
        .set("CorrelationId", correlationId);
  }

  private static boolean isFlexible(@Nullable MessageSchema schema, int version) {
    return schema != null && schema.isFlexible(version);
  }

  private static Layout[] layouts(String name, int versions) {
    MessageSchema schema = Objects.requireNonNull(Schemas.get().message(name), name);
    Layout[] layouts = new Layout[versions];
    for (int version = 0; version < versions; version++) {
      layouts[version] = schema.layout(version);
    }
    return layouts;
  }
}
