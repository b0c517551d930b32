package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.net.ReadBuffers;
import io.gatehouse.gateway.plan.Decision;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of one direction into frames, and passes them on in the pieces they came in.
 *
 * <p>What arrives in one read leaves in one write where nothing stands against it: bytes between
 * {@code run} and {@code at} have been looked at and not been sent. A frame of which too little has
 * come to decide is collected until {@code need} bytes of it are here. While the cutter is paused,
 * what comes waits here. One event works off a bounded number of frames; the rest of what was read
 * waits until the event loop's other connections had their turn.
 */
abstract class FrameCutter {

  /** A frame's length stands in front of it, and does not count itself. */
  static final int LENGTH = 4;

  /** Enough for what a client with a usual number of requests in flight sends in one read. */
  private static final int FRAMES_PER_TURN = 256;

  /** A frame whose body is read or written counts once more for each of these. */
  private static final int BYTES_AS_FRAME = 4 << 10;

  /** Less is copied, so that the large buffer it was read into can be used again. */
  private static final int WORTH_A_READ_BUFFER = ReadBuffers.LARGE_BYTES / 4;

  private static final int LEAST_COLLECTED = 1 << 10;

  private enum Action {
    NONE,
    NEED,
    PASS,
    SKIP,
    PAUSE
  }

  private final ByteBufAllocator allocator;

  // The bytes being cut.
  private ByteBuf chunk = Unpooled.EMPTY_BUFFER;
  private int run;
  private int at;
  private int end;
  private Action action = Action.NONE;

  // The frame that passes.
  private boolean inFrame;
  private boolean watched;
  private int frameBytes;
  private int remaining;

  // The frame that is collected.
  private @Nullable ByteBuf aside;
  private int need = LENGTH;

  private boolean closed;

  // What was read and does not go on yet.
  private PauseReason why = PauseReason.NONE;
  private @Nullable ByteBuf waiting;
  private int turn = FRAMES_PER_TURN;

  /** What was decided, after a while, upon the frame at the cursor. */
  private @Nullable Decision decided;

