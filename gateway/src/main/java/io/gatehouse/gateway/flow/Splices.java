package io.gatehouse.gateway.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Collects replaced bytes of a frame and the short pieces between them in one buffer, so that they
 * are written at once.
 */
final class Splices {

  /** Pieces between replaced bytes that are sent as a slice instead of copied, in bytes. */
  static final int MIN_SLICE = 2 << 10;

  private static final int MIN_CAPACITY = 256;

  private final ByteBufAllocator allocator;
  private @Nullable ByteBuf own;

  Splices(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  /** Copies {@code chunk[from, to)}, and adds the replacement. */
  void add(ByteBuf chunk, int from, int to, byte[] replacement) {
    ByteBuf target = own;
    if (target == null) {
      target = allocator.directBuffer(Math.max(MIN_CAPACITY, to - from + replacement.length));
      own = target;
    }
    target.writeBytes(chunk, from, to - from).writeBytes(replacement);
  }

  /** What was collected, which the caller owns; null if it is nothing. */
  @Nullable ByteBuf take() {
    ByteBuf all = own;
    own = null;
    return all;
  }

  static byte[] bytes(int number) {
    return new byte[] {
      (byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number
    };
  }

  void close() {
    ByteBuf all = take();
    if (all != null) {
      all.release();
    }
  }
}
