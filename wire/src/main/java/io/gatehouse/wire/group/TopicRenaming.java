package io.gatehouse.wire.group;

import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Copies one message of a version without compact lengths, and renames its topics.
 *
 * <p>It accepts exactly what Kafka's classes accept, so also any negative length for null, unlike
 * the walker and the tree reader: bytes that only the broker could read would reach it with names
 * that were not replaced.
 */
final class TopicRenaming {

  /** The length of a string is an int16. */
  private static final int LONGEST_STRING = Short.MAX_VALUE;

  private final ByteBuf in;
  private final int end;
  private final Function<String, @Nullable String> names;
  private final ByteBuf out;

  /** Index of the next byte to read. */
  private int at;

  /** Whether the bytes end early or have a length that the message does not allow. */
  private boolean wrong;

  TopicRenaming(ByteBuf in, int from, int end, Function<String, @Nullable String> names) {
    this.in = in;
    this.at = from;
    this.end = end;
    this.names = names;
    this.out = Unpooled.buffer(end - from + 64);
  }

  /** The whole bytes, which begin with the version; null if they are not of the layout. */
  byte @Nullable [] renamed(Layout layout) {
    try {
      copy(Short.BYTES);
      struct(layout.root());
      copy(end - at);
      return wrong ? null : ByteBufUtil.getBytes(out);
    } finally {
      out.release();
    }
  }

  /** Copies a struct; false if it contains a topic that is left out. */
  private boolean struct(StructLayout struct) {
    boolean kept = true;
    for (FieldLayout field : struct.fields()) {
      if (field.array()) {
        array(field);
      } else {
        kept &= element(field, field.nullable());
      }
    }
    return kept;
  }

  private void array(FieldLayout field) {
    int count = number(Integer.BYTES);
    if (count < 0 || (long) count * field.smallestElement() > end - at) {
      wrong = true;
      return;
    }
    int width = field.type().width();
    if (width > 0) {
      out.writeInt(count);
      copy(count * width);
      return;
    }
    int countIndex = out.writerIndex();
    out.writeInt(0);
    int kept = 0;
    for (int i = 0; i < count && !wrong; i++) {
      int start = out.writerIndex();
      if (element(field, false)) {
        kept++;
      } else {
        out.writerIndex(start);
      }
    }
    out.setInt(countIndex, kept);
  }

  /** Copies a value; false if it is or contains a topic that is left out. */
  private boolean element(FieldLayout field, boolean nullable) {
    switch (field.type()) {
      case STRUCT -> {
        return struct(field.structOrThrow());
      }
      case STRING, BYTES, RECORDS -> {
        return text(field, nullable);
      }
      default -> copy(field.type().width());
    }
    return true;
  }

  private boolean text(FieldLayout field, boolean nullable) {
    int width = field.type() == FieldType.STRING ? Short.BYTES : Integer.BYTES;
    int length = number(width);
    if (length > end - at || (length < 0 && !nullable)) {
      wrong = true;
    }
    if (wrong) {
      return true;
    }
    if (length < 0 || field.kind() != FieldKind.TOPIC_NAME) {
      at -= width;
      copy(width + Math.max(length, 0));
      return true;
    }
    String name = names.apply(in.toString(at, length, StandardCharsets.UTF_8));
    at += length;
    if (name == null) {
      return false;
    }
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LONGEST_STRING) {
      return false;
    }
    out.writeShort(bytes.length).writeBytes(bytes);
    return true;
  }

  /** Reads a number without copying it. */
  private int number(int width) {
    if (wrong || end - at < width) {
      wrong = true;
      return 0;
    }
    at += width;
    return width == Short.BYTES ? in.getShort(at - width) : in.getInt(at - width);
  }

  private void copy(int bytes) {
    if (wrong || bytes > end - at) {
      wrong = true;
      return;
    }
    out.writeBytes(in, at, bytes);
    at += bytes;
  }
}
