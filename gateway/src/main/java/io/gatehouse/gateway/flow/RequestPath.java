package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.LoopMetrics;
import io.gatehouse.gateway.net.Budget;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.Refusal;
import io.gatehouse.gateway.plan.RequestRule;
import io.gatehouse.gateway.plan.Route;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.tap.Tap;
import io.gatehouse.gateway.tap.Taps;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Takes a client's requests, admits them, and forwards them or has them answered. */
final class RequestPath extends FrameCutter {

  private static final int LENGTH = FrameCutter.LENGTH;

  /** Length, api key, version, correlation id. */
  private static final int HEAD = 12;

  /** A request's length without its own four bytes is at least the rest of its head. */
  private static final int SMALLEST = HEAD - LENGTH;

  /** A broker reserves what a head announces, so larger requests share a budget. */
  private static final int LARGE = 256 << 10;

  /** Of a large request so much must be here before it is announced to the broker. */
  private static final int LARGE_PREFIX = 64 << 10;

  /** A refused request is collected to be answered; Kafka's admin requests are far smaller. */
  private static final int MOST_COLLECTED = 1 << 20;

  /** Of a frame that is collected, more than this is charged to a shared budget. */
  private static final int FREE = 32 << 10;

  /** While a decision about a request is waited for, so much of later ones is read. */
  private static final int MOST_BEHIND_A_DECISION = 64 << 10;

  private final Session session;
  private final ClientContext context;
  private final BrokerLinks links;
  private final Loop loop;
  private final InFlight inFlight;
  private final LoopMetrics metrics;
  private final Taps taps;
  private final FrameClock clock;
  private final SaslRequests sasl;
  private final MemoryLease lease = new MemoryLease();

  /** Looks for acks=0 in produce requests as they pass: those will not be answered. */
  private @Nullable Walker acksWalker;

  private boolean acksZeroForbidden;

  /** Where the bytes go that pass. */
  private @Nullable BrokerLink to;

  /** Whether the frame being forwarded will be answered. */
  private boolean awaited;

  private boolean first = true;

  /** By which rules a decision was asked for. */
  private Route decidedFor = Route.GATEWAY_REQUEST;

  RequestPath(Session session) {
    super(session.allocator());
    this.session = session;
    this.context = session.clientContext();
    this.links = session.links();
    this.loop = session.loop();
    this.inFlight = session.inFlight();
    this.metrics = loop.metrics();
    this.taps = session.services().shared().taps();
    this.clock = new FrameClock(session.services());
    this.sasl = new SaslRequests(session, this);
  }

  /** What is done with SASL among the client's requests. */
  SaslRequests sasl() {
    return sasl;
  }

  /** The gateway has answered a request itself: goes on with the next. */
  boolean onAnswered() {
    lease.giveBack();
    if (sasl.isAnswering()) {
      pauseBehind(PauseReason.NONE);
      return false;
    }
    resumeFrom(PauseReason.ANSWER);
    return true;
  }

  /** Goes on if what had to be waited for has come. */
  void resumeIfOver() {
    boolean over =
        switch (why()) {
          case ROOM -> !inFlight.isFull();
          case READER -> session.client().isWritable();
          case LOGIN -> !session.isLoginRenewed();
          case PROOF -> !context.isLoginAsked();
          default -> false;
        };
    if (over) {
      resume();
    }
  }

  /** Whether more is read from the client, as far as its requests are concerned. */
  boolean wantsMore() {
    return !isPaused()
        || (why() == PauseReason.DECISION
            && waitingBytes() < MOST_BEHIND_A_DECISION
            && !inFlight.isFull());
  }

  /** Bytes held that are not charged already. */
  long heldBytes() {
    return (long) waitingBytes() + (lease.isTaken() ? 0 : collectedCapacity());
  }

  /** How many of the requests in flight have not come whole: 0 or 1, the newest. */
  int incomplete() {
    return isInFrame() && awaited ? 1 : 0;
  }

  @Override
  void drop() {
    super.drop();
    lease.giveBack();
  }

  // ---- frames -----------------------------------------------------------------------------------

  @Override
  void onHolding() {
    session.memory().touch();
  }

  @Override
  void send(ByteBuf bytes) {
    BrokerLink link = to;
    if (link == null) {
      bytes.release();
    } else {
      link.write(bytes);
    }
  }

