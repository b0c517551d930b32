package io.gatehouse.gateway.session;

/**
 * How much more work one direction of a connection may do before the other connections of its event
 * loop get their turn. A read of many small frames is worked off in several turns.
 */
final class TurnBudget {

  /** Enough for what a client with a usual number of requests in flight sends in one read. */
  private static final int FRAMES = 256;

  /** A frame whose body is looked at counts once more for each of these. */
  private static final int BYTES_AS_FRAME = 4 << 10;

  private int left = FRAMES;

  boolean isOver() {
    return left <= 0;
  }

  /** A frame was begun. */
  void frame() {
    left--;
  }

  /** The gateway read a whole body of so many bytes or wrote one. */
  void body(int bytes) {
    left -= bytes / BYTES_AS_FRAME;
  }

  void begin() {
    left = FRAMES;
  }
}