  FrameCutter(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  // ---- what is done with the frames -------------------------------------------------------------

  /**
   * A frame's beginning is here. Calls one of {@link #need}, {@link #pass}, {@link #skip} and
   * {@link #pause}, or ends the connection.
   *
   * @param at where the frame's length stands
   * @param available how many bytes are here from there on, four or more
   */
  abstract void onHead(ByteBuf in, int at, int available);

  /** Bytes {@code [from, to)} of a watched frame pass. */
  abstract void onBody(ByteBuf in, int from, int to);

  /** The last byte of a frame that passes has been looked at. */
  abstract void onEnd();

  /** As much of a frame is here as was needed, in a buffer of its own. */
  void onCollected(ByteBuf frame) {}

  /** Bytes are held that outlast the event. */
  abstract void onHolding();

  /** Sends bytes on. Takes ownership. */
  abstract void send(ByteBuf bytes);

  // ---- cutting ----------------------------------------------------------------------------------

  /** Takes what was read. Owns the buffer. */
  final void take(ByteBuf in) {
    if (isPaused()) {
      keep(in, in.readerIndex());
      in.release();
      return;
    }
    ByteBuf kept = aside;
    if (kept == null) {
      cut(in);
      return;
    }
    kept.writeBytes(in, Math.min(need - kept.readableBytes(), in.readableBytes()));
    if (kept.readableBytes() < need) {
      in.release();
      return;
    }
    aside = null;
    boolean handedOn = false;
    try {
      onCollected(kept);
      cut(kept);
      handedOn = in.isReadable() && !closed;
    } finally {
      if (!handedOn) {
        in.release();
      }
    }
    if (handedOn) {
      take(in);
    }
  }

  private void cut(ByteBuf in) {
    boolean handedOn = false;
    try {
      chunk = in;
      run = in.readerIndex();
      at = run;
      end = in.writerIndex();
      while (at < end && !closed && step()) {
        if (inFrame && remaining == 0 && !closed) {
          inFrame = false;
          need = LENGTH;
          onEnd();
        }
      }
      if (at > run && !closed) {
        handedOn = run == in.readerIndex() && at == end;
        send(handedOn ? in : in.retainedSlice(run, at - run));
      }
    } finally {
      chunk = Unpooled.EMPTY_BUFFER;
      if (!handedOn) {
        in.release();
      }
    }
  }

  /** Goes on at the cursor. False when the rest of the chunk does not go on now. */
  private boolean step() {
    if (inFrame) {
      int bytes = Math.min(remaining, end - at);
      if (watched) {
        onBody(chunk, at, at + bytes);
      }
      at += bytes;
      remaining -= bytes;
      return true;
    }
    action = Action.NONE;
    if (turn <= 0 && why == PauseReason.NONE) {
      why = PauseReason.TURN;
    }
    if (why != PauseReason.NONE) {
      action = Action.PAUSE;
    } else if (end - at < LENGTH) {
      need(LENGTH);
    } else {
      onHead(chunk, at, end - at);
    }
    switch (action) {
      case PASS -> {
        inFrame = true;
        return true;
      }
      case SKIP -> {
        sendRun();
        at += frameBytes;
        run = at;
        need = LENGTH;
        return true;
      }
      case NEED -> collect();
      case PAUSE -> {
        sendRun();
        need = LENGTH;
        keep(chunk, at);
        run = end;
        at = end;
      }
      case NONE -> {
        // The connection ends.
      }
    }
    return false;
  }

  private void collect() {
    onHolding();
    sendRun();
    int here = end - at;
    ByteBuf kept = allocator.directBuffer(Math.min(need, Math.max(here, LEAST_COLLECTED)), need);
    kept.writeBytes(chunk, at, here);
    aside = kept;
    at = end;
    run = end;
  }

  // ---- what is done with the frame at the cursor ------------------------------------------------

  /** So many bytes of the frame, more than there are, must be here before it can go on. */
  void need(int bytes) {
    action = Action.NEED;
    need = bytes;
  }

  /**
   * The frame passes.
   *
   * @param bytes of it in all
   * @param seen how many bytes of it need no further look, all of them here
   * @param watch whether {@link #onBody} wants the others
   */
  void pass(int bytes, int seen, boolean watch) {
    action = Action.PASS;
    turn--;
    frameBytes = bytes;
    watched = watch;
    at += seen;
    remaining = bytes - seen;
  }

  /** The frame, all of which is here, does not pass: it was read. */
  void skip(int bytes) {
    action = Action.SKIP;
    frameBytes = bytes;
    turn--;
    worked(bytes);
  }

  /** So many bytes were read as a whole, or written. */
  void worked(int bytes) {
    turn -= bytes / BYTES_AS_FRAME;
  }

  /** The frame waits, and all that follows. */
  void pause(PauseReason reason) {
    action = Action.PAUSE;
    why = reason;
  }

  /** What follows the frame at the cursor waits. */
  void pauseBehind(PauseReason reason) {
    why = reason;
  }

  /** Sends what has been looked at and stands before the cursor. */
  void sendRun() {
    if (at > run) {
      send(chunk.retainedSlice(run, at - run));
      run = at;
    }
  }

  /** The first {@code seen} bytes of the frame that passes now were sent in another form. */
  void sentInstead() {
    run = at;
  }

  /** No more of the frame that passes is watched. */
  void stopWatching() {
    watched = false;
  }

  // ---- waiting ----------------------------------------------------------------------------------

  PauseReason why() {
    return why;
  }

  boolean isPaused() {
    return why != PauseReason.NONE;
  }

  boolean hasWaiting() {
    return waiting != null;
  }

  /** Goes on with what waited. */
  void resume() {
    why = PauseReason.NONE;
    ByteBuf now = waiting;
    if (now != null) {
      waiting = null;
      take(now);
    }
  }

  /** Goes on if this was waited for. */
  final void resumeFrom(PauseReason reason) {
    if (why == reason) {
      resume();
    }
  }

  /** What the frame at the cursor waited for is decided. Takes ownership. */
  final void onDecided(Decision decision) {
    if (closed) {
      release(decision);
      return;
    }
    decided = decision;
    resumeFrom(PauseReason.DECISION);
  }

  private static void release(@Nullable Decision unused) {
    if (unused instanceof Decision.Answer answer) {
      answer.frame().release();
    }
  }

  /** The frame at the cursor waits though it was decided upon. */
  final void keep(Decision decision) {
    decided = decision;
  }

  final boolean isDecided() {
    return decided != null;
  }

  /** What was decided upon the frame at the cursor, once; null if nothing was. */
  final @Nullable Decision takeDecision() {
    Decision now = decided;
    decided = null;
    return now;
  }

  /**
   * An event is over.
   *
   * @return whether the rest of what was read waits for the next turn
   */
  boolean endTurn() {
    turn = FRAMES_PER_TURN;
    return why == PauseReason.TURN;
  }

  private void keep(ByteBuf in, int from) {
    int more = in.writerIndex() - from;
    if (more == 0 || closed) {
      return;
    }
    onHolding();
    ByteBuf kept = waiting;
    if (kept == null && (why == PauseReason.TURN || more >= WORTH_A_READ_BUFFER)) {
      waiting = in.retainedSlice(from, more);
      return;
    }
    if (kept == null || kept.maxWritableBytes() < more) {
      ByteBuf larger = allocator.directBuffer(more + (kept == null ? 0 : kept.readableBytes()));
      if (kept != null) {
        larger.writeBytes(kept);
        kept.release();
      }
      kept = larger;
      waiting = larger;
    }
    kept.writeBytes(in, from, more);
  }

  // ---- what is held -----------------------------------------------------------------------------

  /** Whether a frame was begun to be passed on and is not complete. */
  boolean isInFrame() {
    return inFrame;
  }

  /** Whether a frame was begun that is not complete. */
  boolean isMidFrame() {
    return inFrame || aside != null;
  }

  /** Whether the frame at the cursor was not looked at before. */
  boolean isNew() {
    return need == LENGTH;
  }

  /** How many bytes of the incomplete frame have come. */
  int cameOfFrame() {
    ByteBuf kept = aside;
    return kept != null ? kept.readableBytes() : inFrame ? frameBytes - remaining : 0;
  }

  int remaining() {
    return remaining;
  }

  /**
   * The frame whose last byte has been looked at, with its length, if all of it is in one buffer;
   * to be read at once.
   */
  @Nullable ByteBuf wholeFrame() {
    int from = at - frameBytes;
    return from < chunk.readerIndex() ? null : chunk.slice(from, frameBytes);
  }

  /** Bytes that wait. */
  int waitingBytes() {
    ByteBuf kept = waiting;
    return kept == null ? 0 : kept.readableBytes();
  }

  /** Bytes reserved for the frame that is collected. */
  int collectedCapacity() {
    ByteBuf kept = aside;
    return kept == null ? 0 : kept.capacity();
  }

  /** Bytes that the frame which is collected will take. */
  int collecting() {
    return aside == null ? 0 : need;
  }

  /** Lets go of everything; nothing further is of interest. */
  void drop() {
    closed = true;
    release(takeDecision());
    if (aside != null) {
      aside.release();
      aside = null;
    }
    if (waiting != null) {
      waiting.release();
      waiting = null;
    }
  }
}
