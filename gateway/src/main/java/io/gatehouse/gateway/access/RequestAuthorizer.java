package io.gatehouse.gateway.access;

import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.wire.refuse.NoResponse;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Finds what clients must not do, in whole requests of one API and version. Immutable. */
public final class RequestAuthorizer {

  /** Requests above this size are refused as a whole unless everything in them is allowed. */
  private static final int MAX_PARTLY_BYTES = 512 << 10;

  private static final FastThreadLocal<Walker> WALKERS =
      new FastThreadLocal<>() {
        @Override
        protected Walker initialValue() {
          return new Walker();
        }
      };

  private final RequestRights needed;
  private final VisibleTopics topics;

  /** What is done with a request. */
  public sealed interface Outcome {

    Outcome ALLOWED = new Allowed();

    /** It is sent as it is. */
    record Allowed() implements Outcome {}

    /** It is answered with this error. */
    record Refused(int errorCode) implements Outcome {}

    /**
     * A part of it is sent.
     *
     * @param frame that part, which the caller owns
     * @param missing completes the response
     */
    record Partly(ByteBuf frame, MissingParts missing) implements Outcome {}

    /**
     * Nothing is left to send.
     *
     * @param response what the client gets, which the caller owns
     */
    record Answered(ByteBuf response) implements Outcome {}

    /** The request can be checked when this completes. */
    record Later(Future<Void> resolved) implements Outcome {}
  }

  /** Completes a response. */
  @FunctionalInterface
  public interface MissingParts {

    /**
     * Adds the errors of the parts that were not sent.
     *
     * @param frame the broker's response with its length; not released here
     * @return the response for the client, which the caller owns
     * @throws io.gatehouse.wire.MalformedMessage if it is not a response to this request
     */
    ByteBuf addedTo(ByteBuf frame);
  }

  private RequestAuthorizer(RequestRights needed, VisibleTopics topics) {
    this.needed = needed;
    this.topics = topics;
  }

  /** Null if requests of this API and version need no rights. */
  public static @Nullable RequestAuthorizer of(int apiKey, int version, VisibleTopics topics) {
    MessageSchema schema = Schemas.get().request(apiKey);
    Layout layout = schema == null ? null : schema.layout(version);
    RequestRights needed = layout == null ? null : RequestRights.of(layout);
    return needed == null ? null : new RequestAuthorizer(needed, topics);
  }

  /**
   * Checks a request.
   *
   * @param frame with its length; not released here
   * @param denials is told of each missing right
   * @throws io.gatehouse.wire.MalformedMessage if it is not a request of this kind
   */
  public Outcome check(AclCaller caller, ByteBuf frame, Denials denials) {
    Rights rights = new Rights(caller, topics);
    if (needed.areAllHeld(rights, WALKERS.get(), frame)) {
      return Outcome.ALLOWED;
    }
    if (frame.readableBytes() > MAX_PARTLY_BYTES) {
      return new Outcome.Refused(needed.errorCode());
    }
    var request = RequestFrames.read(needed.layout(), frame);
    return switch (RequestCheck.of(rights, needed, request, denials)) {
      case Verdict.Allowed _ -> Outcome.ALLOWED;
      case Verdict.Refused(int errorCode) -> new Outcome.Refused(errorCode);
      case Verdict.Later(var resolved) -> new Outcome.Later(resolved);
      case Verdict.Partly(var rest, var denied) -> {
        int whole = denied.keySet().iterator().next().errorCode();
        try {
          DeniedResponse errors = new DeniedResponse(frame, denied);
          yield rest == null
              ? new Outcome.Answered(
                  errors.alone(frame.getInt(frame.readerIndex() + 8), frame.alloc()))
              : new Outcome.Partly(
                  RequestFrames.with(frame, rest),
                  response -> errors.addedTo(response, response.alloc()));
        } catch (NoResponse e) {
          yield new Outcome.Refused(whole);
        }
      }
    };
  }
}
