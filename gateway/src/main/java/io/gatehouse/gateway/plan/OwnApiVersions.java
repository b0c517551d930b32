package io.gatehouse.gateway.plan;

import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;

/**
 * Answers ApiVersions for brokers that a client has not been let through to yet, by what the
 * gateway knows of them.
 */
public final class OwnApiVersions {

  private static final List<String> RANGE = List.of("ApiKey", "MinVersion", "MaxVersion");
  private static final List<String> SUPPORTED = List.of("Name", "MinVersion", "MaxVersion");
  private static final List<String> FINALIZED =
      List.of("Name", "MaxVersionLevel", "MinVersionLevel");

  private OwnApiVersions() {}

  /**
   * @param request the frame with its length, of a version that the schemas know
   * @param known what a broker answered
   */
  public static ByteBuf answer(
      ByteBuf request, Struct known, Plan plan, ByteBufAllocator allocator) {
    return OwnResponse.to(
        request,
        response -> {
          // Copied before they are limited: what is known is read by all event loops.
          for (Struct range : known.getStructs("ApiKeys")) {
            if (!isOurs(range.getInt("ApiKey"))) {
              copy(range, response.addStruct("ApiKeys"), RANGE);
            }
          }
          ApiVersionsRewrite.limit(response.getStructs("ApiKeys"), plan);
          for (int apiKey : List.of(Plan.SASL_HANDSHAKE, Plan.SASL_AUTHENTICATE)) {
            MessageSchema schema = Schemas.get().request(apiKey);
            if (schema != null) {
              response
                  .addStruct("ApiKeys")
                  .set("ApiKey", apiKey)
                  .set("MinVersion", (int) schema.valid().lowest())
                  .set("MaxVersion", (int) schema.valid().highest());
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
        },
        allocator);
  }

  private static boolean isOurs(int apiKey) {
    return apiKey == Plan.SASL_HANDSHAKE || apiKey == Plan.SASL_AUTHENTICATE;
  }

  private static void copy(Struct from, Struct to, List<String> fields) {
    for (String field : fields) {
      to.set(field, from.get(field));
    }
  }
}
