package io.gatehouse.wire.refuse;

/** No error response can be written to a request; the message says why. */
public final class NoResponse extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * @param why one clause for a log line
   */
  public NoResponse(String why) {
    // Without a stack trace: the cause is the request, and a peer may send many of them.
    super(why, null, false, false);
  }
}
