package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.access.VisibleTopics;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.tenant.StreamedNames;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.walk.Program;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What the gateway does with a request. */
public sealed interface RequestRule {

  RequestRule RELAY = new Relay();

  /** Streamed to the broker. */
  record Relay() implements RequestRule {}

  /**
   * Streamed to the broker, while a walk finds {@code acks}: a Produce request with acks=0 has no
   * response.
   *
   * @param acksZeroForbidden whether such a request closes the connection
   * @param producerIds ids to replace in the record batches, which the program reports then; null
   *     for none
   * @param names what is translated or checked, which the program reports then; null for nothing
   * @param restricted for a client that must not write to all topics; else null
   */
  record Produce(
      Program program,
      boolean acksZeroForbidden,
      @Nullable ProducerIds producerIds,
      @Nullable StreamedNames names,
      @Nullable RestrictedProduce restricted)
      implements RequestRule {}

  /**
   * What is done for a client that must not write to all topics.
   *
   * @param response the rule for responses to requests of which topics were refused
   */
  record RestrictedProduce(VisibleTopics topics, ResponseRule response) {}

  /** Answered by the gateway with an error. */
  record Refuse(Refusal refusal) implements RequestRule {}

  /**
   * Buffered whole and passed to a step, which decides.
   *
   * @param then how the request is forwarded if the step says so: {@link Relay} or {@link Produce}
   * @param maxBytes the limit of a request, which is reserved before it arrives
   */
  record Decide(RequestStep step, RequestRule then, int maxBytes) implements RequestRule {

    /** A step of the configuration, for requests up to what may be buffered for one client. */
    Decide(RequestStep step, RequestRule then) {
      this(step, then, Integer.MAX_VALUE);
    }

    /**
     * What the step decides. A request that it cannot read closes the session.
     *
     * @param frame the request with its length; valid during the call only
     */
    public Decision ask(Caller caller, ByteBuf frame) {
      try {
        return step.onRequest(caller, frame);
      } catch (MalformedMessage e) {
        return new Decision.Close(CloseReason.MALFORMED_REQUEST, ": " + e.getMessage());
      }
    }
  }

  /** Closes the connection, as a broker does: there is no response of an unknown API or version. */
  record Disconnect() implements RequestRule {}

  /** Answered by {@code flow.SaslTermination}: the gateway authenticates the client. */
  record Authenticate() implements RequestRule {}

  /** Closes the connection: not allowed before authentication. */
  record Unauthenticated() implements RequestRule {}

  /**
   * Closes the connection: the user must not send requests any more.
   *
   * @param reason in a few words
   */
  record Expel(String reason) implements RequestRule {}

  /** Forwarded, and inspected for the client's user name. */
  record Inspect() implements RequestRule {}
}
