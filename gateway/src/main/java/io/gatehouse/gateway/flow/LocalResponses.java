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
 * Sends the gateway's own responses. Each takes the place of its request in {@link InFlight} and is
 * sent when all earlier requests have been answered.
 */
final class LocalResponses {

  /** Maximum time to wait for earlier responses before the session closes. */
  private static final long CLOSE_TIMEOUT_SECONDS = 10;

  /** The reason to close the session after all responses. */
  private record PendingClose(CloseReason reason, String detail) {}

  private final Session session;
  private @Nullable PendingClose pendingClose;

  LocalResponses(Session session) {
    this.session = session;
  }

  /** Sends the responses whose turn has come. */
  void sendReady() {
    InFlight inFlight = session.inFlight();
    ByteBuf response = inFlight.takeLocalResponse();
    while (response != null) {
      int bytes = response.readableBytes();
      Tap[] taps = session.services().shared().taps().open();
      if (taps != null) {
        TapPoint.response(session, taps, null, bytes, response);
      }
      session.client().writeOwn(response);
      inFlight.complete(session.links().metrics(), bytes, session.loop().now());
      response = inFlight.takeLocalResponse();
    }
    BrokerLink due = inFlight.nextLink();
    if (due != null) {
      due.responses().resumeFrom(PauseReason.RESPONSE_ORDER);
    }
    if (pendingClose != null && !inFlight.isResponseExpected(0)) {
      session.closeAfterFlush(pendingClose.reason(), pendingClose.detail());
      pendingClose = null;
    }
  }

  /** Answers the newest request, and continues with the next one. Takes ownership. */
  void respond(ByteBuf response) {
    if (session.isClosed()) {
      response.release();
      return;
    }
    respondAtOnce(response);
    if (session.requests().onLocalResponse()) {
      session.onEventEnd();
    }
  }

  /** Answers the newest request, and closes the session after all responses. Takes ownership. */
  void respondAndClose(ByteBuf response, CloseReason reason, String detail) {
    setLastResponse(response);
    closeAfterResponses(new PendingClose(reason, detail));
  }

  private void closeAfterResponses(PendingClose last) {
    pendingClose = last;
    sendReady();
    if (pendingClose != null) {
      session
          .loop()
          .eventLoop()
          .schedule(
              () -> session.close(last.reason(), last.detail()),
              CLOSE_TIMEOUT_SECONDS,
              TimeUnit.SECONDS);
    }
  }

  /**
   * Answers a refused request, or sends the broker another request in its place.
   *
   * @param frame with its length; not released here
   */
  void refuse(Route route, ByteBuf frame, Refusal refusal) {
    session.clientContext().onRefused(refusal.cause(), route.apiKey());
    int correlationId = frame.getInt(frame.readerIndex() + 8);
    ByteBuf replacement = refusal.replacementRequest(frame, session.allocator());
    if (replacement != null) {
      BrokerLink broker = Objects.requireNonNull(session.links().main());
      session.inFlight().push(route, correlationId, broker);
      broker.write(replacement);
      return;
    }
    try {
      ByteBuf answer = write(refusal, frame);
      session.inFlight().push(route, correlationId, null);
      respondAtOnce(answer);
    } catch (NoResponse e) {
      // As at a broker, earlier requests are answered first.
      session.requests().pauseAfter(PauseReason.DRAIN);
      session.inFlight().push(Route.GATEWAY_REQUEST_IGNORED, 0, null);
      setLastResponse(Unpooled.EMPTY_BUFFER);
      closeAfterResponses(
          new PendingClose(CloseReason.REFUSED_WITHOUT_ANSWER, withoutAnswer(frame, e)));
    }
  }

  /**
   * Answers the newest request with an error.
   *
   * @param frame with its length; not released here
   */
  void refuseLast(ByteBuf frame, Refusal refusal) {
    try {
      respond(write(refusal, frame));
    } catch (NoResponse e) {
      session.close(CloseReason.REFUSED_WITHOUT_ANSWER, withoutAnswer(frame, e));
    }
  }

  private static String withoutAnswer(ByteBuf frame, NoResponse why) {
    return ": api key " + frame.getShort(4) + ": " + why.getMessage();
  }

  /**
   * Writes an error in place of a broker's response. The caller owns it.
   *
   * @return null if the API has no response that can report it
   */
  @Nullable ByteBuf errorFor(Route route, int correlationId, RefusalReason cause) {
    ErrorResponse form =
        route.isClientRequest() ? ErrorResponse.to(route.apiKey(), route.version()) : null;
    if (form == null) {
      return null;
    }
    String message = route.name() + ": " + cause.text();
    try {
      ByteBuf error =
          form.writeOnTop(
              correlationId, cause.code(route.apiKey()).number(), message, session.allocator());
      recordRefusal(cause, (short) route.apiKey());
      return error;
    } catch (NoResponse e) {
      return null;
    }
  }

  private ByteBuf write(Refusal refusal, ByteBuf frame) throws NoResponse {
    recordRefusal(refusal.cause(), frame.getShort(4));
    return refusal.answer(frame, session.allocator());
  }

  /** Counts a request that the gateway answers with an error, and writes a log line. */
  void recordRefusal(RefusalReason cause, short apiKey) {
    session.loop().metrics().refused(cause);
    if (cause != RefusalReason.FORBIDDEN_API) { // written to the audit log
      var log = session.services().shared().log();
      log.refused(cause, session.clientContext(), apiKey, session.loop().now());
    }
  }

  /** Answers the newest request. Takes ownership. */
  void respondAtOnce(ByteBuf response) {
    setLastResponse(response);
    sendReady();
  }

  private void setLastResponse(ByteBuf response) {
    session.memory().markHeld();
    session.inFlight().setLastResponse(response);
  }
}
