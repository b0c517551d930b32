package io.gatehouse.wire.refuse;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.netty.buffer.ByteBuf;

/**
 * A cursor over a request's bytes that passes over whole fields and notes where those of interest
 * begin. What a length or a count declares is believed only as far as the bytes that are there
 * could hold it, and the elements it looks at are counted.
 */
final class RequestScan {

  private final ByteBuf in;
  private final int end;

  /** How many more elements of arrays may be looked at. */
  private int elementsLeft;

  /** The next byte. */
  int at;

  /** Reads {@code in} from {@code at} to its end. */
  RequestScan(ByteBuf in, int at, int mostElements) {
    this.in = in;
    this.at = at;
    this.end = in.writerIndex();
    this.elementsLeft = mostElements;
  }

  /**
   * Passes over a struct.
   *
   * @param slots by plain field, where in {@code found} its begin is noted, or -1
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

  /** Passes over a section of tagged fields. */
  void tags() {
    for (int left = varint(); left > 0; left--) {
      varint();
      skip(varint());
    }
  }

  /** Passes over the client id of the header, which has the older form in all versions. */
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
   * Reads the length of a string or of bytes, whose content then follows; -1 for null.
   *
   * @throws MalformedMessage if that many bytes are not there
   */
  int length(FieldLayout field) {
    int length = field.compact() ? varint() - 1 : fixed(field.type() == FieldType.STRING ? 2 : 4);
    if (length < -1 || length > end - at) {
      throw malformed(field.name() + " of " + length + " bytes");
    }
    return length;
  }

  /**
   * Reads how many elements an array has, 0 for null.
   *
   * @throws MalformedMessage if they cannot be there
   */
  int count(FieldLayout array) {
    int count = array.compact() ? varint() - 1 : fixed(4);
    // Each element takes a byte at least, but for structs without fields, which no message has.
    if (count < -1 || count > end - at) {
      throw malformed(array.name() + " of " + count + " elements");
    }
    return Math.max(0, count);
  }

  /**
   * Counts elements that will be looked at one by one.
   *
   * @throws LimitExceeded if no more may be
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

  /** More than may be looked at or written. */
  static final class LimitExceeded extends RuntimeException {

    private static final long serialVersionUID = 1L;

    LimitExceeded() {
      super("too much", null, false, false);
    }
  }
}
