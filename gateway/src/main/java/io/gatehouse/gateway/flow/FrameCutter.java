package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.net.ReadBuffers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of one direction into frames and forwards them in the chunks in which they arrive.
 *
 * <p>Bytes between {@code pendingStart} and {@code at} have been processed but not sent; they are
 * sent together, so that one read leads to one write where possible. If more of a frame is needed
 * to decide about it, its first {@code need} bytes are collected in a buffer of their own. While
 * the cutter is paused, incoming bytes are queued. One turn of the event loop processes a limited
 * number of frames; the rest waits until the event loop has served its other connections.
 */
abstract class FrameCutter {

  /** Size of the length field before each frame, in bytes. The field does not count itself. */
  static final int LENGTH_BYTES = 4;

  /** Maximum number of frames per turn; more than usual clients have in flight. */
  private static final int FRAMES_PER_TURN = 256;

  /** A frame that is read or written whole counts as one more frame for each 4 KiB. */
  private static final int BYTES_PER_FRAME = 4 << 10;

  /**
   * Minimum bytes to keep by retaining the read buffer. Fewer bytes are copied, so that the read
   * buffer can be reused.
   */
  private static final int MIN_RETAINED_BYTES = ReadBuffers.LARGE_BYTES / 4;

  private static final int MIN_COLLECTED_CAPACITY = 1 << 10;

  private enum Action {
    NONE,
    NEED,
    PASS,
    SKIP,
    PAUSE
  }

  private final ByteBufAllocator allocator;

  // The chunk being cut.
  private ByteBuf chunk = Unpooled.EMPTY_BUFFER;
  private int pendingStart;
  private int at;
  private int end;
  private Action action = Action.NONE;

  // The frame being forwarded.
  private boolean inFrame;
  private boolean watched;
  private int heldBack;
  private int frameStart;
  private final Splices splices;
  private boolean spliced;
  private int frameBytes;
  private int remaining;

  // The frame being collected.
  private @Nullable ByteBuf collected;
  private int need = LENGTH_BYTES;

  private boolean closed;

  // Bytes that were read but cannot be processed yet.
  private PauseReason pauseReason = PauseReason.NONE;
  private @Nullable ByteBuf queued;
  private int turnBudget = FRAMES_PER_TURN;

  FrameCutter(ByteBufAllocator allocator) {
    this.allocator = allocator;
    this.splices = new Splices(allocator);
  }

  // ---- implemented by each direction ------------------------------------------------------------

  /**
   * Called when at least the length of a frame has arrived. Calls one of {@link #need}, {@link
   * #pass}, {@link #skip} and {@link #pause}, or closes the session.
   *
   * @param at index of the frame's length in {@code in}
   * @param available number of bytes from there on, at least 4
   */
  abstract void onHeader(ByteBuf in, int at, int available);

  /** Called for the bytes {@code [from, to)} of a watched frame before they are forwarded. */
  abstract void onBody(ByteBuf in, int from, int to);

  /** Called when the last byte of a forwarded or discarded frame has been processed. */
  abstract void onEnd();

  /**
   * Called when the needed bytes of a frame have been collected. The buffer remains owned by the
   * cutter.
   */
  void onCollected(ByteBuf frame) {}

  /** Called when bytes are kept beyond the current event. */
  abstract void onHolding();

  /** Writes bytes to the other side. Takes ownership. */
  abstract void send(ByteBuf bytes);

  // ---- cutting ----------------------------------------------------------------------------------

  /** Processes bytes that were read. Takes ownership. */
  final void onBytes(ByteBuf in) {
    if (isPaused()) {
      queue(in, in.readerIndex());
      in.release();
      return;
    }
    ByteBuf buffer = collected;
    if (buffer == null) {
      cut(in);
      return;
    }
    buffer.writeBytes(in, Math.min(need - buffer.readableBytes(), in.readableBytes()));
    if (buffer.readableBytes() < need) {
      in.release();
      return;
    }
    collected = null;
    boolean ownershipPassed = false;
    try {
      onCollected(buffer);
      cut(buffer);
      ownershipPassed = in.isReadable() && !closed;
    } finally {
      if (!ownershipPassed) {
        in.release();
      }
    }
    if (ownershipPassed) {
      onBytes(in);
    }
  }

