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

  /** Not forwarded, and no answer exists: the connection ends, as it would at a broker. */
  record Hangup() implements RequestRule {}
}
