package io.gatehouse.gateway.session;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.Refusal;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The responses that the gateway makes itself. Each takes the place of its request among those in
 * flight, and leaves when all before it were answered.
 */
final class OwnAnswers {

  /** How long other answers may take that stand before the last one. */
  private static final long LAST_SECONDS = 10;

  /** Why the session ends when all is answered. */
  private record End(CloseReason reason, String detail) {}

  private final Session session;
  private @Nullable End end;

  OwnAnswers(Session session) {
    this.session = session;
  }

  /** Sends those whose turn has come. */
  void sendDue() {
    InFlight inFlight = session.inFlight();
    ByteBuf response = inFlight.takeLocal();
    while (response != null) {
      int bytes = response.readableBytes();
      session.client().writeOwn(response);
      inFlight.answered(session.brokerMetrics(), bytes, session.loop().now());
      response = inFlight.takeLocal();
    }
    if (end != null && inFlight.isEmpty()) {
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
    answerLast(response);
    if (session.requests().onAnswered()) {
      session.onEventEnd();
    }
  }

  /** Answers the request that was taken last, and ends when all before it are answered too. */
  void answerAndClose(ByteBuf response, CloseReason reason, String detail) {
    end = new End(reason, detail);
    answerLast(response);
    if (end != null) {
      session
          .loop()
          .eventLoop()
          .schedule(() -> session.close(reason, detail), LAST_SECONDS, TimeUnit.SECONDS);
    }
  }

  /**
   * Answers a request that may not pass.
   *
   * @param frame with its length
   */
  void refuse(ByteBuf frame, Refusal refusal) {
    short apiKey = frame.getShort(4);
    ByteBuf answer = refusal.answer(frame, session.allocator());
    if (answer == null) {
      session.close(
          CloseReason.UNSUPPORTED_VERSION,
          ": api key " + apiKey + " is forbidden, and this request cannot be answered");
      return;
    }
    session.inFlight().push(apiKey, frame.getShort(6), frame.getInt(8));
    answerLast(answer);
  }

  private void answerLast(ByteBuf response) {
    session.inFlight().answerLast(response);
    sendDue();
  }
}
