package io.gatehouse.gateway.plan;

import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells clients what they can use through this gateway: of each api, the versions that both the
 * broker and the definitions know; of the forbidden ones, nothing.
 *
 * <p>Lower ends are left alone: the broker keeps Produce at 0 for old librdkafka, which would
 * otherwise not compress (KAFKA-18659), and versions below the schemas' hold no addresses.
 *
 * <p>Brokers answer all clients alike, so what was made of an answer is kept and copied: clients
 * may ask at any rate, and building the answer costs more than a broker needs for its own.
 */
final class ApiVersionsRewrite implements Rewrite {

  private static final int CORRELATION_ID = 4;

  /** Brokers of several releases in a cluster under upgrade, and some epochs of its features. */
  private static final int CACHED = 8;

  /** Longer answers are no broker's. */
  private static final int LONGEST_CACHED = 64 << 10;

  /** A broker's answer and what clients are told instead, both without the correlation id. */
  private record Cached(ByteBuf answer, ByteBuf rewritten) {}

  private final Plan plan;
  private final Layout layout;
  private final Layout oldest;

  /** The answers seen last. Replaced as a whole; a lost update costs one more rewrite. */
  private volatile List<Cached> cache = List.of();

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
    ByteBuf answer = frame.slice(frame.readerIndex() + CORRELATION_ID, frame.readableBytes() - 4);
    ByteBuf rewritten = cached(answer);
    if (rewritten == null) {
      rewritten = rewrite(answer.duplicate());
      remember(answer, rewritten);
    }
    return view.allocator()
        .directBuffer(CORRELATION_ID + rewritten.readableBytes())
        .writeInt(frame.getInt(frame.readerIndex()))
        .writeBytes(rewritten, 0, rewritten.readableBytes());
  }

  private @Nullable ByteBuf cached(ByteBuf answer) {
    for (Cached one : cache) {
      if (ByteBufUtil.equals(one.answer, answer)) {
        return one.rewritten;
      }
    }
    return null;
  }

  private void remember(ByteBuf answer, ByteBuf rewritten) {
    if (answer.readableBytes() > LONGEST_CACHED) {
      return;
    }
    List<Cached> before = cache;
    List<Cached> after = new ArrayList<>(CACHED);
    after.add(new Cached(Unpooled.wrappedBuffer(ByteBufUtil.getBytes(answer)), rewritten));
    after.addAll(before.subList(0, Math.min(before.size(), CACHED - 1)));
    cache = List.copyOf(after);
  }

  private ByteBuf rewrite(ByteBuf answer) {
    // A broker that does not know the version asked for answers in version 0 (KIP-511).
    boolean tooNew =
        answer.getShort(answer.readerIndex()) == ErrorCode.UNSUPPORTED_VERSION.number();
    Struct response = TreeReader.read(tooNew ? oldest : layout, answer);
    limit(response.getStructs("ApiKeys"), plan);
    ByteBuf rewritten = Unpooled.buffer(TreeWriter.size(response));
    TreeWriter.write(response, rewritten);
    return rewritten.asReadOnly();
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
