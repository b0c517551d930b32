package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.tree.Struct;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Answers as texts that are equal if the answers are, apart from the order of arrays and from what
 * differs when a request is sent twice or on another way.
 */
final class Answers {

  /** Of these numbers only the sign counts: they grow with time and requests. */
  private static final Set<String> SIGNS =
      Set.of(
          "BaseOffset",
          "HighWatermark",
          "HighWaterMark",
          "LastOffset",
          "LastStableOffset",
          "LastTimestamp",
          "LastUpdateTimestamp",
          "LogEndOffset",
          "LastFetchTimestamp",
          "LastCaughtUpTimestamp",
          "Offset",
          "EndOffset",
          "OffsetLag",
          "PartitionSize",
          "ProducerEpoch",
          "ProducerId",
          "SessionId",
          "Timestamp",
          "TotalBytes",
          "TransactionStartTimeMs",
          "UsableBytes");

  /** What depends on time, and the addresses of brokers. */
  private static final Set<String> IGNORED =
      Set.of("ThrottleTimeMs", "LogAppendTimeMs", "Lag", "Host", "Port");

  /** APIs with ids of topics that are created for one request. */
  private static final Set<Integer> CHANGING = Set.of(Frames.CREATE_TOPICS, Frames.DELETE_TOPICS);

  /** Error codes of missing rights. */
  private static final Set<Integer> REFUSED = Set.of(3, 29, 30, 31, 53, 100);

  private Answers() {}

  /** The text of an answer, or of the connection's end. */
  static String text(Call call, byte @Nullable [] frame) {
    if (frame == null) {
      return "(closed)";
    }
    return text(call, Frames.readResponse(call.api(), call.version(), frame));
  }

  /** The text of an answer. */
  static String text(Call call, Struct answer) {
    StringBuilder text = new StringBuilder();
    append(answer, call, text);
    return text.toString();
  }

  private static void append(Struct struct, Call call, StringBuilder text) {
    text.append('{');
    for (FieldLayout field :
        Stream.concat(struct.layout().fields().stream(), struct.layout().tagged().stream())
            .toList()) {
      if (!IGNORED.contains(field.name())) {
        text.append(field.name()).append(':');
        Object value = struct.get(field.name());
        if (field.name().equals("ErrorMessage") && isRefused(struct)) {
          value = "(a text)";
        }
        value(value, field.name(), call, text);
        text.append(' ');
      }
    }
    if (!struct.unknownTags().isEmpty()) {
      text.append("tags:").append(struct.unknownTags().keySet());
    }
    text.append('}');
  }

  /** Texts about missing rights are different: some of the broker's show its objects. */
  private static boolean isRefused(Struct struct) {
    return struct.has("ErrorCode") && REFUSED.contains(struct.getInt("ErrorCode"));
  }

  private static void value(@Nullable Object value, String name, Call call, StringBuilder text) {
    switch (value) {
      case null -> text.append("null");
      case Struct struct -> append(struct, call, text);
      case List<?> list -> {
        List<String> elements = new ArrayList<>();
        for (Object each : list) {
          StringBuilder element = new StringBuilder();
          value(each, name, call, element);
          elements.add(element.toString());
        }
        elements.sort(null);
        text.append(elements);
      }
      case byte[] bytes -> text.append(bytes.length == 0 ? "" : "bytes");
      case Number number when SIGNS.contains(name) ->
          text.append(number.longValue() < 0 ? "-" : "+");
      case String string when call.api() == ClientCalls.JOIN_GROUP && name.equals("MemberId") ->
          text.append(string.isEmpty() ? "" : "member");
      case UUID id when CHANGING.contains(call.api()) ->
          text.append(id.getMostSignificantBits() == 0 ? "no id" : "id");
      case String string -> text.append(string.replace(Arena.TENANT.prefix(), ""));
      default -> text.append(value);
    }
  }
}
