package io.gatehouse.authplugins;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message in protobuf's wire format, as far as the plugins' interfaces need it: strings, booleans
 * and integers. The last occurrence of a field counts; unknown fields are skipped.
 */
final class ProtobufMessage {

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED_32 = 5;

  /** A varint has seven bits in each byte. */
  private static final int MOST_BITS = 64;

  private final Map<Integer, Long> numbers = new HashMap<>();
  private final Map<Integer, ByteBuffer> texts = new HashMap<>();

  private ProtobufMessage() {}

  /**
   * @throws PluginFailure INTERNAL when the bytes are malformed
   */
  static ProtobufMessage read(byte[] bytes) throws PluginFailure {
    ProtobufMessage message = new ProtobufMessage();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    while (in.hasRemaining()) {
      long tag = varint(in);
      int field = (int) (tag >>> 3);
      switch ((int) (tag & 7)) {
        case VARINT -> message.numbers.put(field, varint(in));
        case LENGTH -> message.texts.put(field, part(in, varint(in)));
        case FIXED_64 -> part(in, Long.BYTES);
        case FIXED_32 -> part(in, Integer.BYTES);
        default -> throw wrong(null);
      }
    }
    return message;
  }

  /** The boolean of a field; false if it is absent, as protobuf omits false. */
  boolean bool(int field) {
    return numbers.getOrDefault(field, 0L) != 0;
  }

  /** The integer of a field; 0 if it is absent. */
  int number(int field) {
    return (int) longNumber(field);
  }

  /** The long of a field; 0 if it is absent. */
  long longNumber(int field) {
    return numbers.getOrDefault(field, 0L);
  }

  /**
   * The string of a field; empty if it is absent.
   *
   * @throws PluginFailure INTERNAL when it is not UTF-8
   */
  String text(int field) throws PluginFailure {
    ByteBuffer text = texts.get(field);
    if (text == null) {
      return "";
    }
    try {
      return UTF_8.newDecoder().decode(text.duplicate()).toString();
    } catch (CharacterCodingException e) {
      throw wrong(e);
    }
  }

  /** The bytes of a field; empty if it is absent. */
  byte[] bytes(int field) {
    ByteBuffer found = texts.get(field);
    if (found == null) {
      return new byte[0];
    }
    byte[] bytes = new byte[found.remaining()];
    found.duplicate().get(bytes);
    return bytes;
  }

  private static ByteBuffer part(ByteBuffer in, long length) throws PluginFailure {
    if (length < 0 || length > in.remaining()) {
      throw wrong(null);
    }
    ByteBuffer part = in.slice(in.position(), (int) length);
    in.position(in.position() + (int) length);
    return part;
  }

  private static long varint(ByteBuffer in) throws PluginFailure {
    long value = 0;
    for (int shift = 0; shift < MOST_BITS; shift += 7) {
      if (!in.hasRemaining()) {
        throw wrong(null);
      }
      byte next = in.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw wrong(null);
  }

  private static PluginFailure wrong(@Nullable Throwable cause) {
    return new PluginFailure(
        GrpcStatus.INTERNAL, "its answer is no message of its interface", cause);
  }

  /** Writes a message; fields are to be added in the order of their numbers. */
  static final class Writer {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Writer text(int field, String text) {
      byte[] bytes = text.getBytes(UTF_8);
      if (bytes.length > 0) {
        varint(((long) field << 3) | LENGTH);
        varint(bytes.length);
        out.writeBytes(bytes);
      }
      return this;
    }

    Writer number(int field, long number) {
      if (number != 0) {
        varint((long) field << 3);
        varint(number);
      }
      return this;
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) (rest & 0x7f) | 0x80);
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }
}
