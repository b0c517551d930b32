package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The outcome of a {@link RequestStep} or {@link ResponseStep}. */
public sealed interface Decision {

  Decision FORWARD = new Forward(null, null, null);

  /**
   * The frame is forwarded.
   *
   * @param broker where a request is sent; null for the broker that the client connected to
   * @param response what to do with the response to a request; null for what the plan says
   * @param frame the request to send instead of the client's, with the same correlation id, whose
   *     owner the gateway becomes; null for the client's
   */
  record Forward(
      @Nullable HostPort broker, @Nullable ResponseRule response, @Nullable ByteBuf frame)
      implements Decision {

    /** Sends a request to another broker. */
    public static Forward to(HostPort broker) {
      return new Forward(broker, null, null);
    }

    /** The same with another frame, of which the gateway becomes the owner. */
    Forward with(ByteBuf other) {
      return new Forward(broker, response, other);
    }

    /** The same with another rule for the response. */
    Forward with(ResponseRule other) {
      return new Forward(broker, other, frame);
    }
  }

  /** The step is asked again about the same frame: what it waited for is there. */
  record Again() implements Decision {

    /** How long the cluster may take to answer what a step must know. */
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    /** Waits until something is known. */
    public static Wait after(Future<Void> known) {
      Promise<Decision> decision = ImmediateEventExecutor.INSTANCE.newPromise();
      known.addListener(_ -> decision.trySuccess(new Again()));
      return new Wait(decision, DEADLINE);
    }
  }

  /** The request is answered with an error. Not allowed for responses. */
  record Refuse(Refusal refusal) implements Decision {}

  /**
   * The client receives this response. If it replaces a broker's response, the addresses in it are
   * replaced too.
   *
   * @param frame with its length; the gateway takes ownership and may modify it
   * @param audited what the audit log says about it; null for nothing. Only for requests
   */
  record Answer(ByteBuf frame, @Nullable Audited audited) implements Decision {

    /** An answer that the audit log need not tell. */
    public Answer(ByteBuf frame) {
      this(frame, null);
    }
  }

  /**
   * A change that a client has asked for.
   *
   * @param api the name of the request
   * @param success whether all of it was made
   * @param detail what was changed and what was not, without secrets
   */
  record Audited(String api, boolean success, String detail) {}

  /**
   * The decision is made later. Later frames of the connection wait in order, up to a limit; the
   * session closes after the timeout.
   *
   * @param decision completes on any thread, and not with another {@code Wait}
   */
  record Wait(Future<? extends Decision> decision, Duration timeout) implements Decision {}

  /**
   * The session is closed.
   *
   * @param detail for the log line; empty or starting with ": "
   */
  record Close(CloseReason reason, String detail) implements Decision {}
}
