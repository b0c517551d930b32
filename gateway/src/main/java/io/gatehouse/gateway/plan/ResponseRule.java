package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.access.VisibleTopics;
import io.gatehouse.gateway.tenant.StreamedNames;
import io.gatehouse.wire.walk.Program;
import org.jspecify.annotations.Nullable;

/** What the gateway does with a response. */
public sealed interface ResponseRule {

  /** Streamed to the client. */
  record Relay() implements ResponseRule {}

  /**
   * Walked while it is forwarded. It is held until all fields that may contain addresses have been
   * walked and edited.
   *
   * @param streamsAbove a response above this size, in bytes, is not held: fields that may contain
   *     addresses are overwritten in place
   * @param masked finds node ids and leader epochs, which are overwritten in place; the response is
   *     held whole for it. Null for none
   * @param sight what the client sees, if the response has topics by id that must be its own; else
   *     null
   */
  record Edit(
      Program program, int streamsAbove, @Nullable Program masked, Plan.@Nullable Sight sight)
      implements ResponseRule {

    Edit(Program program, int streamsAbove, @Nullable Program masked) {
      this(program, streamsAbove, masked, null);
    }

    Edit with(Plan.Sight clients) {
      return new Edit(program, streamsAbove, masked, clients);
    }
  }

  /**
   * Streamed to the client, while names of topics are translated and error codes are reported.
   *
   * @param restricted the topics of a client that must not read all of them; else null
   */
  record Rename(StreamedNames names, @Nullable VisibleTopics restricted) implements ResponseRule {}

  /** An ApiVersions response: held whole and edited, or answered from the cache of the edit. */
  record Versions(ApiVersionsEdit edit) implements ResponseRule {}

  /**
   * Streamed to the client without correlation id: the answer to a SASL token after SaslHandshake
   * v0.
   */
  record RawToken() implements ResponseRule {}

  /** Buffered for the gateway, which sent the request; not forwarded. */
  record ToGateway() implements ResponseRule {}

  /** Discarded: the response to a request of the gateway that needs no response. */
  record Discard() implements ResponseRule {}

  /**
   * Buffered whole and passed to a step, which decides.
   *
   * @param then what is done with the response that the client gets: the broker's, or the one from
   *     the step
   */
  record Decide(ResponseStep step, ResponseRule then) implements ResponseRule {}
}
