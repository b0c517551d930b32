package io.gatehouse.gateway.session;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.NoSaslHere;
import io.gatehouse.gateway.plan.Refusal;
import io.gatehouse.gateway.plan.RequestRule;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.Schemas;
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

  /** A broker reserves what a head announces: of larger requests some body must be here first. */
  private static final int LARGE = 256 << 10;

  private static final int LARGE_PREFIX = 64 << 10;

  /** A refused request is collected to be answered; Kafka's admin requests are far smaller. */
  private static final int MOST_REFUSED = 1 << 20;

  private static final RequestRule NO_SASL_HERE = new RequestRule.Refuse(new NoSaslHere());

  private final Session session;
  private final FrameClock clock;
  private final SaslTraffic sasl;

  // The frame being forwarded.
  private int remaining;
  private boolean inFrame;
  private final AcksWatch acksWatch = new AcksWatch();
  private boolean acksZeroForbidden;

  /** Whether the frame being forwarded will be answered. */
  private boolean awaited;

  private long budgeted;

  // Bytes of a frame that is not forwarded yet, and how many of them are needed to go on.
  private @Nullable ByteBuf aside;
  private int need = LENGTH;

  // Whole frames that wait, in the order they came.
  private @Nullable ByteBuf backlog;
  private Pause pause = Pause.NONE;

  private boolean first = true;

  /** Whether a request is being handed to the gateway's own answering. */
  private boolean answering;

  RequestPath(Session session) {
    this.session = session;
    this.clock = new FrameClock(session.services().timeouts());
    this.sasl = new SaslTraffic(session);
  }

  /** Takes what was read from the client. Owns the buffer. */
  void take(ByteBuf in) {
    if (pause != Pause.NONE) {
      keep(in, in.readerIndex());
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
      if (in.isReadable()) {
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
    pause = Pause.NONE;
    ByteBuf waiting = backlog;
    if (waiting != null) {
      backlog = null;
      take(waiting);
    }
  }

  boolean isPaused() {
    return pause != Pause.NONE;
  }

  boolean isWaitingForRoom() {
    return pause == Pause.ROOM;
  }

  boolean isWaitingForBudget() {
    return pause == Pause.BUDGET;
  }

  /**
   * The gateway has answered a request itself: go on with the next.
   *
   * @return false if that was while the request was being taken, whose taker goes on itself
   */
  boolean onAnswered() {
    if (answering) {
      pause = Pause.NONE;
      return false;
    }
    if (pause == Pause.ANSWER) {
      resume();
    }
    return true;
  }

  boolean isWaitingForReader() {
    return pause == Pause.READER;
  }

  boolean isWaitingForAnswer() {
    return pause == Pause.ANSWER;
  }

  boolean isWaitingForLogin() {
    return pause == Pause.LOGIN;
  }

  boolean hasBacklog() {
    return backlog != null;
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
    if (backlog != null) {
      backlog.release();
      backlog = null;
    }
    session.services().shared().incomplete().giveBack(budgeted);
    budgeted = 0;
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
      int needed = needed(in, at, end - at);
      if (session.isClosed()) {
        return end;
      }
      if (needed > end - at) {
        forward(in, run, at);
        setAside(in, at, end, needed);
        return end;
      }
      int length = in.getInt(at);
      if (sasl.isAnsweredHere(in, at)) {
        forward(in, run, at);
        if (!session.isReadByClient()) {
          pause = Pause.READER;
          keep(in, at);
          return end;
        }
        if (session.isLoginRenewed()) {
          pause = Pause.LOGIN; // each login's answers go to what stands last in flight
          keep(in, at);
          return end;
        }
        answerHere(in.slice(at, LENGTH + length));
        at += LENGTH + length;
        run = at;
        need = LENGTH;
        if (pause != Pause.NONE && !session.isClosed()) {
          keep(in, at);
          return end;
        }
        continue;
      }
      if (!mayBegin(in, at)) {
        if (!session.isClosed()) {
          forward(in, run, at);
          keep(in, at);
        }
        return end;
      }
      RequestRule refused = begin(in, at, length);
      if (refused instanceof RequestRule.Refuse refuse) {
        forward(in, run, at);
        refuse(in.slice(at, LENGTH + length), refuse.refusal());
        at += LENGTH + length;
        run = at;
        need = LENGTH;
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
   * How many bytes of the frame at {@code at} must be here before it can go on. Closes the session
   * when it already shows that this is no request.
   */
  private int needed(ByteBuf in, int at, int available) {
    if (available < LENGTH) {
      return LENGTH;
    }
    if (first) {
      FirstBytes other = FirstBytes.recognise(in, at);
      if (other != null) {
        session.closeWith(other.answer(), other.reason());
        return 0;
      }
    }
    int length = in.getInt(at);
    if (sasl.isTokenByLength(length)) {
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
    if (sasl.mustBeWhole(in, at)) {
      if (length > SaslTraffic.LARGEST) {
        session.close(CloseReason.FRAME_TOO_LARGE, ": a SASL request of " + length + " bytes");
        return 0;
      }
      return LENGTH + length;
    }
    if (!session.visitor().isLetIn()) {
      return 0; // not even its bytes are of interest
    }
    if (isRefused(in, at)) {
      if (length > MOST_REFUSED) {
        session.close(CloseReason.FRAME_TOO_LARGE, ": a forbidden request of " + length + " bytes");
        return 0;
      }
      return LENGTH + length;
    }
    return length > LARGE ? LARGE_PREFIX : HEAD;
  }

  /** Hands a request to the gateway's own answering, and waits until it is answered. */
  private void answerHere(ByteBuf frame) {
    first = false;
    pause = Pause.ANSWER;
    answering = true;
    sasl.answer(frame);
    answering = false;
  }

  private boolean isRefused(ByteBuf in, int at) {
    return !sasl.isRawToken(in, at) // a token may be shorter than a head
        && rule(in.getShort(at + 4), in.getShort(at + 6)) instanceof RequestRule.Refuse;
  }

  private RequestRule rule(int apiKey, int version) {
    if (NoSaslHere.concerns(apiKey) && session.visitor().isSpokenFor()) {
      return NO_SASL_HERE;
    }
    return session.services().plan().request(apiKey, version);
  }

  /** Whether the frame at {@code at} may start now; sets the reason to wait otherwise. */
  private boolean mayBegin(ByteBuf in, int at) {
    int length = in.getInt(at);
    if (session.state() == Session.State.DRAINING) {
      pause = Pause.DRAIN;
    } else if (session.inFlight().isFull()) {
      pause = Pause.ROOM;
    } else if (!session.isReadByClient() && isRefused(in, at)) {
      pause = Pause.READER;
    } else if (session.isLoginRenewed()) {
      pause = Pause.LOGIN;
    } else if (!session.visitor().isLetIn()) {
      return false;
    } else if (!session.isConnected()) {
      pause = Pause.CONNECTION;
      if (session.state() == Session.State.WAITING
          || session.state() == Session.State.AUTHENTICATED) {
        session.toDialling();
      }
    } else if (length > LARGE && !isRefused(in, at)) {
      if (session.services().shared().incomplete().tryTake(length)) {
        budgeted = length;
      } else {
        pause = Pause.BUDGET;
      }
    }
    return pause == Pause.NONE;
  }

  /**
   * Starts the frame whose head stands at {@code at}; the result is its rule if it is refused.
   * After it the session may be closed.
   */
  private @Nullable RequestRule begin(ByteBuf in, int at, int length) {
    first = false;
    boolean token = sasl.isRawToken(in, at);
    sasl.overhear(in, at, length);
    if (token) {
      session.inFlight().push(InFlight.RAW_SASL, 0, 0, session.loop().now());
      session.loop().metrics().inFlight(1);
      inFrame = true;
      awaited = true;
      return null;
    }
    sasl.endRawTokens();
    short apiKey = in.getShort(at + 4);
    short version = in.getShort(at + 6);
    RequestRule rule = rule(apiKey, version);
    session
        .loop()
        .metrics()
        .request(session.brokerMetrics(), apiKey, version, LENGTH + (long) length);
    switch (rule) {
      case RequestRule.Refuse refuse -> {
        return refuse;
      }
      case RequestRule.Hangup _ -> {
        session.close(
            CloseReason.UNSUPPORTED_VERSION,
            ": " + Schemas.get().apiName(apiKey) + " version " + version);
        return null;
      }
      case RequestRule.Acks acks -> {
        acksWatch.start(acks.program(), SMALLEST, length);
        acksZeroForbidden = acks.zeroForbidden();
      }
      case RequestRule.Relay _ -> {}
    }
    session.inFlight().push(apiKey, version, in.getInt(at + 8), session.loop().now());
    session.loop().metrics().inFlight(1);
    inFrame = true;
    awaited = true;
    if (need == LENGTH) {
      clock.begin(session.loop().now(), HEAD);
    }
    return null;
  }

  private void endFrame() {
    inFrame = false;
    need = LENGTH;
    acksWatch.end();
    if (budgeted > 0) {
      session.services().shared().incomplete().giveBack(budgeted);
      budgeted = 0;
    }
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
      session.loop().metrics().inFlight(-1);
    }
  }

  private void refuse(ByteBuf frame, Refusal refusal) {
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
    session.inFlight().answerLast(answer);
    session.sendOwnAnswers();
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

  /** Keeps {@code in} from {@code from} on until the pause is over. */
  private void keep(ByteBuf in, int from) {
    int bytes = in.writerIndex() - from;
    if (bytes == 0) {
      return;
    }
    ByteBuf waiting = backlog;
    if (waiting == null) {
      waiting = session.allocator().directBuffer(bytes);
      backlog = waiting;
    }
    waiting.writeBytes(in, from, bytes);
  }

  // ---- time -------------------------------------------------------------------------------------

  /** Whether a frame that was begun has not come in time. */
  boolean isOverdue(long now, boolean reading) {
    return clock.isOverdue(now, inFrame || aside != null, reading);
  }

  /** For the log: how far the incomplete frame came. */
  String progress() {
    return clock.bytes() + " bytes came" + (inFrame ? ", " + remaining + " are missing" : "");
  }
}
