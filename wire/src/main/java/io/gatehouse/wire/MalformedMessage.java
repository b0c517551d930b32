package io.gatehouse.wire;

/** Bytes that are no Kafka message of the kind they claim to be. */
public final class MalformedMessage extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int position;

  /**
   * @param what what is wrong, in words for a log line
   * @param position where, in bytes from the first byte after the frame's length
   */
  public MalformedMessage(String what, int position) {
    // No stack trace: the peer's bytes are to blame, and a peer may send many.
    super(what + " at byte " + position, null, false, false);
    this.position = position;
  }

  public int position() {
    return position;
  }
}
