package io.gatehouse.wire.refuse;

/** A request to which no error response can be written; the message says why. */
public final class NoResponse extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * @param why one clause for a log line
   */
  public NoResponse(String why) {
    // No stack trace: the request is to blame, and a peer may send many.
    super(why, null, false, false);
  }
}
