package io.gatehouse.wire.tree;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads a message into a tree, as Kafka's own classes read it.
 *
 * <p>It is stricter than those in two points, so that a client cannot make the gateway and the
 * broker see different messages in the same bytes: a known tagged field must have exactly the
 * declared size, and no tag may occur twice in a section.
 *
 * <p>Declared lengths and counts are checked against the bytes left before memory is allocated.
 * Nesting is limited by the definition.
 */
public final class TreeReader {

  /** Kafka's longest string in bytes, compact or not. */
  static final int LONGEST_STRING = Short.MAX_VALUE;

  private final Layout layout;
  private final ByteBuf in;

  /** The end of the innermost tagged field or the message, as a reader index. */
  private int end;

  private TreeReader(Layout layout, ByteBuf in) {
    this.layout = layout;
    this.in = in;
    this.end = in.writerIndex();
  }

  /**
   * Reads one message from the reader index on, and moves the reader index behind it. Positions in
   * errors are indices of {@code in}, so pass a slice that begins at the frame's first byte.
   *
   * @throws MalformedMessage if the bytes are not such a message; the reader index is then
   *     undefined
   */
  public static Struct read(Layout layout, ByteBuf in) {
    return new TreeReader(layout, in).struct(layout.root());
  }

  /**
   * Like {@link #read}, for a message that must end where the buffer does.
   *
   * @throws MalformedMessage also if bytes are left over
   */
  public static Struct readWhole(Layout layout, ByteBuf in) {
    TreeReader reader = new TreeReader(layout, in);
    Struct struct = reader.struct(layout.root());
    if (in.isReadable()) {
      throw reader.malformed(in.readableBytes() + " bytes follow the message");
    }
    return struct;
  }

  private Struct struct(StructLayout struct) {
    Struct read = Struct.blank(struct);
    List<FieldLayout> fields = struct.fields();
    for (int i = 0; i < fields.size(); i++) {
      read.put(i, value(struct, fields.get(i)));
    }
    if (struct.flexible()) {
      tags(struct, read);
    }
    return read;
  }

  private void tags(StructLayout struct, Struct into) {
    int count = varint();
    if (count < 0 || count > left() / 2) {
      throw malformed(
          struct.name() + ": " + Integer.toUnsignedString(count) + " tagged fields" + within());
    }
    long seen = 0;
    for (int i = 0; i < count; i++) {
      int tag = varint();
      int size = varint();
      if (tag < 0) {
        throw malformed(struct.name() + ": tag " + Integer.toUnsignedString(tag));
      }
      if (size < 0 || size > left()) {
        throw malformed(
            struct.name()
                + ": tag "
                + tag
                + " of "
                + Integer.toUnsignedString(size)
                + " bytes"
                + within());
      }
      int index = into.indexOfTag(tag);
      boolean twice =
          index < 0
              ? into.unknownTags().containsKey(tag)
              : (seen & (1L << (index - struct.fields().size()))) != 0;
      if (twice) {
        throw malformed(struct.name() + ": tag " + tag + " stands twice");
      }
      if (index < 0) {
        into.setUnknownTag(tag, bytes(size));
      } else {
        seen |= 1L << (index - struct.fields().size());
        into.put(index, taggedValue(struct, into.field(index), size));
      }
    }
  }

  private @Nullable Object taggedValue(StructLayout struct, FieldLayout field, int size) {
    int outer = end;
    end = in.readerIndex() + size;
    Object value = value(struct, field);
    if (left() != 0) {
      throw malformed(
          name(struct, field) + ": " + left() + " bytes left of the " + size + " declared");
    }
    end = outer;
    return value;
  }

  private @Nullable Object value(StructLayout owner, FieldLayout field) {
    if (field.array()) {
      return array(owner, field);
    }
    if (field.type() == FieldType.STRUCT) {
      // A nullable struct follows an int8: negative for null, else 1.
      if (field.nullable() && fixed(owner, field, 1).readByte() < 0) {
        return null;
      }
      return struct(field.structOrThrow());
    }
    return scalar(owner, field, field.nullable());
  }

