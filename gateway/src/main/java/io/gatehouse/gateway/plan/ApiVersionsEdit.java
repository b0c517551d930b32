package io.gatehouse.gateway.plan;

import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Edits;
import io.gatehouse.wire.walk.Outline;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells clients what they can use through this gateway: of each api, the versions that both the
 * broker and the definitions know; of the forbidden ones, nothing.
 *
 * <p>Lower ends are left alone: the broker keeps Produce at 0 for old librdkafka, which would
 * otherwise not compress (KAFKA-18659), and versions below the schemas' hold no addresses.
 *
 * <p>Brokers answer all clients alike, so what was made of an answer is kept and copied: clients
 * may ask at any rate, and editing the answer costs more than a broker needs for its own.
 */
public final class ApiVersionsEdit {

  private static final Set<FieldKind> KINDS =
      EnumSet.of(
          FieldKind.ERROR_CODE,
          FieldKind.API_KEY,
          FieldKind.LOWEST_VERSION,
          FieldKind.HIGHEST_VERSION);

  /** In version 0: ApiVersions, of which the broker told nothing, in version 0 only. */
  private static final byte[] OLDEST = {0, Plan.API_VERSIONS, 0, 0, 0, 0};

  /** Brokers of several releases in a cluster under upgrade, and some epochs of its features. */
  private static final int CACHED = 8;

  /** Longer answers are no broker's. */
  private static final int LONGEST_CACHED = 64 << 10;

  /** A broker's answer and what clients are told instead, both without the correlation id. */
  private record Cached(ByteBuf answer, ByteBuf edited) {}

  private final Plan plan;
  private final boolean newer;
  private final Program program;
  private final Program oldest;

  /** The answers seen last. Replaced as a whole; a lost update costs one more walk. */
  private volatile List<Cached> cache = List.of();

  private ApiVersionsEdit(Plan plan, int version, boolean newer) {
    MessageSchema schema = Schemas.get().response(Plan.API_VERSIONS);
    if (schema == null) {
      throw new IllegalStateException("the definitions hold no ApiVersionsResponse");
    }
    Outline ranges = Outline.of("ApiKeys");
    this.plan = plan;
    this.newer = newer;
    this.program = Program.ofResponse(schema.layout(version), KINDS, ranges);
    this.oldest = Program.ofResponse(schema.layout(0), KINDS, ranges);
  }

  /** For clients that ask in this version. */
  static ApiVersionsEdit of(Plan plan, int version) {
    return new ApiVersionsEdit(plan, version, false);
  }

  /**
   * For clients that ask in a version the definitions do not know: of the broker's answer in
   * version 0, the range of ApiVersions is left, under an error that tells them to ask again
   * (KIP-511).
   */
  static ApiVersionsEdit ofNewer(Plan plan) {
    return new ApiVersionsEdit(plan, 0, true);
  }

  /**
   * What clients are told instead of an answer, if that is known. Not to be changed.
   *
   * @param answer from behind the correlation id
   */
  public @Nullable ByteBuf known(ByteBuf answer) {
    for (Cached one : cache) {
      if (ByteBufUtil.equals(one.answer, answer)) {
        return one.edited;
      }
    }
    return null;
  }

  /** Keeps what became of an answer; {@code edited} is not to be changed any more. */
  public void remember(ByteBuf answer, ByteBuf edited) {
    if (answer.readableBytes() > LONGEST_CACHED) {
      return;
    }
    List<Cached> before = cache;
    List<Cached> after = new ArrayList<>(CACHED);
    after.add(new Cached(Unpooled.wrappedBuffer(ByteBufUtil.getBytes(answer)), edited));
    after.addAll(before.subList(0, Math.min(before.size(), CACHED - 1)));
    cache = List.copyOf(after);
  }

  /**
   * The walk over an answer. A broker that does not know the version asked for answers in version 0
   * (KIP-511).
   *
   * @throws MalformedMessage if it has no error code
   */
  public Program program(ByteBuf answer) {
    if (answer.readableBytes() < Short.BYTES) {
      throw new MalformedMessage("an ApiVersions response without an error code", 0);
    }
    return answer.getShort(answer.readerIndex()) == ErrorCode.UNSUPPORTED_VERSION.number()
        ? oldest
        : program;
  }

  /** Begins to edit one answer. */
  public ResponseEdit begin() {
    return new Ranges();
  }

  private final class Ranges implements ResponseEdit {

    private int apiKey;
    private boolean dropped;
    private boolean found;

    @Override
    public boolean onStep(Walker.Step step, Walker walker, Edits edits) {
      switch (step) {
        case FIELD -> onField(walker, edits);
        case ELEMENT_END -> {
          if (dropped) {
            edits.dropElement(walker);
          }
        }
        case ARRAY_END -> {
          if (newer && !found) {
            edits.insertElement(walker, OLDEST);
          }
        }
        default -> {}
      }
      return true;
    }

    private void onField(Walker walker, Edits edits) {
      int value = (int) walker.number();
      switch (walker.kind()) {
        case ERROR_CODE -> {
          if (newer) {
            replace(walker, edits, ErrorCode.UNSUPPORTED_VERSION.number());
          }
        }
        case API_KEY -> {
          apiKey = value;
          dropped = plan.isForbidden(apiKey) || (newer && apiKey != Plan.API_VERSIONS);
          found |= apiKey == Plan.API_VERSIONS;
        }
        case LOWEST_VERSION -> dropped |= value > plan.highestVersion(apiKey);
        case HIGHEST_VERSION -> {
          if (value > plan.highestVersion(apiKey)) {
            replace(walker, edits, plan.highestVersion(apiKey));
          }
        }
        default -> {}
      }
    }

    private static void replace(Walker walker, Edits edits, int value) {
      edits.setNumber(edits.defer(walker, walker.start(), walker.stop()), value);
    }
  }
}
