package io.gatehouse.gateway.session;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.RequestRule;
import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a client's bytes into requests and forwards them as they come.
 *
 * <p>What arrives in one read leaves in one write where nothing stands against it: bytes between
 * {@code run} and the cursor have been looked at and not been sent yet. A frame of which too little
 * has come to decide is kept aside until {@code need} bytes are there.
 */
final class RequestPath {

  /** Length, api key, version, correlation id. */
  private static final int HEAD = 12;

  private static final int LENGTH = 4;

  /** A request's length without its own four bytes is at least the rest of its head. */
  private static final int SMALLEST = HEAD - LENGTH;

  /** Of a large request so much must be here before it is announced to the broker. */
  private static final int LARGE_PREFIX = 64 << 10;

  /** A refused request is collected to be answered; Kafka's admin requests are far smaller. */
  private static final int MOST_REFUSED = 1 << 20;

  private final Session session;
  private final FrameClock clock;
  private final SaslTraffic sasl;
  private final Admission admission;

  // The frame being forwarded.
  private int remaining;
  private boolean inFrame;
  private final AcksWatch acksWatch = new AcksWatch();
  private boolean acksZeroForbidden;

  /** Whether the frame being forwarded will be answered. */
  private boolean awaited;

  private final MemoryLease lease = new MemoryLease();
  private final TurnBudget turn = new TurnBudget();

  // Bytes of a frame that is not forwarded yet, and how many of them are needed to go on.
  private @Nullable ByteBuf aside;
  private int need = LENGTH;

  /** The rule of the frame whose head was looked at last. */
  private RequestRule rule = RequestRule.RELAY;

  private final PendingInput pending;

  private boolean first = true;

  /** Whether a request is being handed to the gateway's own answering. */
  private boolean answering;

  RequestPath(Session session) {
    this.session = session;
    this.pending = new PendingInput(session);
    this.clock = new FrameClock(session.services().timeouts());
    this.sasl = new SaslTraffic(session);
    this.admission = new Admission(session, pending, lease, sasl);
  }

  /** Takes what was read from the client. Owns the buffer. */
  void take(ByteBuf in) {
    if (pending.isPaused()) {
      pending.keep(in, in.readerIndex());
      in.release();
      return;
    }
    ByteBuf kept = aside;
    if (kept != null) {
      int missing = Math.min(need - kept.readableBytes(), in.readableBytes());
      kept.writeBytes(in, missing);
      clock.came(missing);
      if (kept.readableBytes() < need) {
        in.release();
        return;
      }
      aside = null;
      cut(kept);
      if (in.isReadable() && !session.isClosed()) {
        take(in);
      } else {
        in.release();
      }
      return;
    }
    cut(in);
  }

  /** Goes on with what had to wait. */
  void resume() {
    ByteBuf waiting = pending.end();
    if (waiting != null) {
      take(waiting);
    }
  }

  /** Goes on if what had to be waited for has come. */
  void resumeIfOver() {
    if (pending.isOver(sasl)) {
      resume();
    }
  }

  /**
   * The turn is over.
   *
   * @return whether something waits for the next one
   */
  boolean endTurn() {
    turn.begin();
    return pending.why() == PauseReason.TURN;
  }

  /** Bytes held that are not charged already. */
  long heldBytes() {
    ByteBuf kept = aside;
    return (long) pending.size() + (kept == null || lease.isTaken() ? 0 : kept.capacity());
  }

  /** What waits here. */
  PendingInput pending() {
    return pending;
  }

  /**
   * The gateway has answered a request itself: go on with the next.
   *
   * @return false if that was while the request was being taken, whose taker goes on itself
   */
  boolean onAnswered() {
    lease.giveBack();
    if (answering) {
      pending.pause(PauseReason.NONE);
      return false;
    }
    if (pending.why() == PauseReason.ANSWER) {
      resume();
    }
    return true;
  }

  /** Whether a frame was begun towards the broker and is not complete. */
  boolean isMidFrame() {
    return inFrame;
  }

  /** How many of the requests in flight have not come whole: 0 or 1, the newest. */
  int incomplete() {
    return inFrame && awaited ? 1 : 0;
  }

  /** The client will send tokens without heads now (SaslHandshake v0). */
  void expectRawSasl() {
    sasl.expectRawTokens();
  }

