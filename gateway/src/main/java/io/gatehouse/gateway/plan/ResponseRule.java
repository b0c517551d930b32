package io.gatehouse.gateway.plan;

import io.gatehouse.wire.walk.Program;

/** What is done with a response. */
public sealed interface ResponseRule {

  /** Forwarded as it comes. */
  record Relay() implements ResponseRule {}

  /** Forwarded as it comes, while a walk looks at it, mending addresses on the way. */
  record Walk(Program program) implements ResponseRule {}

  /** Walked for what broker configurations say of addresses. */
  record Configs(Program program) implements ResponseRule {}

  /** Forwarded as it comes; it has no correlation id. */
  record Headless() implements ResponseRule {}

  /** Collected for the gateway itself; the client does not see it. */
  record Own() implements ResponseRule {}

  /** Skipped; nobody sees it. */
  record Dropped() implements ResponseRule {}

  /** Collected, then decided upon. */
  record Decide(ResponseStep step) implements ResponseRule {}

  /** Collected and rewritten. */
  record Open(Rewrite rewrite) implements ResponseRule {}
}
