package io.gatehouse.wire.refuse;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.netty.buffer.ByteBuf;

/**
 * A cursor over a request's bytes that skips whole fields and records the positions of fields of
 * interest. Declared lengths and counts are checked against the bytes left, and the number of
 * elements read is limited.
 */
final class RequestScan {

  private final ByteBuf in;
  private final int end;

  /** How many more array elements may be read. */
  private int elementsLeft;

  /** Index of the next byte. */
  int at;

  /** Reads {@code in} from {@code at} to its end. */
  RequestScan(ByteBuf in, int at, int mostElements) {
    this.in = in;
    this.at = at;
    this.end = in.writerIndex();
    this.elementsLeft = mostElements;
  }

  /**
   * Skips a struct.
   *
   * @param slots for each plain field, the index in {@code found} for its position, or -1
   */
  void struct(StructLayout struct, int[] slots, int[] found) {
    for (int i = 0; i < slots.length; i++) {
      if (slots[i] >= 0) {
        found[slots[i]] = at;
      }
      field(struct.fields().get(i));
    }
    if (struct.flexible()) {
      tags();
    }
  }

  /** Skips a section of tagged fields. */
  void tags() {
    for (int left = varint(); left > 0; left--) {
      varint();
      skip(varint());
    }
  }

  /** Skips the header's client id, which is not compact in any version. */
  void clientId() {
    skip(Math.max(0, fixed(2)));
  }

  private void field(FieldLayout field) {
    if (field.array()) {
      int count = count(field);
      if (field.type() == FieldType.STRUCT) {
        StructLayout struct = field.structOrThrow();
        charge(count);
        for (int i = 0; i < count; i++) {
          struct(struct);
        }
      } else if (field.type().width() > 0) {
        skip((long) count * field.type().width());
      } else {
        charge(count);
        for (int i = 0; i < count; i++) {
          scalar(field);
        }
      }
    } else if (field.type() != FieldType.STRUCT) {
      scalar(field);
    } else if (!field.nullable() || fixed(1) >= 0) {
      struct(field.structOrThrow());
    }
  }

  private void struct(StructLayout struct) {
    for (FieldLayout field : struct.fields()) {
      field(field);
    }
    if (struct.flexible()) {
      tags();
    }
  }

  private void scalar(FieldLayout field) {
    int width = field.type().width();
    skip(width > 0 ? width : Math.max(0, length(field)));
  }

  /**
   * Reads the length of a string or of bytes, whose content follows; -1 for null.
   *
   * @throws MalformedMessage if fewer bytes are left
   */
  int length(FieldLayout field) {
    int length = field.compact() ? varint() - 1 : fixed(field.type() == FieldType.STRING ? 2 : 4);
    if (length < -1 || length > end - at) {
      throw malformed(field.name() + " of " + length + " bytes");
    }
    return length;
  }

  /**
   * Reads the number of elements of an array, 0 for null.
   *
   * @throws MalformedMessage if fewer bytes are left than elements
   */
  int count(FieldLayout array) {
    int count = array.compact() ? varint() - 1 : fixed(4);
    // Each element takes at least one byte: no message has arrays of structs without fields.
    if (count < -1 || count > end - at) {
      throw malformed(array.name() + " of " + count + " elements");
    }
    return Math.max(0, count);
  }

  /**
   * Counts elements that will be read one by one.
   *
   * @throws LimitExceeded if that exceeds the limit
   */
  void charge(int elements) {
    elementsLeft -= elements;
    if (elementsLeft < 0) {
      throw new LimitExceeded();
    }
  }

  /** Reads a signed number of 1, 2 or 4 bytes. */
  int fixed(int width) {
    int from = at;
    skip(width);
    return switch (width) {
      case 1 -> in.getByte(from);
      case 2 -> in.getShort(from);
      default -> in.getInt(from);
    };
  }

  private int varint() {
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int read = fixed(1);
      value |= (read & 0x7f) << shift;
      if (read >= 0) {
        return value;
      }
    }
    throw malformed("a varint of more than 32 bits");
  }

  void skip(long bytes) {
    if (bytes < 0 || bytes > end - at) {
      throw malformed("a field of " + bytes + " bytes");
    }
    at += (int) bytes;
  }

  private MalformedMessage malformed(String what) {
    return new MalformedMessage(what + " where " + (end - at) + " are left", at);
  }

  /** A limit on elements read or bytes written is exceeded. */
  static final class LimitExceeded extends RuntimeException {

    private static final long serialVersionUID = 1L;

    LimitExceeded() {
      super("too much", null, false, false);
    }
  }
}
