package io.gatehouse.wire;

/** Bytes that are not a valid Kafka message of the expected kind. */
public final class MalformedMessage extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int position;

  /**
   * @param what the problem, for a log line
   * @param position of the problem, in bytes from the first byte after the frame's length
   */
  public MalformedMessage(String what, int position) {
    // Without a stack trace: the cause is the peer's bytes, and a peer may send many such messages.
    super(what + " at byte " + position, null, false, false);
    this.position = position;
  }

  public int position() {
    return position;
  }
}
