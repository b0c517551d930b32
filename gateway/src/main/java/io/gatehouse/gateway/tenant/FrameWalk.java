package io.gatehouse.gateway.tenant;

import io.gatehouse.wire.walk.Edits;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/** A walk over one whole frame with its edits. Each thread has one, for one frame at a time. */
public final class FrameWalk {

  private static final int LENGTH_BYTES = 4;

  /** Maximum memory of the edits of one frame in bytes: about 200,000 names. */
  private static final int MAX_EDIT_BYTES = 16 << 20;

  /** Keeps its arrays, which {@link Edits#clear} bounds. */
  private static final FastThreadLocal<FrameWalk> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected FrameWalk initialValue() {
          return new FrameWalk();
        }
      };

  final Walker walker = new Walker();
  final Edits edits = new Edits();
  private ByteBuf frame = Unpooled.EMPTY_BUFFER;

  private FrameWalk() {}

  /**
   * Begins a frame.
   *
   * @param whole with its length; must stay unchanged until {@link #edited}
   * @param headerBytes where the walk begins: the bytes of length, correlation id and what is
   *     before it
   */
  public static FrameWalk over(ByteBuf whole, int headerBytes, Program program) {
    FrameWalk walk = OF_THREAD.get();
    int at = whole.readerIndex();
    walk.frame = whole;
    walk.edits.clear();
    walk.walker.start(program, headerBytes - LENGTH_BYTES, whole.readableBytes() - LENGTH_BYTES);
    walk.walker.feed(whole, at + headerBytes, at + whole.readableBytes());
    return walk;
  }

  /** Reports the fields of the frame. */
  public Walker walker() {
    return walker;
  }

  /** Takes the edits. */
  public Edits edits() {
    return edits;
  }

  /** Whether the frame has more edits than are allowed. */
  public boolean isTooLarge() {
    return edits.heldBytes() > MAX_EDIT_BYTES;
  }

  /** The index in the frame of the first byte of the value that was reported last. */
  public int valueIndex() {
    return index(walker.stop()) - Math.max(0, walker.valueLength());
  }

  /** The index in the frame of a position of the walk. */
  int index(int position) {
    return frame.readerIndex() + LENGTH_BYTES + position;
  }

  /** Whether the string or bytes field that was reported last begins with these bytes. */
  boolean beginsWith(byte[] prefix) {
    return walker.valueLength() >= prefix.length && matches(valueIndex(), prefix);
  }

  private boolean matches(int index, byte[] part) {
    for (int i = 0; i < part.length; i++) {
      if (frame.getByte(index + i) != part[i]) {
        return false;
      }
    }
    return true;
  }

  /** The frame. */
  public ByteBuf frame() {
    return frame;
  }

  /** Ends the frame, and frees memory that usual frames do not need. */
  public void end() {
    frame = Unpooled.EMPTY_BUFFER;
    edits.clear();
  }

  /** The edited frame, which the caller owns; null if nothing was edited. */
  public @Nullable ByteBuf edited(ByteBufAllocator allocator) {
    ByteBuf from = frame;
    if (edits.isEmpty()) {
      return null;
    }
    int length = from.readableBytes() - LENGTH_BYTES;
    int size = length + edits.growth();
    ByteBuf target = allocator.directBuffer(LENGTH_BYTES + size);
    target.writeInt(size);
    edits.write(from, from.readerIndex() + LENGTH_BYTES, 0, length, target);
    return target;
  }
}
