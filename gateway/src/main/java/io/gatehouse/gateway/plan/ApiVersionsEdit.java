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
 * Edits ApiVersions responses: limits each API to the versions that both the broker and the message
 * definitions support, and removes forbidden APIs.
 *
 * <p>Lowest versions are unchanged. Brokers report Produce from version 0 because librdkafka would
 * not compress otherwise (KAFKA-18659), and versions below those in the definitions contain no
 * addresses.
 *
 * <p>Brokers send the same response to all clients, so edited responses are cached: clients may ask
 * at any rate, and an edit costs more than the broker's response. Thread-safe.
 */
public final class ApiVersionsEdit {

  private static final Set<FieldKind> KINDS =
      EnumSet.of(
          FieldKind.ERROR_CODE,
          FieldKind.API_KEY,
          FieldKind.LOWEST_VERSION,
          FieldKind.HIGHEST_VERSION);

  /**
   * The entry of ApiVersions in a version 0 response, with lowest and highest version 0; inserted
   * if the broker's response has none.
   */
  private static final byte[] API_VERSIONS_RANGE = {0, Plan.API_VERSIONS, 0, 0, 0, 0};

  /**
   * Enough for brokers of several releases during an upgrade and several epochs of finalized
   * features.
   */
  private static final int MAX_CACHED = 8;

  /** Longer responses are not cached; brokers send a few KiB. */
  private static final int MAX_CACHED_BYTES = 64 << 10;

  /** A broker's response and the edited one, both without the correlation id. */
  private record Cached(ByteBuf response, ByteBuf edited) {}

  private final Plan plan;
  private final boolean newer;
  private final Program program;
  private final Program version0;

  /**
   * The most recent responses. Replaced as a whole; if threads race, a lost update costs one more
   * edit.
   */
  private volatile List<Cached> cache = List.of();

  private ApiVersionsEdit(Plan plan, int version, boolean newer) {
    MessageSchema schema = Schemas.get().response(Plan.API_VERSIONS);
    if (schema == null) {
      throw new IllegalStateException("the message definitions contain no ApiVersionsResponse");
    }
    Outline ranges = Outline.of("ApiKeys");
    this.plan = plan;
    this.newer = newer;
    this.program = Program.ofResponse(schema.layout(version), KINDS, ranges);
    this.version0 = Program.ofResponse(schema.layout(0), KINDS, ranges);
  }

  /** The edit for clients that ask in a version that the definitions contain. */
  static ApiVersionsEdit of(Plan plan, int version) {
    return new ApiVersionsEdit(plan, version, false);
  }

  /**
   * The edit for clients that ask in a version that the definitions do not contain. Only the range
   * of ApiVersions remains of the broker's version 0 response, with error UNSUPPORTED_VERSION, so
   * that the client asks again in a supported version (KIP-511).
   */
  static ApiVersionsEdit ofNewer(Plan plan) {
    return new ApiVersionsEdit(plan, 0, true);
  }

  /**
   * The cached edited response, or null. Must not be modified.
   *
   * @param response the broker's response, after the correlation id
   */
  public @Nullable ByteBuf cached(ByteBuf response) {
    for (Cached one : cache) {
      if (ByteBufUtil.equals(one.response, response)) {
        return one.edited;
      }
    }
    return null;
  }

  /**
   * Caches an edited response, which must not be modified afterwards.
   *
   * @param response the broker's response, after the correlation id; copied
   */
  public void cache(ByteBuf response, ByteBuf edited) {
    if (response.readableBytes() > MAX_CACHED_BYTES) {
      return;
    }
    List<Cached> before = cache;
    List<Cached> after = new ArrayList<>(MAX_CACHED);
    after.add(new Cached(Unpooled.wrappedBuffer(ByteBufUtil.getBytes(response)), edited));
    after.addAll(before.subList(0, Math.min(before.size(), MAX_CACHED - 1)));
    cache = List.copyOf(after);
  }

  /**
   * The program that walks a response. A broker that does not support the requested version answers
   * in version 0 (KIP-511).
   *
   * @throws MalformedMessage if the response has no error code
   */
  public Program program(ByteBuf response) {
    if (response.readableBytes() < Short.BYTES) {
      throw new MalformedMessage("an ApiVersions response without an error code", 0);
    }
    return response.getShort(response.readerIndex()) == ErrorCode.UNSUPPORTED_VERSION.number()
        ? version0
        : program;
  }

  /** Starts the edit of one response. */
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
            edits.insertElement(walker, API_VERSIONS_RANGE);
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
