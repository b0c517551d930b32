package io.gatehouse.gateway.plan;

import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Answers ApiVersions requests of clients that have not authenticated yet, from the API versions
 * that the gateway itself has learned from the cluster. Thread-safe.
 */
public final class OwnApiVersions {

  private static final List<String> RANGE = List.of("ApiKey", "MinVersion", "MaxVersion");
  private static final List<String> SUPPORTED = List.of("Name", "MinVersion", "MaxVersion");
  private static final List<String> FINALIZED =
      List.of("Name", "MaxVersionLevel", "MinVersionLevel");

  private final Plan plan;

  /** The most recent response body for each version. */
  private final AtomicReferenceArray<@Nullable Cached> cache;

  /**
   * @param known the broker's response from which the body was built
   */
  private record Cached(Struct known, ByteBuf body) {}

  OwnApiVersions(Plan plan) {
    this.plan = plan;
    this.cache = new AtomicReferenceArray<>(schema().valid().highest() + 1);
  }

  /**
   * Builds a response.
   *
   * @param request the frame with its length, or only its first 12 bytes; not released here
   * @param known the broker's ApiVersions response
   * @return a whole frame with its length; the caller owns it
   */
  public ByteBuf answer(ByteBuf request, Struct known, ByteBufAllocator allocator) {
    int at = request.readerIndex();
    int version = request.getShort(at + 6);
    if (!schema().valid().contains(version)) {
      return NewerApiVersions.answer(request.getInt(at + 8), known, allocator);
    }
    Cached cached = cache.get(version);
    if (cached == null || !cached.known.equals(known)) {
      cached = new Cached(known, body(version, known));
      cache.set(version, cached);
    }
    int size =
        4 + cached.body.readableBytes(); // the response header is only a correlation id (KIP-511)
    return allocator
        .directBuffer(4 + size)
        .writeInt(size)
        .writeInt(request.getInt(at + 8))
        .writeBytes(cached.body, 0, cached.body.readableBytes());
  }

  private ByteBuf body(int version, Struct known) {
    Struct response = Struct.of(schema().layout(version));
    // Copied before editing, because all event loops read the original.
    for (Struct range : known.getStructs("ApiKeys")) {
      if (!isSasl(range.getInt("ApiKey"))) {
        copy(range, response.addStruct("ApiKeys"), RANGE);
      }
    }
    limit(response.getStructs("ApiKeys"));
    for (int apiKey : List.of(Plan.SASL_HANDSHAKE, Plan.SASL_AUTHENTICATE)) {
      MessageSchema sasl = Schemas.get().request(apiKey);
      if (sasl != null) {
        response
            .addStruct("ApiKeys")
            .set("ApiKey", apiKey)
            .set("MinVersion", (int) sasl.valid().lowest())
            .set("MaxVersion", (int) sasl.valid().highest());
      }
    }
    if (response.has("SupportedFeatures") && known.has("SupportedFeatures")) {
      for (Struct feature : known.getStructs("SupportedFeatures")) {
        copy(feature, response.addStruct("SupportedFeatures"), SUPPORTED);
      }
      for (Struct feature : known.getStructs("FinalizedFeatures")) {
        copy(feature, response.addStruct("FinalizedFeatures"), FINALIZED);
      }
      response.set("FinalizedFeaturesEpoch", known.getLong("FinalizedFeaturesEpoch"));
    }
    ByteBuf body = Unpooled.buffer(TreeWriter.size(response));
    TreeWriter.write(response, body);
    return body.asReadOnly();
  }

  /** Removes and limits the ranges as {@link ApiVersionsEdit} does. */
  private void limit(List<Struct> ranges) {
    ranges.removeIf(range -> {
      int apiKey = range.getInt("ApiKey");
      return plan.isForbidden(apiKey) || range.getInt("MinVersion") > plan.highestVersion(apiKey);
    });
    for (Struct range : ranges) {
      int highest = plan.highestVersion(range.getInt("ApiKey"));
      if (range.getInt("MaxVersion") > highest) {
        range.set("MaxVersion", (short) highest);
      }
    }
  }

  private static MessageSchema schema() {
    return Objects.requireNonNull(
        Schemas.get().response(Plan.API_VERSIONS),
        "the message definitions contain no ApiVersionsResponse");
  }

  private static boolean isSasl(int apiKey) {
    return apiKey == Plan.SASL_HANDSHAKE || apiKey == Plan.SASL_AUTHENTICATE;
  }

  private static void copy(Struct from, Struct to, List<String> fields) {
    for (String field : fields) {
      to.set(field, from.get(field));
    }
  }
}