  /** Lets go of everything that is held. */
  void drop() {
    if (aside != null) {
      aside.release();
      aside = null;
    }
    pending.drop();
    lease.giveBack();
  }

  // ---- cutting ----------------------------------------------------------------------------------

  private void cut(ByteBuf in) {
    boolean handedOn = false;
    try {
      int begin = in.readerIndex();
      int end = in.writerIndex();
      int sent = cut(in, begin, end);
      if (!session.isClosed()) {
        handedOn = sent == begin && sent < end;
        if (handedOn) {
          session.toBroker(in);
        } else {
          forward(in, sent, end);
        }
      }
    } finally {
      if (!handedOn) {
        in.release();
      }
    }
  }

  /** Works through {@code [at, end)}; what stands from the result on has yet to be forwarded. */
  private int cut(ByteBuf in, int begin, int end) {
    int run = begin;
    int at = begin;
    while (at < end && !session.isClosed()) {
      if (inFrame) {
        int bytes = Math.min(remaining, end - at);
        watch(in, at, at + bytes);
        at += bytes;
        remaining -= bytes;
        if (remaining == 0) {
          endFrame();
        }
        continue;
      }
      if (turn.isOver()) {
        forward(in, run, at);
        pending.pause(PauseReason.TURN);
        pending.keep(in, at);
        return end;
      }
      int needed = needed(in, at, end - at);
      if (session.isClosed()) {
        return end;
      }
      if (needed > end - at) {
        forward(in, run, at);
        if (admission.toCollect(in, at, needed, rule)) {
          setAside(in, at, end, needed);
        } else {
          need = LENGTH; // its time begins anew
          pending.keep(in, at);
        }
        return end;
      }
      int length = in.getInt(at);
      if (sasl.isAnsweredHere(in, at)) {
        forward(in, run, at);
        if (admission.toBeAnsweredHere()) {
          turn.frame();
          turn.body(length);
          answerHere(in.slice(at, LENGTH + length));
          at += LENGTH + length;
          run = at;
          need = LENGTH;
        }
        if (pending.isPaused() && !session.isClosed()) {
          pending.keep(in, at);
          return end;
        }
        continue;
      }
      if (!admission.toBegin(in, at, rule)) {
        if (!session.isClosed()) {
          forward(in, run, at);
          need = LENGTH; // its time begins when it goes on
          pending.keep(in, at);
        }
        return end;
      }
      turn.frame();
      begin(in, at, length);
      if (rule instanceof RequestRule.Refuse refuse) {
        forward(in, run, at);
        turn.body(length);
        session.answers().refuse(in.slice(at, LENGTH + length), refuse.refusal());
        at += LENGTH + length;
        run = at;
        need = LENGTH;
        lease.giveBack();
      } else if (inFrame) {
        int head = Math.min(HEAD, LENGTH + length);
        at += head;
        remaining = LENGTH + length - head;
        if (remaining == 0) {
          endFrame();
        }
      }
    }
    return run;
  }

  private void forward(ByteBuf in, int from, int to) {
    if (to > from) {
      session.toBroker(in.retainedSlice(from, to - from));
    }
  }

  /**
   * How many bytes of the frame at {@code at} must be here before it can go on. Finds the frame's
   * rule once its head is here, and closes the session when it already shows that this is no
   * request.
   */
  private int needed(ByteBuf in, int at, int available) {
    if (available < LENGTH) {
      return LENGTH;
    }
    if (first) {
      ProtocolDetection other = ProtocolDetection.recognise(in, at);
      if (other != null) {
        session.client().sayAndClose(other.answer());
        session.close(other.reason(), "");
        return 0;
      }
    }
    int length = in.getInt(at);
    if (sasl.isTokenByLength(length)) {
      rule = RequestRule.RELAY;
      return LENGTH + length;
    }
    if (length < SMALLEST) {
      session.close(CloseReason.NOT_KAFKA, ": a request of " + length + " bytes");
      return 0;
    }
    int most = session.services().limits().frameBytes();
    if (length > most) {
      session.close(
          first ? CloseReason.NOT_KAFKA : CloseReason.FRAME_TOO_LARGE,
          ": a request of " + length + " bytes, and " + most + " are allowed");
      return 0;
    }
    if (available < HEAD) {
      return HEAD;
    }
    rule = sasl.rule(in, at);
    if (length > SaslTraffic.LARGEST && sasl.concerns(in, at)) {
      session.close(CloseReason.FRAME_TOO_LARGE, ": a SASL request of " + length + " bytes");
      return 0;
    }
    if (sasl.mustBeWhole(in, at)) {
      return LENGTH + length;
    }
    if (!session.clientContext().isLetIn()) {
      return 0; // not even its bytes are of interest
    }
    if (rule instanceof RequestRule.Refuse refuse) {
      if (length > MOST_REFUSED) {
        session.close(
            CloseReason.FRAME_TOO_LARGE,
            ": " + length + " bytes, to be refused: " + refuse.refusal().cause().text());
        return 0;
      }
      return LENGTH + length;
    }
    return length > Admission.LARGE ? LARGE_PREFIX : HEAD;
  }

