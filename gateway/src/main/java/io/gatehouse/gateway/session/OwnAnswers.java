package io.gatehouse.gateway.session;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.Refusal;
import io.netty.buffer.ByteBuf;

/**
 * The responses that the gateway makes itself. Each takes the place of its request among those in
 * flight, and leaves when all before it were answered.
 */
final class OwnAnswers {

  private final Session session;

  OwnAnswers(Session session) {
    this.session = session;
  }

  /** Sends those whose turn has come. */
  void sendDue() {
    InFlight inFlight = session.inFlight();
    ByteBuf response = inFlight.localResponse();
    while (response != null) {
      int bytes = response.readableBytes();
      session.toClient(response);
      session.onAnswered(bytes, session.loop().now());
      response = inFlight.localResponse();
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

  /** Answers the request that was taken last, and ends. */
  void answerAndClose(ByteBuf response, CloseReason reason, String detail) {
    answerLast(response);
    session.closeAfterFlush(reason, detail);
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
    session.inFlight().push(apiKey, frame.getShort(6), frame.getInt(8), session.loop().now());
    session.loop().metrics().inFlight(1);
    answerLast(answer);
  }

  private void answerLast(ByteBuf response) {
    session.inFlight().answerLast(response);
    sendDue();
  }
}
