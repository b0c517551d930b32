package io.gatehouse.wire.tree;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.records.BatchCursor;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Messages as JSON for logs and people: bounded, always well-formed, without secrets.
 *
 * <ul>
 *   <li>Fields of kind {@link FieldKind#SECRET} and the values of sensitive configs ({@link
 *       SensitiveConfigs}) read {@code "<hidden>"}.
 *   <li>Bytes are shown by their length: {@code "<120 bytes>"}; records by their length and the
 *       headers of their batches, without keys and values.
 *   <li>UUIDs are in URL-safe base64, as in Kafka's tools.
 *   <li>Unknown tagged fields are in {@code "_tags"}, by tag.
 *   <li>{@code …} marks where content was left out because of the limit.
 * </ul>
 */
public final class FrameJson {

  /** The smallest allowed limit, in chars. */
  public static final int SHORTEST = 64;

  private static final String HIDDEN = "<hidden>";

  private final BoundedJson json;

  private FrameJson(int maxLength) {
    if (maxLength < SHORTEST) {
      throw new IllegalArgumentException(
          "a limit of " + maxLength + " chars; the shortest is " + SHORTEST);
    }
    this.json = new BoundedJson(maxLength);
  }

  /** A struct as an object of at most {@code maxLength} chars. */
  public static String render(Struct struct, int maxLength) {
    FrameJson frame = new FrameJson(maxLength);
    frame.struct(struct, false);
    return frame.json.toString();
  }

  /** A JSON string of at most about {@code maxLength} chars, safe in a log. */
  public static String text(String text, int maxLength) {
    FrameJson frame = new FrameJson(maxLength);
    frame.json.text(text);
    return frame.json.toString();
  }

  /** A frame as {@code {"header":{...},"body":{...}}} of at most {@code maxLength} chars. */
  public static String render(Struct header, Struct body, int maxLength) {
    FrameJson frame = new FrameJson(maxLength);
    BoundedJson json = frame.json;
    json.open('{');
    if (json.name("header")) {
      frame.struct(header, false);
    }
    if (json.name("body")) {
      frame.struct(body, false);
    }
    json.close();
    return json.toString();
  }

  /**
   * @param hidden whether an enclosing struct hides its values
   */
  private void struct(Struct struct, boolean hidden) {
    boolean hide = hidden || SensitiveConfigs.hidesValue(struct);
    json.open('{');
    List<FieldLayout> plain = struct.layout().fields();
    List<FieldLayout> tagged = struct.layout().tagged();
    for (int i = 0; i < plain.size() + tagged.size(); i++) {
      if (!json.name(struct.field(i).name())) {
        break;
      }
      field(struct.field(i), struct.value(i), hide);
    }
    unknownTags(struct.unknownTags());
    json.close();
  }

  private void unknownTags(Map<Integer, byte[]> tags) {
    if (tags.isEmpty() || !json.name("_tags")) {
      return;
    }
    json.open('{');
    for (Map.Entry<Integer, byte[]> tag : tags.entrySet()) {
      if (!json.name(tag.getKey().toString())) {
        break;
      }
      json.text(length(tag.getValue()));
    }
    json.close();
  }

  private void field(FieldLayout field, @Nullable Object value, boolean hide) {
    if (value == null) {
      json.literal("null");
    } else if (field.kind() == FieldKind.SECRET || (hide && SensitiveConfigs.isValue(field))) {
      json.text(HIDDEN);
    } else if (field.array()) {
      json.open('[');
      for (Object each : (List<?>) value) {
        if (!json.element()) {
          break;
        }
        one(field.type(), each, hide);
      }
      json.close();
    } else {
      one(field.type(), value, hide);
    }
  }

  private void one(FieldType type, @Nullable Object value, boolean hide) {
    switch (value) {
      case null -> json.literal("null");
      case Struct struct -> struct(struct, hide);
      case String text -> json.text(text);
      case byte[] bytes when type == FieldType.RECORDS -> records(bytes);
      case byte[] bytes -> json.text(length(bytes));
      case UUID uuid -> json.text(kafkaText(uuid));
      case Double number when !Double.isFinite(number) -> json.text(number.toString());
      case Number number -> json.literal(number.toString());
      case Boolean flag -> json.literal(flag.toString());
      default -> throw new IllegalStateException("no " + type + ": " + value.getClass());
    }
  }

  /** Writes the headers of complete batches, or only the length if there is none. */
  private void records(byte[] bytes) {
    BatchCursor batch = BatchCursor.of(Unpooled.wrappedBuffer(bytes));
    boolean whole = isWhole(batch);
    if (!whole) {
      json.text(length(bytes));
      return;
    }
    json.open('{');
    number("bytes", bytes.length);
    if (json.name("batches")) {
      json.open('[');
      while (whole && json.element()) {
        batch(batch);
        whole = isWhole(batch);
      }
      json.close();
    }
    json.close();
  }

  private static boolean isWhole(BatchCursor batch) {
    try {
      return batch.next();
    } catch (MalformedMessage e) {
      return false;
    }
  }

  private void batch(BatchCursor batch) {
    json.open('{');
    number("magic", batch.magic());
    number("bytes", batch.size());
    number("baseOffset", batch.baseOffset());
    number("lastOffset", batch.lastOffset());
    number("records", batch.recordCount());
    if (json.name("codec")) {
      json.text(batch.codec().name().toLowerCase(Locale.ROOT));
    }
    number("maxTimestamp", batch.maxTimestamp());
    number("producerId", batch.producerId());
    number("baseSequence", batch.baseSequence());
    json.close();
  }

  /** Writes a numeric field, unless the value is "none". */
  private void number(String name, long value) {
    if (value != BatchCursor.NONE && json.name(name)) {
      json.literal(Long.toString(value));
    }
  }

  private static String length(byte[] bytes) {
    return "<" + bytes.length + (bytes.length == 1 ? " byte>" : " bytes>");
  }

  private static String kafkaText(UUID uuid) {
    byte[] bytes =
        ByteBuffer.allocate(16)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
