package io.gatehouse.wire.walk;

import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * A field found by a simple decoder, to compare the walker with.
 *
 * @param stop after its last byte; its length prefix comes first
 * @param value a String, UUID, Long of the unsigned number, Integer length of bytes, or "null"
 */
record Found(FieldKind kind, FieldType type, int start, int stop, Object value) {

  static final String NULL = "null";

  /** The fields of the given kinds, in wire order. */
  static List<Found> in(Layout layout, byte[] message, int zero, Set<FieldKind> interest) {
    return decode(layout, message, zero, interest).found;
  }

  /**
   * A known tagged field.
   *
   * @param sizeStart where its size begins
   * @param start where its content begins
   */
  record Tag(FieldLayout field, int sizeStart, int start, int stop) {}

  /** The known tagged fields, in wire order. */
  static List<Tag> tagsIn(Layout layout, byte[] message) {
    return decode(layout, message, 0, Set.of()).tags;
  }

  private static Decoder decode(Layout layout, byte[] message, int zero, Set<FieldKind> interest) {
    Decoder decoder =
        new Decoder(
            Unpooled.wrappedBuffer(message), zero, interest, new ArrayList<>(), new ArrayList<>());
    decoder.struct(layout.root());
    if (decoder.in.isReadable()) {
      throw new AssertionError("the decoder left " + decoder.in.readableBytes() + " bytes");
    }
    return decoder;
  }

  /** The walker's current field. */
  static Found of(Walker walker, FieldType type) {
    Object value =
        switch (type) {
          case STRING -> walker.isNull() ? NULL : walker.text();
          case BYTES, RECORDS -> walker.isNull() ? NULL : (Object) walker.valueLength();
          case UUID -> new UUID(walker.numberHigh(), walker.number());
          default -> unsigned(walker.number(), type);
        };
    return new Found(walker.kind(), type, walker.start(), walker.stop(), value);
  }

  static long unsigned(long number, FieldType type) {
    return type.width() == 8 ? number : number & ((1L << (8 * type.width())) - 1);
  }

  private record Decoder(
      ByteBuf in, int zero, Set<FieldKind> interest, List<Found> found, List<Tag> tags) {

    void struct(StructLayout struct) {
      struct.fields().forEach(this::field);
      if (struct.flexible()) {
        for (int count = varint(); count > 0; count--) {
          int tag = varint();
          int sizeStart = in.readerIndex();
          int size = varint();
          int start = in.readerIndex();
          for (FieldLayout field : struct.tagged()) {
            if (field.tag() == tag) {
              tags.add(new Tag(field, sizeStart, start, start + size));
              field(field);
            }
          }
          in.readerIndex(start + size);
        }
      }
    }

    private void field(FieldLayout field) {
      if (field.array()) {
        int count = field.compact() ? varint() - 1 : in.readInt();
        for (int i = 0; i < count; i++) {
          element(field, false);
        }
      } else {
        element(field, field.nullable());
      }
    }

    private void element(FieldLayout field, boolean nullable) {
      int start = in.readerIndex();
      switch (field.type()) {
        case STRUCT -> {
          if (!nullable || in.readByte() >= 0) {
            struct(field.structOrThrow());
          }
        }
        case STRING -> {
          int length = field.compact() ? varint() - 1 : in.readShort();
          Object text =
              length < 0 ? NULL : in.readCharSequence(length, StandardCharsets.UTF_8).toString();
          add(field, start, text);
        }
        case BYTES, RECORDS -> {
          int length = field.compact() ? varint() - 1 : in.readInt();
          in.skipBytes(Math.max(length, 0));
          add(field, start, length < 0 ? NULL : (Object) length);
        }
        case UUID -> add(field, start, new UUID(in.readLong(), in.readLong()));
        default -> {
          long number = 0;
          for (int i = 0; i < field.type().width(); i++) {
            number = number << 8 | in.readUnsignedByte();
          }
          add(field, start, number);
        }
      }
    }

    private void add(FieldLayout field, int start, Object value) {
      if (interest.contains(field.kind())) {
        int stop = in.readerIndex();
        found.add(new Found(field.kind(), field.type(), zero + start, zero + stop, value));
      }
    }

    private int varint() {
      int value = 0;
      int shift = 0;
      byte read;
      do {
        read = in.readByte();
        value |= (read & 0x7f) << shift;
        shift += 7;
      } while (read < 0);
      return value;
    }
  }
}