  private void cut(ByteBuf in) {
    boolean ownershipPassed = false;
    try {
      chunk = in;
      pendingStart = in.readerIndex();
      at = pendingStart;
      end = in.writerIndex();
      while (at < end && !closed && step()) {
        if (inFrame && remaining == 0 && !closed) {
          inFrame = false;
          need = LENGTH_BYTES;
          onEnd();
        }
      }
      if (!closed) {
        sendSpliced();
      }
      if (at > pendingStart && !closed) {
        ownershipPassed = pendingStart == in.readerIndex() && at == end;
        send(ownershipPassed ? in : in.retainedSlice(pendingStart, at - pendingStart));
      }
    } finally {
      chunk = Unpooled.EMPTY_BUFFER;
      if (!ownershipPassed) {
        in.release();
      }
    }
  }

  /**
   * Processes the frame at the cursor.
   *
   * @return false if the rest of the chunk cannot be processed now
   */
  private boolean step() {
    if (inFrame) {
      int bytes = Math.min(remaining, end - at);
      if (watched) {
        heldBack = 0;
        onBody(chunk, at, at + bytes);
        bytes -= heldBack;
      }
      at += bytes;
      remaining -= bytes;
      if (watched && heldBack > 0 && !closed) {
        collect();
        return false;
      }
      return true;
    }
    action = Action.NONE;
    if (turnBudget <= 0 && pauseReason == PauseReason.NONE) {
      pauseReason = PauseReason.TURN;
    }
    if (pauseReason != PauseReason.NONE) {
      action = Action.PAUSE;
    } else if (end - at < LENGTH_BYTES) {
      need(LENGTH_BYTES);
    } else {
      onHeader(chunk, at, end - at);
    }
    switch (action) {
      case PASS -> {
        inFrame = true;
        return true;
      }
      case SKIP -> {
        sendPending();
        at += frameBytes;
        pendingStart = at;
        need = LENGTH_BYTES;
        return true;
      }
      case NEED -> collect();
      case PAUSE -> {
        sendPending();
        need = LENGTH_BYTES;
        queue(chunk, at);
        pendingStart = end;
        at = end;
      }
      case NONE -> {
        // onHeader closed the session
      }
    }
    return false;
  }

  private void collect() {
    onHolding();
    sendPending();
    int arrived = end - at;
    ByteBuf buffer =
        allocator.directBuffer(Math.min(need, Math.max(arrived, MIN_COLLECTED_CAPACITY)), need);
    buffer.writeBytes(chunk, at, arrived);
    collected = buffer;
    at = end;
    pendingStart = end;
  }

  // ---- called by onHeader -----------------------------------------------------------------------

  /**
   * Requires the first {@code bytes} of the frame, more than have arrived, before {@link #onHeader}
   * is called for it again.
   */
  void need(int bytes) {
    action = Action.NEED;
    need = bytes;
  }

  /**
   * Forwards the frame.
   *
   * @param bytes size of the frame, with its length
   * @param inspected number of its first bytes, all of which have arrived, that need not be watched
   * @param watch whether {@link #onBody} is called for the other bytes
   */
  void pass(int bytes, int inspected, boolean watch) {
    action = Action.PASS;
    turnBudget--;
    frameBytes = bytes;
    watched = watch;
    frameStart = at;
    at += inspected;
    remaining = bytes - inspected;
  }

  /**
   * Called by {@link #onBody}: does not forward the last bytes yet. They are passed to {@code
   * onBody} again, together with those that follow.
   *
   * @param bytes how many
   * @param wanted how many of the frame's bytes from there on must arrive first
   */
  void holdBack(int bytes, int wanted) {
    heldBack = bytes;
    need = wanted;
  }

  /** Does not forward the frame, which has arrived whole and was processed. */
  void skip(int bytes) {
    action = Action.SKIP;
    frameBytes = bytes;
    turnBudget--;
    countWork(bytes);
  }

  /** Counts bytes that were read or written whole as work of this turn. */
  void countWork(int bytes) {
    turnBudget -= bytes / BYTES_PER_FRAME;
  }

  /** Pauses before the frame at the cursor. */
  void pause(PauseReason reason) {
    action = Action.PAUSE;
    pauseReason = reason;
  }

  /** Pauses after the frame at the cursor. */
  void pauseAfter(PauseReason reason) {
    pauseReason = reason;
  }

  /** Sends the processed bytes before the cursor. */
  void sendPending() {
    sendSpliced();
    if (at > pendingStart) {
      send(chunk.retainedSlice(pendingStart, at - pendingStart));
      pendingStart = at;
    }
  }