  /** Hands a request to the gateway's own answering, and waits until it is answered. */
  private void answerHere(ByteBuf frame) {
    first = false;
    pending.pause(PauseReason.ANSWER);
    answering = true;
    sasl.answer(frame);
    answering = false;
  }

  /**
   * Starts the frame whose head stands at {@code at}, unless it is refused. After it the session
   * may be closed.
   */
  private void begin(ByteBuf in, int at, int length) {
    first = false;
    boolean token = sasl.isRawToken(in, at);
    sasl.overhear(in, at, length);
    if (token) {
      startFrame(InFlight.RAW_SASL, 0, 0);
      return;
    }
    sasl.endRawTokens();
    short apiKey = in.getShort(at + 4);
    short version = in.getShort(at + 6);
    session
        .loop()
        .metrics()
        .request(session.brokerMetrics(), apiKey, version, LENGTH + (long) length);
    switch (rule) {
      case RequestRule.Refuse _ -> {
        return;
      }
      case RequestRule.Hangup _ -> {
        session.close(CloseReason.UNSUPPORTED_VERSION, ": " + Plan.described(apiKey, version));
        return;
      }
      case RequestRule.Acks acks -> {
        acksWatch.start(acks.program(), SMALLEST, length);
        acksZeroForbidden = acks.zeroForbidden();
      }
      case RequestRule.Relay _ -> {}
    }
    startFrame(apiKey, version, in.getInt(at + 8));
    if (need == LENGTH) {
      clock.begin(session.loop().now(), HEAD);
    }
  }

  private void startFrame(int apiKey, int version, int correlationId) {
    session.inFlight().push(apiKey, version, correlationId);
    inFrame = true;
    awaited = true;
  }

  private void endFrame() {
    inFrame = false;
    need = LENGTH;
    acksWatch.end();
    lease.giveBack();
  }

  private void watch(ByteBuf in, int from, int to) {
    clock.came(to - from);
    try {
      if (acksWatch.sees(in, from, to)) {
        acksZero();
      }
    } catch (MalformedMessage e) {
      session.close(CloseReason.MALFORMED_REQUEST, ": " + e.getMessage());
    }
  }

  private void acksZero() {
    if (acksZeroForbidden) {
      session.close(CloseReason.ACKS_ZERO_FORBIDDEN, "");
    } else {
      awaited = false;
      session.inFlight().dropLast();
    }
  }

  // ---- keeping ----------------------------------------------------------------------------------

  /** Keeps the beginning of a frame until {@code needed} bytes of it are here. */
  private void setAside(ByteBuf in, int from, int to, int needed) {
    if (need == LENGTH) {
      clock.begin(session.loop().now(), to - from);
    }
    need = needed;
    ByteBuf kept = session.allocator().directBuffer(Math.min(needed, 1 << 10), needed);
    kept.writeBytes(in, from, to - from);
    aside = kept;
  }

  // ---- time -------------------------------------------------------------------------------------

  /** Whether a frame that was begun has not come in time. */
  boolean isOverdue(long now) {
    return clock.isOverdue(now, inFrame || aside != null, lease.isWanted(now));
  }

  /** The same, if others wait for what it takes up. */
  boolean isInTheWay(long now) {
    return lease.isWanted(now) && isOverdue(now);
  }

  void onReading(boolean reading) {
    clock.onReading(reading, session.loop().now());
  }

  /** For the log: how far the incomplete frame came. */
  String progress() {
    return clock.bytes() + " bytes came" + (inFrame ? ", " + remaining + " are missing" : "");
  }
}
