package io.gatehouse.wire.walk;

import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads numbers from a sequence of chunks, even if a chunk ends within a number. For {@link
 * Walker}, which uses the fields directly.
 */
final class ChunkReader {

  /** A filler that leaves bytes unchanged. */
  static final int KEEP = -1;

  private @Nullable ByteBuf chunk;

  /** Index of the next byte in the chunk. */
  int index;

  /** End of the chunk's bytes. */
  int limit;

  /** Position of the next byte in the message. */
  int position;

  /** The number that was read last; the lower 8 bytes of a 16-byte number. */
  long number;

  /** The upper 8 bytes of a 16-byte number. */
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

  /** Skips bytes, and overwrites them with {@code filler} unless that is {@link #KEEP}. */
  void pass(int bytes, int filler) {
    if (filler != KEEP) {
      fill(index, bytes, filler);
    }
    advance(bytes);
  }

  /** Overwrites bytes of the chunk. */
  void fill(int from, int bytes, int filler) {
    if (filler == 0) {
      chunk().setZero(from, bytes);
      return;
    }
    for (int i = 0; i < bytes; i++) {
      chunk().setByte(from + i, filler);
    }
  }

  /** Reads a big-endian number; false if the chunk ends first. */
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

  /** Reads an unsigned varint (KIP-482); false if the chunk ends first. */
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
