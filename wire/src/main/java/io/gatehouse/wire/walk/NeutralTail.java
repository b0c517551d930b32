package io.gatehouse.wire.walk;

import io.netty.buffer.ByteBuf;

/**
 * Overwrites the end of a message in place with one unknown tagged field of the same length: the
 * number of fields, the tag, the size in three bytes, then zeros.
 */
final class NeutralTail {

  /** A tag that no message of Kafka uses. */
  static final int TAG = 127;

  private static final int HEAD = 5;

  /** The largest value of a varint of three bytes. */
  private static final int MOST_CONTENT = (1 << 21) - 1;

  private boolean begun;
  private int at;

  /** Begins a new message, of which nothing is overwritten yet. */
  void start() {
    begun = false;
  }

  /**
   * Begins to overwrite from {@code position} to {@code end}; false if no tagged field has that
   * size.
   */
  boolean begin(int position, int end) {
    int content = end - position - HEAD;
    begun = content >= 0 && content <= MOST_CONTENT;
    at = position;
    return begun;
  }

  boolean isBegun() {
    return begun;
  }

  /** Overwrites the rest of the chunk; whether the end is reached. */
  boolean overwrite(ChunkReader in, int end) {
    ByteBuf bytes = in.chunk();
    int content = end - at - HEAD;
    while (in.index < in.limit) {
      switch (in.position - at) {
        case 0 -> bytes.setByte(in.index, 1);
        case 1 -> bytes.setByte(in.index, TAG);
        case 2 -> bytes.setByte(in.index, (content & 0x7f) | 0x80);
        case 3 -> bytes.setByte(in.index, ((content >>> 7) & 0x7f) | 0x80);
        case 4 -> bytes.setByte(in.index, content >>> 14);
        default -> bytes.setByte(in.index, 0);
      }
      in.advance(1);
    }
    return in.position == end;
  }
}