  private @Nullable Object array(StructLayout owner, FieldLayout field) {
    int count = field.compact() ? varint() - 1 : fixed(owner, field, 4).readInt();
    if (count == -1 && field.nullable()) {
      return null;
    }
    if (count < 0) {
      throw malformed(name(owner, field) + ": an array of " + count + " elements");
    }
    if ((long) count * field.smallestElement() > left()) {
      throw malformed(name(owner, field) + ": an array of " + count + " elements" + within());
    }
    List<Object> elements = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Object element =
          field.type() == FieldType.STRUCT
              ? struct(field.structOrThrow())
              : scalar(owner, field, false);
      if (element == null) {
        throw malformed(name(owner, field) + ": element " + i + " is null");
      }
      elements.add(element);
    }
    return elements;
  }

  private @Nullable Object scalar(StructLayout owner, FieldLayout field, boolean nullable) {
    return switch (field.type()) {
      case BOOL -> fixed(owner, field, 1).readByte() != 0;
      case INT8 -> fixed(owner, field, 1).readByte();
      case INT16 -> fixed(owner, field, 2).readShort();
      case UINT16 -> fixed(owner, field, 2).readUnsignedShort();
      case INT32 -> fixed(owner, field, 4).readInt();
      case UINT32 -> fixed(owner, field, 4).readUnsignedInt();
      case INT64 -> fixed(owner, field, 8).readLong();
      case FLOAT64 -> fixed(owner, field, 8).readDouble();
      case UUID -> new UUID(fixed(owner, field, 16).readLong(), in.readLong());
      case STRING -> {
        int length = length(owner, field, 2, nullable);
        if (length > LONGEST_STRING) {
          throw malformed(name(owner, field) + ": a string of " + length + " bytes");
        }
        yield length < 0 ? null : new String(bytes(length), StandardCharsets.UTF_8);
      }
      case BYTES, RECORDS -> {
        int length = length(owner, field, 4, nullable);
        yield length < 0 ? null : bytes(length);
      }
      case STRUCT -> throw new IllegalStateException(field.name() + " is a struct");
    };
  }

  /** Reads a length and checks it against the bytes left; -1 for null, if that is allowed. */
  private int length(StructLayout owner, FieldLayout field, int width, boolean nullable) {
    int length;
    if (field.compact()) {
      length = varint() - 1;
    } else {
      length = width == 2 ? fixed(owner, field, 2).readShort() : fixed(owner, field, 4).readInt();
    }
    if (length == -1 && !nullable) {
      throw malformed(name(owner, field) + ": null, which this version forbids");
    }
    if (length < -1) {
      throw malformed(name(owner, field) + ": a length of " + length);
    }
    if (length > left()) {
      throw malformed(name(owner, field) + ": " + length + " bytes" + within());
    }
    return length;
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    in.readBytes(bytes);
    return bytes;
  }

  /** Checks that so many bytes are left, and returns the buffer. */
  private ByteBuf fixed(StructLayout owner, FieldLayout field, int width) {
    if (left() < width) {
      throw malformed(name(owner, field) + ": the message ends early");
    }
    return in;
  }

  /** Reads an unsigned varint (KIP-482); values above 2^31 - 1 become negative. */
  private int varint() {
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (left() == 0) {
        throw malformed("the message ends early");
      }
      byte read = in.readByte();
      if (shift == 28 && (read & 0xf0) != 0) {
        break;
      }
      value |= (read & 0x7f) << shift;
      if (read >= 0) {
        return value;
      }
    }
    throw malformed("a varint is longer than 32 bits");
  }

  private int left() {
    return end - in.readerIndex();
  }

  private static String name(StructLayout owner, FieldLayout field) {
    return owner.name() + "." + field.name();
  }

  private String within() {
    return " where " + left() + " bytes are left";
  }

  private MalformedMessage malformed(String what) {
    return new MalformedMessage(
        layout.message().name() + " v" + layout.version() + ": " + what, in.readerIndex());
  }
}