  /** Replaces bytes {@code [from, to)} of the chunk, which have not been sent yet, by others. */
  void splice(int from, int to, byte[] replacement) {
    if (closed) {
      return;
    }
    int kept = from - pendingStart;
    if (kept >= Splices.MIN_SLICE) {
      sendSpliced();
      send(chunk.retainedSlice(pendingStart, kept));
      pendingStart = from;
    }
    splices.add(chunk, pendingStart, from, replacement);
    spliced = true;
    pendingStart = to;
  }

  /** Replaces the length of the frame that begins to be passed. */
  void spliceLength(int length) {
    splice(frameStart, frameStart + LENGTH_BYTES, Splices.bytes(length));
  }

  private void sendSpliced() {
    if (spliced) {
      spliced = false;
      ByteBuf own = splices.take();
      if (own != null) {
        send(own);
      }
    }
  }

  /**
   * Does not send the first {@code inspected} bytes of the forwarded frame: other bytes were sent
   * in their place.
   */
  void markReplaced() {
    pendingStart = at;
  }

  /** Calls {@link #onBody} no more for this frame. */
  void stopWatching() {
    watched = false;
  }

  // ---- pauses -----------------------------------------------------------------------------------

  PauseReason pauseReason() {
    return pauseReason;
  }

  boolean isClosed() {
    return closed;
  }

  boolean isPaused() {
    return pauseReason != PauseReason.NONE;
  }

  boolean hasQueued() {
    return queued != null;
  }

  /** Continues with the queued bytes. */
  void resume() {
    pauseReason = PauseReason.NONE;
    ByteBuf now = queued;
    if (now != null) {
      queued = null;
      onBytes(now);
    }
  }

  /** Continues if the cutter is paused for this reason. */
  final void resumeFrom(PauseReason reason) {
    if (pauseReason == reason) {
      resume();
    }
  }

  /**
   * Ends the turn.
   *
   * @return whether unprocessed bytes are left for the next turn
   */
  boolean endTurn() {
    turnBudget = FRAMES_PER_TURN;
    return pauseReason == PauseReason.TURN;
  }

  private void queue(ByteBuf in, int from) {
    int more = in.writerIndex() - from;
    if (more == 0 || closed) {
      return;
    }
    onHolding();
    ByteBuf buffer = queued;
    if (buffer == null && (pauseReason == PauseReason.TURN || more >= MIN_RETAINED_BYTES)) {
      queued = in.retainedSlice(from, more);
      return;
    }
    if (buffer == null || buffer.maxWritableBytes() < more) {
      ByteBuf larger = allocator.directBuffer(more + (buffer == null ? 0 : buffer.readableBytes()));
      if (buffer != null) {
        larger.writeBytes(buffer);
        buffer.release();
      }
      buffer = larger;
      queued = larger;
    }
    buffer.writeBytes(in, from, more);
  }

  // ---- state ------------------------------------------------------------------------------------

  /** Whether a frame is being forwarded and is incomplete. */
  boolean isInFrame() {
    return inFrame;
  }

  /** Whether a frame is incomplete, whether it is being forwarded or collected. */
  boolean hasIncompleteFrame() {
    return inFrame || collected != null;
  }

  /** Whether {@link #onHeader} is called for the frame at the cursor for the first time. */
  boolean isNewFrame() {
    return need == LENGTH_BYTES;
  }

  /** Number of bytes of the incomplete frame that have arrived. */
  int receivedBytes() {
    return (inFrame ? frameBytes - remaining : 0)
        + (collected == null ? 0 : collected.readableBytes());
  }

  int remaining() {
    return remaining;
  }

  /**
   * The frame that has just ended, with its length; null if it is not in one buffer. Valid until
   * the next read.
   */
  @Nullable ByteBuf completeFrame() {
    int from = at - frameBytes;
    return from < chunk.readerIndex() ? null : chunk.slice(from, frameBytes);
  }

  /** Number of queued bytes. */
  int queuedBytes() {
    ByteBuf buffer = queued;
    return buffer == null ? 0 : buffer.readableBytes();
  }

  /** Bytes of memory allocated for the frame being collected. */
  int collectedCapacity() {
    ByteBuf buffer = collected;
    return buffer == null ? 0 : buffer.capacity();
  }

  /** Number of bytes of the frame being collected that are needed; 0 if none is. */
  int collectedFrameBytes() {
    return collected == null ? 0 : need;
  }

  /** Releases all buffers. Bytes that arrive later are dropped. */
  void close() {
    closed = true;
    splices.close();
    if (collected != null) {
      collected.release();
      collected = null;
    }
    if (queued != null) {
      queued.release();
      queued = null;
    }
  }
}
