package io.gatehouse.gateway.plan;

import io.gatehouse.wire.walk.Program;

/** What is done with a response. */
public sealed interface ResponseRule {

  /** Forwarded as it comes. */
  record Relay() implements ResponseRule {}

  /**
   * Forwarded as it comes, while a walk looks at it; held back for as long as it may name
   * addresses, which are edited.
   *
   * @param streamsAbove a longer one, in bytes, is not held back: what could name addresses in it
   *     is overwritten in place
   */
  record Edit(Program program, int streamsAbove) implements ResponseRule {}

  /** Held back whole and edited, unless it is known what becomes of it. */
  record Versions(ApiVersionsEdit edit) implements ResponseRule {}

  /** Forwarded as it comes; it has no correlation id. */
  record Headless() implements ResponseRule {}

  /** Collected for the gateway itself; the client does not see it. */
  record Own() implements ResponseRule {}

  /** Skipped; nobody sees it. */
  record Dropped() implements ResponseRule {}

  /**
   * Collected, then decided upon.
   *
   * @param then what is done with what the client gets, the broker's response or another
   */
  record Decide(ResponseStep step, ResponseRule then) implements ResponseRule {}
}
