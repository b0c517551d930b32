package io.gatehouse.wire.records;

import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Reads numbers and lengths from a range of a buffer, by index and with bounds checks. */
final class ByteReader {

  /** Value of {@code compressedAt} for bytes that were not compressed. */
  static final int AS_RECEIVED = -1;

  final ByteBuf bytes;

  /** Index of the next byte to read. */
  int at;

  private final int end;
  private final int compressedAt;

  /**
   * @param compressedAt for decompressed bytes, the index of the compressed bytes, which errors
   *     report; else {@link #AS_RECEIVED}
   */
  ByteReader(ByteBuf bytes, int from, int to, int compressedAt) {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
    this.compressedAt = compressedAt;
  }

  int left() {
    return end - at;
  }

  byte int8(String what) {
    return bytes.getByte(skip(1, what));
  }

  int int32(String what) {
    return bytes.getInt(skip(4, what));
  }

  long int64(String what) {
    return bytes.getLong(skip(8, what));
  }

  /** A zigzag varint of at most 32 bits (KIP-98). */
  int varint(String what) {
    long raw = unsigned(what, Integer.SIZE);
    return (int) (raw >>> 1) ^ -(int) (raw & 1);
  }

  /** A zigzag varint of at most 64 bits. */
  long varlong(String what) {
    long raw = unsigned(what, Long.SIZE);
    return (raw >>> 1) ^ -(raw & 1);
  }

  private long unsigned(String what, int bits) {
    long value = 0;
    for (int shift = 0; shift < bits; shift += 7) {
      byte read = int8(what);
      if (bits - shift < 7 && (read & 0xff) >>> (bits - shift) != 0) {
        break;
      }
      value |= (long) (read & 0x7f) << shift;
      if (read >= 0) {
        return value;
      }
    }
    throw malformed(what + ": a varint is longer than " + bits + " bits");
  }

  /** Skips bytes and returns the index of the first of them. */
  int skip(int count, String what) {
    if (count < 0 || count > left()) {
      throw malformed(what + ": " + count + " bytes where " + left() + " are left");
    }
    int from = at;
    at += count;
    return from;
  }

  /** Skips bytes of a given length, which is -1 for null. */
  void skipNullable(int length, String what) {
    if (length != -1) {
      skip(length, what);
    }
  }

  /** A slice of a given length, which is -1 for null. */
  static @Nullable ByteBuf slice(ByteBuf bytes, int from, int length) {
    return length < 0 ? null : bytes.slice(from, length);
  }

  MalformedMessage malformed(String what) {
    return compressedAt == AS_RECEIVED
        ? new MalformedMessage(what, at)
        : new MalformedMessage(
            what + ", byte " + at + " of what is decompressed from the bytes", compressedAt);
  }
}
