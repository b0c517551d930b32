package io.gatehouse.gateway.session;

import io.gatehouse.gateway.net.ReadBuffers;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What a client has sent and what does not go on yet, and why. */
final class PendingInput {

  /** Less is copied, so that the large buffer it was read into can be used again. */
  private static final int WORTH_A_READ_BUFFER = ReadBuffers.LARGE / 4;

  private final Session session;
  private PauseReason why = PauseReason.NONE;
  private @Nullable ByteBuf bytes;

  PendingInput(Session session) {
    this.session = session;
  }

  PauseReason why() {
    return why;
  }

  boolean isPaused() {
    return why != PauseReason.NONE;
  }

  int size() {
    return bytes == null ? 0 : bytes.readableBytes();
  }

  boolean isEmpty() {
    return bytes == null;
  }

  /** Whether the reason has gone, of those that nobody tells of. */
  boolean isOver(SaslTraffic sasl) {
    return switch (why) {
      case ROOM -> !session.inFlight().isFull();
      case READER -> session.client().isWritable();
      case PROOF -> !sasl.isAsking();
      default -> false;
    };
  }

  void pause(PauseReason reason) {
    why = reason;
  }

  /** Keeps {@code in} from {@code from} on until the pause is over. */
  void keep(ByteBuf in, int from) {
    int more = in.writerIndex() - from;
    if (more == 0 || session.isClosed()) {
      return;
    }
    ByteBuf waiting = bytes;
    if (waiting == null && (why == PauseReason.TURN || more >= WORTH_A_READ_BUFFER)) {
      bytes = in.retainedSlice(from, more);
      return;
    }
    if (waiting == null || waiting.maxWritableBytes() < more) {
      ByteBuf larger = session.buffer(more + (waiting == null ? 0 : waiting.readableBytes()));
      if (waiting != null) {
        larger.writeBytes(waiting);
        waiting.release();
      }
      waiting = larger;
      bytes = larger;
    }
    waiting.writeBytes(in, from, more);
  }

  /** Ends the pause, and gives up what was kept, if anything was. */
  @Nullable ByteBuf end() {
    why = PauseReason.NONE;
    ByteBuf waiting = bytes;
    bytes = null;
    return waiting;
  }

  void drop() {
    if (bytes != null) {
      bytes.release();
      bytes = null;
    }
  }
}
