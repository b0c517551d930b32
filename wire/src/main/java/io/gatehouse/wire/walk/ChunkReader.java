package io.gatehouse.wire.walk;

import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads numbers from bytes that come in chunks, also where a chunk ends within a number. The walker
 * is its only user and works on its fields.
 */
final class ChunkReader {

  /** In place of what bytes are overwritten with: nothing. */
  static final int KEEP = -1;

  private @Nullable ByteBuf chunk;

  /** The next byte to read, in the chunk. */
  int index;

  /** Where the chunk's bytes end. */
  int limit;

  /** The next byte to read, in the message. */
  int position;

  /** The number read last; of 16 bytes the lower 8. */
  long number;

  /** The upper 8 bytes of a number of 16. */
  long numberHigh;

  /** How many bytes of an incomplete number were read. */
  int partialBytes;

  private long partial;

  void start(int newPosition) {
    position = newPosition;
    partial = 0;
    partialBytes = 0;
  }

  void feed(ByteBuf newChunk, int from, int to) {
    chunk = newChunk;
    index = from;
    limit = to;
  }

  ByteBuf chunk() {
    if (chunk == null) {
      throw new IllegalStateException("feed() was not called");
    }
    return chunk;
  }

  void advance(int bytes) {
    index += bytes;
    position += bytes;
  }

  /** Advances, and writes {@code filler} over what lies there unless that is {@link #KEEP}. */
  void pass(int bytes, int filler) {
    if (filler != KEEP) {
      fill(index, bytes, filler);
    }
    advance(bytes);
  }

  /** Writes {@code filler} over bytes of the chunk. */
  void fill(int from, int bytes, int filler) {
    if (filler == 0) {
      chunk().setZero(from, bytes);
      return;
    }
    for (int i = 0; i < bytes; i++) {
      chunk().setByte(from + i, filler);
    }
  }

  /** Reads a big-endian number; false when its bytes have not all come. */
  boolean readFixed(int width) {
    ByteBuf bytes = chunk();
    if (partialBytes == 0 && limit - index >= width) {
      switch (width) {
        case 1 -> number = bytes.getByte(index);
        case 2 -> number = bytes.getShort(index);
        case 4 -> number = bytes.getInt(index);
        case 8 -> number = bytes.getLong(index);
        default -> {
          numberHigh = bytes.getLong(index);
          number = bytes.getLong(index + 8);
        }
      }
      advance(width);
      return true;
    }
    while (partialBytes < width) {
      if (index == limit) {
        return false;
      }
      if (partialBytes == 8) {
        numberHigh = partial;
        partial = 0;
      }
      partial = (partial << 8) | (bytes.getByte(index) & 0xff);
      partialBytes++;
      advance(1);
    }
    int unused = Long.SIZE - 8 * Math.min(width, 8);
    number = partial << unused >> unused;
    partial = 0;
    partialBytes = 0;
    return true;
  }

  /** Reads an unsigned varint (KIP-482); false when its bytes have not all come. */
  boolean readVarint() {
    while (index < limit) {
      int read = chunk().getByte(index);
      advance(1);
      if (partialBytes == 4 && (read & 0xf0) != 0) {
        throw new MalformedMessage("a varint is longer than 32 bits", position);
      }
      partial |= ((long) (read & 0x7f)) << (7 * partialBytes);
      partialBytes++;
      if (read >= 0) {
        number = partial;
        partial = 0;
        partialBytes = 0;
        return true;
      }
    }
    return false;
  }
}