  @Override
  void onHead(ByteBuf in, int at, int available) {
    if (first) {
      ProtocolDetection other = ProtocolDetection.recognise(in, at);
      if (other != null) {
        session.client().sayAndClose(other.answer());
        session.close(other.reason(), "");
        return;
      }
    }
    int length = in.getInt(at);
    if (sasl.expectsToken() && sasl.token(in, at, available)) {
      return;
    }
    if (length < SMALLEST) {
      session.close(CloseReason.NOT_KAFKA, ": a request of " + length + " bytes");
      return;
    }
    Plan plan = context.plan();
    if (length > plan.maxFrameBytes()) {
      session.close(
          first ? CloseReason.NOT_KAFKA : CloseReason.FRAME_TOO_LARGE,
          ": a request of " + length + " bytes, and " + plan.maxFrameBytes() + " are allowed");
      return;
    }
    if (available < HEAD) {
      need(HEAD);
      return;
    }
    // What was decided holds for the rules that it was decided by.
    Route route = isDecided() ? decidedFor : plan.route(in.getShort(at + 4), in.getShort(at + 6));
    switch (route.request()) {
      case RequestRule.Relay _, RequestRule.Acks _ -> forward(route, in, at, available);
      case RequestRule.Authenticate _ -> sasl.answer(route, in, at, available);
      case RequestRule.Inspect _ -> sasl.inspect(route, in, at, available);
      case RequestRule.Refuse refuse -> refuse(route, refuse.refusal(), in, at, available);
      case RequestRule.Decide decide -> decide(route, decide, in, at, available);
      case RequestRule.Disconnect _ -> disconnect(route, in, at);
      case RequestRule.Unauthenticated _ -> session.close(CloseReason.NOT_AUTHENTICATED, "");
    }
  }

