package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The outcome of a {@link RequestStep} or {@link ResponseStep}. */
public sealed interface Decision {

  Decision FORWARD = new Forward(null, null);

  /**
   * The frame is forwarded.
   *
   * @param broker where a request is sent; null for the broker that the client connected to
   * @param response what to do with the response to a request; null for what the plan says
   */
  record Forward(@Nullable HostPort broker, @Nullable ResponseRule response) implements Decision {

    /** Sends a request to another broker. */
    public static Forward to(HostPort broker) {
      return new Forward(broker, null);
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
