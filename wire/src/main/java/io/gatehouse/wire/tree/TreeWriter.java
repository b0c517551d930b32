package io.gatehouse.wire.tree;

import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes a tree as Kafka's own classes do: tagged fields in the order of their tags, without those
 * that hold their default (KIP-482).
 *
 * <p>Both methods throw {@link IllegalArgumentException} for a tree that cannot be written: a null
 * where the version forbids it, a string above 32767 bytes, a list element of a wrong type.
 */
public final class TreeWriter {

  /** Null to only count bytes. */
  private final @Nullable ByteBuf out;

  private long counted;

  private TreeWriter(@Nullable ByteBuf out) {
    this.out = out;
  }

  /** Appends the message to {@code out}. */
  public static void write(Struct struct, ByteBuf out) {
    new TreeWriter(out).struct(struct);
  }

  /** The number of bytes that {@link #write} would append. */
  public static int size(Struct struct) {
    TreeWriter counter = new TreeWriter(null);
    counter.struct(struct);
    return Math.toIntExact(counter.counted);
  }

  private void struct(Struct struct) {
    StructLayout layout = struct.layout();
    List<FieldLayout> fields = layout.fields();
    for (int i = 0; i < fields.size(); i++) {
      value(layout, fields.get(i), struct.value(i));
    }
    if (layout.flexible()) {
      tags(struct);
    }
  }

  private void tags(Struct struct) {
    int plain = struct.layout().fields().size();
    List<FieldLayout> tagged = struct.layout().tagged();
    List<Integer> present = new ArrayList<>(tagged.size());
    for (int i = 0; i < tagged.size(); i++) {
      if (!Values.same(struct.value(plain + i), Values.defaultOf(tagged.get(i)))) {
        present.add(plain + i);
      }
    }
    varint(present.size() + struct.unknownTags().size());
    int next = 0;
    for (Map.Entry<Integer, byte[]> unknown : struct.unknownTags().entrySet()) {
      while (next < present.size() && struct.field(present.get(next)).tag() < unknown.getKey()) {
        tagged(struct, present.get(next++));
      }
      varint(unknown.getKey());
      varint(unknown.getValue().length);
      bytes(unknown.getValue());
    }
    while (next < present.size()) {
      tagged(struct, present.get(next++));
    }
  }

  private void tagged(Struct struct, int index) {
    FieldLayout field = struct.field(index);
    TreeWriter counter = new TreeWriter(null);
    counter.value(struct.layout(), field, struct.value(index));
    varint(field.tag());
    varint(Math.toIntExact(counter.counted));
    value(struct.layout(), field, struct.value(index));
  }

  private void value(StructLayout owner, FieldLayout field, @Nullable Object value) {
    if (value == null && !field.nullable()) {
      throw new IllegalArgumentException(
          owner.name() + "." + field.name() + ": must not be null in this version; set it");
    }
    if (field.array()) {
      array(owner, field, (List<?>) value);
    } else if (value == null) {
      nothing(field);
    } else {
      if (field.type() == FieldType.STRUCT && field.nullable()) {
        int8(1);
      }
      element(field, value);
    }
  }

  private void array(StructLayout owner, FieldLayout field, @Nullable List<?> elements) {
    int count = elements == null ? -1 : elements.size();
    if (field.compact()) {
      varint(count + 1);
    } else {
      int32(count);
    }
    if (elements != null) {
      for (Object each : elements) {
        // Callers can modify the list, so its elements are checked here.
        element(field, Values.element(owner.name(), field, each));
      }
    }
  }

  private void nothing(FieldLayout field) {
    switch (field.type()) {
      case STRUCT -> int8(-1);
      case STRING, BYTES, RECORDS -> length(field, -1);
      default -> throw new IllegalStateException(field.name() + " cannot be null");
    }
  }

  private void element(FieldLayout field, Object value) {
    switch (field.type()) {
      case BOOL -> int8((Boolean) value ? 1 : 0);
      case INT8 -> int8((Byte) value);
      case INT16 -> int16((Short) value);
      case UINT16 -> int16((Integer) value);
      case INT32 -> int32((Integer) value);
      case UINT32 -> int32((int) (long) (Long) value);
      case INT64 -> int64((Long) value);
      case FLOAT64 -> int64(Double.doubleToRawLongBits((Double) value));
      case UUID -> {
        UUID uuid = (UUID) value;
        int64(uuid.getMostSignificantBits());
        int64(uuid.getLeastSignificantBits());
      }
      case STRING -> {
        byte[] bytes = ((String) value).getBytes(StandardCharsets.UTF_8);
        if (bytes.length > TreeReader.LONGEST_STRING) {
          throw new IllegalArgumentException(
              field.name()
                  + ": a string of "
                  + bytes.length
                  + " bytes; Kafka's longest is "
                  + TreeReader.LONGEST_STRING);
        }
        length(field, bytes.length);
        bytes(bytes);
      }
      case BYTES, RECORDS -> {
        byte[] bytes = (byte[]) value;
        length(field, bytes.length);
        bytes(bytes);
      }
      case STRUCT -> struct((Struct) value);
    }
  }

  private void length(FieldLayout field, int length) {
    if (field.compact()) {
      varint(length + 1);
    } else if (field.type() == FieldType.STRING) {
      int16(length);
    } else {
      int32(length);
    }
  }

  private void int8(int value) {
    counted += 1;
    if (out != null) {
      out.writeByte(value);
    }
  }

  private void int16(int value) {
    counted += 2;
    if (out != null) {
      out.writeShort(value);
    }
  }

  private void int32(int value) {
    counted += 4;
    if (out != null) {
      out.writeInt(value);
    }
  }

  private void int64(long value) {
    counted += 8;
    if (out != null) {
      out.writeLong(value);
    }
  }

  private void varint(int value) {
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      int8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    int8(rest);
  }

  private void bytes(byte[] bytes) {
    counted += bytes.length;
    if (out != null) {
      out.writeBytes(bytes);
    }
  }
}
