package io.gatehouse.gateway.access;

/**
 * Whether a connection has a session of fetches (KIP-227, KIP-932) that began under the access
 * rules in force. Used by one thread at a time.
 */
public final class FetchSession {

  private boolean begun;

  /**
   * Whether a request may be sent.
   *
   * @param epoch its epoch in the session: 0 begins one, and a negative one needs none
   */
  boolean admits(int epoch) {
    if (epoch == 0) {
      begun = true;
    }
    return epoch <= 0 || begun;
  }
}
