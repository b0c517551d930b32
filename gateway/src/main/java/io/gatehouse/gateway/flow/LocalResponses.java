package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.plan.Refusal;
import io.gatehouse.gateway.plan.Route;
import io.gatehouse.gateway.tap.Tap;
import io.gatehouse.wire.refuse.ErrorResponse;
import io.gatehouse.wire.refuse.NoResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The responses that the gateway makes itself. Each takes the place of its request among those in
 * flight, and leaves when all before it were answered.
 */
final class LocalResponses {

  /** How long other answers may take that stand before the last one. */
  private static final long LAST_SECONDS = 10;

  /** Why the session ends when all is answered. */
  private record End(CloseReason reason, String detail) {}

  private final Session session;
  private @Nullable End end;

  LocalResponses(Session session) {
    this.session = session;
  }

  /** Sends those whose turn has come. */
  void sendDue() {
    InFlight inFlight = session.inFlight();
    ByteBuf response = inFlight.takeLocal();
    while (response != null) {
      int bytes = response.readableBytes();
      Tap[] taps = session.services().shared().taps().open();
      if (taps != null) {
        TapPoint.response(session, taps, null, bytes, response);
      }
      session.client().writeOwn(response);
      inFlight.answered(session.links().metrics(), bytes, session.loop().now());
      response = inFlight.takeLocal();
    }
    BrokerLink due = inFlight.due();
    if (due != null) {
      due.responses().resumeFrom(PauseReason.ORDER);
    }
    if (end != null && !inFlight.isAwaited(0)) {
      session.closeAfterFlush(end.reason(), end.detail());
      end = null;
    }
  }

  /** Answers the request that was taken last, which only then lets the next one pass. */
  void answer(ByteBuf response) {
    if (session.isClosed()) {
      response.release();
      return;
    }
    answerNow(response);
    if (session.requests().onAnswered()) {
      session.onEventEnd();
    }
  }

  /** Answers the request that was taken last, and ends when all before it are answered too. */
  void answerAndClose(ByteBuf response, CloseReason reason, String detail) {
    take(response);
    endBehind(new End(reason, detail));
  }

  private void endBehind(End last) {
    end = last;
    sendDue();
    if (end != null) {
      session
          .loop()
          .eventLoop()
          .schedule(
              () -> session.close(last.reason(), last.detail()), LAST_SECONDS, TimeUnit.SECONDS);
    }
  }

  /**
   * Answers a request that may not pass, or asks the broker something else in its place.
   *
   * @param frame with its length; not released here
   */
  void refuse(Route route, ByteBuf frame, Refusal refusal) {
    session.clientContext().onForbidden(route.apiKey());
    int correlationId = frame.getInt(frame.readerIndex() + 8);
    ByteBuf replacement = refusal.replacementRequest(frame, session.allocator());
    if (replacement != null) {
      BrokerLink broker = Objects.requireNonNull(session.links().main());
      session.inFlight().push(route, correlationId, broker);
      broker.write(replacement);
      return;
    }
    try {
      ByteBuf answer = written(refusal, frame);
      session.inFlight().push(route, correlationId, null);
      answerNow(answer);
    } catch (NoResponse e) {
      // As at a broker, what was asked before is answered first.
      session.requests().pauseBehind(PauseReason.DRAIN);
      session.inFlight().push(Route.GATEWAY_REQUEST_IGNORED, 0, null);
      take(Unpooled.EMPTY_BUFFER);
      endBehind(new End(CloseReason.REFUSED_WITHOUT_ANSWER, withoutAnswer(frame, e)));
    }
  }

  /** The same for the request that was taken last. */
  void refuseLast(ByteBuf frame, Refusal refusal) {
    try {
      answer(written(refusal, frame));
    } catch (NoResponse e) {
      session.close(CloseReason.REFUSED_WITHOUT_ANSWER, withoutAnswer(frame, e));
    }
  }

  private static String withoutAnswer(ByteBuf frame, NoResponse why) {
    return ": api key " + frame.getShort(4) + ": " + why.getMessage();
  }

  /** An error in place of a broker's response; null where there is none for its api. */
  @Nullable ByteBuf inPlace(Route route, int correlationId, RefusalReason cause) {
    ErrorResponse form =
        route.isClientRequest() ? ErrorResponse.to(route.apiKey(), route.version()) : null;
    if (form == null) {
      return null;
    }
    String message = route.name() + ": " + cause.text();
    try {
      ByteBuf error =
          form.writeOnTop(correlationId, cause.code().number(), message, session.allocator());
      note(cause, (short) route.apiKey());
      return error;
    } catch (NoResponse e) {
      return null;
    }
  }

  private ByteBuf written(Refusal refusal, ByteBuf frame) throws NoResponse {
    note(refusal.cause(), frame.getShort(4));
    return refusal.answer(frame, session.allocator());
  }

  private void note(RefusalReason cause, short apiKey) {
    session.loop().metrics().refused(cause);
    if (cause != RefusalReason.FORBIDDEN_API) { // the audit log has those
      var log = session.services().shared().log();
      log.refused(cause, session.clientContext(), apiKey, session.loop().now());
    }
  }

  /** Answers the request that was taken last. Takes ownership. */
  void answerNow(ByteBuf response) {
    take(response);
    sendDue();
  }

  private void take(ByteBuf response) {
    session.memory().touch();
    session.inFlight().answerLast(response);
  }
}
