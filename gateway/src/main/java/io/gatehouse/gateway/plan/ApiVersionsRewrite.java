package io.gatehouse.gateway.plan;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Tells clients what they can use through this gateway: of the apis it must look inside, the
 * versions it knows; of all others, whatever the broker has; of the forbidden ones, nothing.
 *
 * <p>Lower ends are left alone: the broker keeps Produce at 0 for old librdkafka, which would
 * otherwise not compress (KAFKA-18659), and versions below the schemas' hold no addresses.
 */
final class ApiVersionsRewrite implements Rewrite {

  private static final int UNSUPPORTED_VERSION = 35;
  private static final int CORRELATION_ID = 4;

  private final Plan plan;
  private final Layout layout;
  private final Layout oldest;

  ApiVersionsRewrite(Plan plan, int version) {
    this.plan = plan;
    MessageSchema schema = Schemas.get().response(Plan.API_VERSIONS);
    if (schema == null) {
      throw new IllegalStateException("the definitions hold no ApiVersionsResponse");
    }
    this.layout = schema.layout(version);
    this.oldest = schema.layout(0);
  }

  @Override
  public ByteBuf apply(ByteBuf frame, View view) {
    if (frame.readableBytes() < CORRELATION_ID + 2) {
      throw new MalformedMessage("an ApiVersions response without an error code", 0);
    }
    // A broker that does not know the version asked for answers in version 0 (KIP-511).
    boolean tooNew = frame.getShort(frame.readerIndex() + CORRELATION_ID) == UNSUPPORTED_VERSION;
    int correlationId = frame.readInt();
    Struct response = TreeReader.read(tooNew ? oldest : layout, frame);
    limit(response.getStructs("ApiKeys"), plan);
    ByteBuf out = view.allocator().directBuffer(CORRELATION_ID + TreeWriter.size(response));
    out.writeInt(correlationId);
    TreeWriter.write(response, out);
    return out;
  }

  /** Leaves the ranges that clients may be told of. */
  static void limit(List<Struct> ranges, Plan plan) {
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
}
