package io.gatehouse.gateway.access;

import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.wire.refuse.NoResponse;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import java.util.Set;
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

  /** Whether the clients' virtual cluster has rules for what the requests create. */
  private final boolean ofNewTopics;

  /** What is done with a request. */
  public sealed interface Outcome {

    Outcome ALLOWED = new Allowed();

    /** It is sent as it is. */
    record Allowed() implements Outcome {}

    /** It is answered with this error. */
    record Refused(int errorCode) implements Outcome {}

    /**
     * It is sent in another form.
     *
     * @param frame that form, which the caller owns
     */
    record Changed(ByteBuf frame) implements Outcome {}

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
    this.ofNewTopics = NewTopics.concerns(topics.tenant(), needed.layout().message().apiKey());
  }

  /** Whether a virtual cluster has rules for new topics that concern requests of this API. */
  public static boolean concernsNewTopics(@Nullable Tenant tenant, int apiKey) {
    return NewTopics.concerns(tenant, apiKey);
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
   * @param caller decides about rights; null for a client that has all
   * @param frame with its length; not released here
   * @param denials is told of each missing right
   * @throws io.gatehouse.wire.MalformedMessage if it is not a request of this kind
   */
  public Outcome check(@Nullable AclCaller caller, ByteBuf frame, Denials denials) {
    Rights missing = missing(caller, frame);
    boolean held = missing == null;
    if (held && !ofNewTopics) {
      return Outcome.ALLOWED;
    }
    if (frame.readableBytes() > MAX_PARTLY_BYTES && !mayBeLong(held)) {
      return new Outcome.Refused(
          held ? RefusalReason.NEW_TOPICS_LIMITED.code().number() : needed.errorCode());
    }
    var request = RequestFrames.read(needed.layout(), frame);
    Verdict verdict =
        missing == null ? Verdict.ALLOWED : RequestCheck.of(missing, needed, request, denials);
    if (ofNewTopics && (verdict instanceof Verdict.Allowed || verdict instanceof Verdict.Partly)) {
      verdict = NewTopics.check(topics, needed.layout(), request, verdict);
    }
    return outcome(verdict, frame);
  }

  /** What the client may do, if that may not be enough for a request; else null. */
  private @Nullable Rights missing(@Nullable AclCaller caller, ByteBuf frame) {
    if (caller == null) {
      return null;
    }
    Rights rights = new Rights(caller, topics);
    return needed.areAllHeld(rights, WALKERS.get(), frame) ? null : rights;
  }

  /** Whether a request is looked at even if it is long: it only asks for what there is. */
  private boolean mayBeLong(boolean held) {
    return held && needed.layout().message().apiKey() == NewTopics.METADATA;
  }

  private Outcome outcome(Verdict verdict, ByteBuf frame) {
    return switch (verdict) {
      case Verdict.Allowed _ -> Outcome.ALLOWED;
      case Verdict.Refused(int errorCode) -> new Outcome.Refused(errorCode);
      case Verdict.Changed(var request) -> new Outcome.Changed(RequestFrames.with(frame, request));
      case Verdict.Later(var resolved) -> new Outcome.Later(resolved);
      case Verdict.Partly(var rest, var denied, var granted) -> {
        try {
          DeniedResponse errors = denied.isEmpty() ? null : new DeniedResponse(frame, denied);
          yield rest == null && errors != null
              ? new Outcome.Answered(
                  errors.alone(frame.getInt(frame.readerIndex() + 8), frame.alloc()))
              : new Outcome.Partly(
                  RequestFrames.with(frame, Objects.requireNonNull(rest)),
                  response -> completed(response, granted, errors));
        } catch (NoResponse e) {
          yield new Outcome.Refused(denied.keySet().iterator().next().errorCode());
        }
      }
    };
  }

  private ByteBuf completed(
      ByteBuf response, Set<String> granted, @Nullable DeniedResponse errors) {
    int apiKey = needed.layout().message().apiKey();
    if (!granted.isEmpty() && apiKey != NewTopics.METADATA) {
      MessageSchema schema = Objects.requireNonNull(Schemas.get().response(apiKey));
      NewTopics.answered(
          topics,
          granted,
          RequestFrames.readResponse(schema.layout(needed.layout().version()), response));
    }
    return errors == null ? response.copy() : errors.addedTo(response, response.alloc());
  }
}
