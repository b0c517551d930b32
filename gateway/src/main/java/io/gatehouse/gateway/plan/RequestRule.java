package io.gatehouse.gateway.plan;

import io.gatehouse.wire.walk.Program;

/** What is done with a request. */
public sealed interface RequestRule {

  RequestRule RELAY = new Relay();

  /** Forwarded as it comes. */
  record Relay() implements RequestRule {}

  /** Forwarded as it comes, while a walk looks whether it asks for an answer at all (acks). */
  record Acks(Program program, boolean zeroForbidden) implements RequestRule {}

  /** Not forwarded; the gateway answers with an error. */
  record Refuse(Refusal refusal) implements RequestRule {}

  /**
   * Collected, then decided upon.
   *
   * @param then how it is forwarded if it may pass: {@link Relay} or {@link Acks}
   */
  record Decide(RequestStep step, RequestRule then) implements RequestRule {}

  /** Not forwarded, and no answer exists: the connection ends, as it would at a broker. */
  record Hangup() implements RequestRule {}

  /** Answered by the SASL exchange that ends at the gateway. */
  record Authenticate() implements RequestRule {}

  /** Not taken before the client has authenticated: the connection ends. */
  record Unauthenticated() implements RequestRule {}

  /** SASL between client and broker: forwarded, and read for the client's name. */
  record Inspect() implements RequestRule {}
}