  @Override
  void onBody(ByteBuf in, int from, int to) {
    Walker walker = Objects.requireNonNull(acksWalker);
    try {
      walker.feed(in, from, to);
      Walker.Step step = walker.next();
      if (step != Walker.Step.MORE) {
        stopWatching();
      }
      if (step == Walker.Step.FIELD && walker.number() == 0) {
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
      inFlight.dropLast();
    }
  }

  @Override
  void onEnd() {
    lease.giveBack();
  }

  // ---- forwarding -------------------------------------------------------------------------------

  void forward(Route route, ByteBuf in, int at, int available) {
    int length = in.getInt(at);
    if (length > LARGE && available < LARGE_PREFIX) {
      if (context.isLetIn()) {
        need(LARGE_PREFIX);
      }
      return;
    }
    if (isAdmitted(in, at) && (length <= LARGE || mayAnnounce(length))) {
      forward(route, route.request(), links.main(), in, at);
    }
  }

  /** The request at the cursor goes to a broker, as far as it is here. */
  private void forward(
      Route route, RequestRule rule, @Nullable BrokerLink link, ByteBuf in, int at) {
    int length = in.getInt(at);
    count(route, in, at);
    start(route, in.getInt(at + 8), link);
    boolean watch = false;
    if (rule instanceof RequestRule.Acks acks) {
      if (acksWalker == null) {
        acksWalker = new Walker();
      }
      acksWalker.start(acks.program(), SMALLEST, length);
      acksZeroForbidden = acks.zeroForbidden();
      watch = true;
    }
    pass(LENGTH + length, HEAD, watch);
  }

  private boolean mayAnnounce(int length) {
    Budget incomplete = session.services().shared().incomplete();
    return lease.take(incomplete, length, loop.now()) || paused(PauseReason.BUDGET);
  }

  /** Whether the request at the cursor may go on now; pauses with the reason if not. */
  boolean isAdmitted(ByteBuf in, int at) {
    if (session.isForwarding() && !inFlight.isFull()) {
      return true;
    }
    PauseReason reason = session.reasonToWait(in, at);
    return reason == PauseReason.NONE ? !session.isClosed() : paused(reason);
  }

  private boolean paused(PauseReason reason) {
    pause(reason);
    return false;
  }

  /** A request was taken, so the peer speaks Kafka. */
  void taken() {
    first = false;
  }

  /** The request at the cursor goes to the broker that the client came for. */
  void start(Route route, int correlationId) {
    start(route, correlationId, links.main());
  }

  private void start(Route route, int correlationId, @Nullable BrokerLink link) {
    first = false;
    if (link != to) {
      sendRun();
      to = link;
    }
    sasl.onRequest(route);
    if (isNew()) {
      clock.begin(loop.now());
    }
    inFlight.push(route, correlationId, link);
    awaited = true;
  }

  /** A request that begins at {@code at} with its length goes on, or is answered here. */
  void count(Route route, ByteBuf in, int at) {
    int bytes = LENGTH + in.getInt(at);
    metrics.request(links.metrics(), route.apiKey(), route.version(), bytes);
    Tap[] open = taps.open();
    if (open != null) {
      TapPoint.request(session, open, route, in, at);
    }
  }

  // ---- requests that are answered here ----------------------------------------------------------

  private void refuse(Route route, Refusal refusal, ByteBuf in, int at, int available) {
    int bytes = LENGTH + in.getInt(at);
    String why = "to be refused: " + refusal.cause().text();
    if (!isCollected(bytes, available, MOST_COLLECTED, why)) {
      return;
    }
    if (!session.client().isWritable()) {
      pause(PauseReason.READER);
    } else if (isAdmitted(in, at)) {
      refuseHere(route, refusal, in.slice(at, bytes));
    }
  }

  private void refuseHere(Route route, Refusal refusal, ByteBuf frame) {
    int bytes = frame.readableBytes();
    first = false;
    count(route, frame, frame.readerIndex());
    sendRun(); // the broker may be asked something in the request's place
    session.answers().refuse(route, frame, refusal);
    end(bytes);
  }

  private void end(int bytes) {
    lease.giveBack();
    skip(bytes);
  }

  private void disconnect(Route route, ByteBuf in, int at) {
    if (isAdmitted(in, at)) {
      count(route, in, at);
      session.close(CloseReason.UNSUPPORTED_VERSION, ": " + route.unsupportedReason());
    }
  }

  /** Whether a request is here whole that is not just passed on; has it collected if not. */
  private boolean isCollected(int bytes, int available, int most, String why) {
    if (!context.isLetIn()) {
      return false; // not even its bytes are of interest
    }
    if (bytes > LENGTH + most) {
      session.close(CloseReason.FRAME_TOO_LARGE, ": " + (bytes - LENGTH) + " bytes, " + why);
      return false;
    }
    if (available < bytes) {
      collect(bytes, session.services().shared().memory());
      return false;
    }
    return true;
  }

  void collect(int bytes, Budget budget) {
    if (bytes > FREE && !lease.isTaken() && !lease.take(budget, bytes, loop.now())) {
      pause(PauseReason.BUDGET);
    } else {
      need(bytes);
    }
  }

  @Override
  void need(int bytes) {
    if (isNew()) {
      clock.begin(loop.now());
    }
    super.need(bytes);
  }

  // ---- decisions --------------------------------------------------------------------------------

  private void decide(Route route, RequestRule.Decide rule, ByteBuf in, int at, int available) {
    int bytes = LENGTH + in.getInt(at);
    int most = session.services().limits().mostWhole();
    if (!isCollected(bytes, available, most, "to be looked at whole")) {
      return;
    }
    if (!session.client().isWritable()) {
      pause(PauseReason.READER); // it may be answered here
      return;
    }
    if (!isAdmitted(in, at)) {
      return;
    }
    Decision made = takeDecision();
    Decision decision =
        made == null ? rule.step().onRequest(context.caller(), in.slice(at, bytes)) : made;
    switch (decision) {
      case Decision.Forward forward -> forwardTo(forward, route, rule.then(), in, at);
      case Decision.Refuse refuse -> refuseHere(route, refuse.refusal(), in.slice(at, bytes));
      case Decision.Answer answer -> {
        first = false;
        count(route, in, at);
        inFlight.push(route, in.getInt(at + 8), null);
        session.answers().answerNow(answer.frame());
        end(bytes);
      }
      case Decision.Wait wait -> {
        decidedFor = route;
        pause(PauseReason.DECISION);
        PendingDecision.await(session, route, wait, this);
      }
      case Decision.Close close -> session.close(close.reason(), close.detail());
    }
  }

  /** The request goes to the broker that was chosen for it, which may have to be connected to. */
  private void forwardTo(
      Decision.Forward forward, Route route, RequestRule then, ByteBuf in, int at) {
    HostPort broker = forward.broker();
    BrokerLink link = broker == null ? links.main() : links.to(broker);
    if (link != null) {
      link.addCollected(LENGTH + in.getInt(at));
      forward(route, then, link, in, at);
      return;
    }
    keep(forward);
    decidedFor = route;
    pause(PauseReason.CONNECTION);
    if (!links.connect(broker)) {
      session.close(CloseReason.BROKER_UNREACHABLE, ": one client needs too many brokers");
    }
  }

  // ---- time -------------------------------------------------------------------------------------

  /** Whether a frame that was begun has not come in time. */
  boolean isOverdue(long now) {
    return isMidFrame() && clock.isOverdue(now, cameOfFrame(), lease.isWanted(now));
  }

  /** The same, if others wait for what it takes up. */
  boolean isInTheWay(long now) {
    return lease.isWanted(now) && isOverdue(now);
  }

  void onReading(boolean reading) {
    clock.onReading(reading, loop.now());
  }

  /** For the log: how far the incomplete frame came. */
  String progress() {
    return cameOfFrame() + " bytes came" + (isInFrame() ? ", " + remaining() + " are missing" : "");
  }
}
