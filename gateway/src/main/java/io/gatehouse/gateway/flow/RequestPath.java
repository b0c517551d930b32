package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.cluster.Cluster;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.LoopMetrics;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.ErrorRefusal;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.Refusal;
import io.gatehouse.gateway.plan.RequestRule;
import io.gatehouse.gateway.plan.ResponseRule;
import io.gatehouse.gateway.plan.Route;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.tap.Tap;
import io.gatehouse.gateway.tap.Taps;
import io.gatehouse.gateway.tenant.StreamedNames;
import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Processes a client's requests: forwards each to a broker, or has it answered. */
final class RequestPath extends RequestArrival {

  private static final int LENGTH_BYTES = FrameCutter.LENGTH_BYTES;

  /** Size of length, API key, version and correlation id, in bytes. */
  private static final int HEADER_BYTES = 12;

  /** Minimum value of a request's length: the header without the length itself. */
  private static final int MIN_LENGTH = HEADER_BYTES - LENGTH_BYTES;

  /** Requests above this size reserve it in a shared budget: brokers allocate what is announced. */
  private static final int LARGE_BYTES = 256 << 10;

  /** Bytes of a large request that must have arrived before its header is sent to the broker. */
  private static final int LARGE_PREFIX_BYTES = 64 << 10;

  /** Bytes of a request to produce that are collected to find the number of its topics. */
  private static final int MIN_HEAD_BYTES = 1 << 10;

  /** More bytes than the longest client id and transactional id have. */
  private static final int MAX_HEAD_BYTES = 128 << 10;

  /** Maximum size of a request collected to be refused; Kafka's admin requests are smaller. */
  private static final int MAX_COLLECTED_BYTES = 1 << 20;

  /** Maximum bytes of later requests that are read while a decision is pending. */
  private static final int MAX_READ_AHEAD_BYTES = 64 << 10;

  private final Session session;
  private final ClientContext context;
  private final BrokerLinks links;
  private final Loop loop;
  private final InFlight inFlight;
  private final LoopMetrics metrics;
  private final Taps taps;
  private final SaslRequests sasl;

  /** Reads Produce requests while they are forwarded. */
  private @Nullable ProduceInspection produce;

  /** What is done with the frame being forwarded. */
  private RequestRule rule = RequestRule.RELAY;

  /** The broker of the frame being forwarded; null if there is none. */
  private @Nullable BrokerLink target;

  /** Whether the request being forwarded has a response. */
  private boolean responseExpected;

  private boolean firstRequest = true;

  /** Whether the next frame may be a SASL token without request header. */
  private boolean tokenExpected;

  /** The route for which a decision was requested. */
  private Route decidedRoute = Route.GATEWAY_REQUEST;

  RequestPath(Session session) {
    super(session);
    this.session = session;
    this.context = session.clientContext();
    this.links = session.links();
    this.loop = session.loop();
    this.inFlight = session.inFlight();
    this.metrics = loop.metrics();
    this.taps = session.services().shared().taps();
    this.sasl = new SaslRequests(session, this);
  }

  SaslRequests sasl() {
    return sasl;
  }

  /** Sets whether {@link SaslRequests} must look at the next frame before it is routed. */
  void expectToken(boolean expected) {
    tokenExpected = expected;
  }

  /** Continues after an own answer; false if it was given while the request was processed. */
  boolean onLocalResponse() {
    releaseMemory();
    if (sasl.isAuthenticating()) {
      pauseAfter(PauseReason.NONE);
      return false;
    }
    resumeFrom(PauseReason.LOCAL_RESPONSE);
    return true;
  }

  /** Continues if the reason for the pause is over. */
  void resumeIfPossible() {
    boolean over =
        switch (pauseReason()) {
          case IN_FLIGHT_LIMIT -> !inFlight.isFull();
          case CLIENT_NOT_WRITABLE -> session.client().isWritable();
          case GATEWAY_LOGIN -> !session.awaitsGatewayLogin();
          case CLIENT_LOGIN -> !context.isLoginPending();
          default -> false;
        };
    if (over) {
      resume();
    }
  }

  /** Whether the client's requests allow more to be read from it. */
  boolean wantsMore() {
    return !isPaused()
        || (pauseReason() == PauseReason.DECISION
            && queuedBytes() < MAX_READ_AHEAD_BYTES
            && !inFlight.isFull());
  }

  /** Number of requests in flight that have not arrived completely: 0 or 1, the newest. */
  int incompleteRequests() {
    return isInFrame() && responseExpected ? 1 : 0;
  }

  // ---- frames -----------------------------------------------------------------------------------

  @Override
  void send(ByteBuf bytes) {
    BrokerLink link = target;
    if (link == null) {
      bytes.release();
    } else {
      link.write(bytes);
    }
  }

  @Override
  void onHeader(ByteBuf in, int at, int available) {
    if (firstRequest) {
      ProtocolDetection other = ProtocolDetection.recognise(in, at);
      if (other != null) {
        session.client().writeAndClose(other.answer());
        session.close(other.reason(), "");
        return;
      }
    }
    int length = in.getInt(at);
    if (tokenExpected && sasl.takeToken(in, at, available)) {
      return;
    }
    if (length < MIN_LENGTH) {
      session.close(CloseReason.NOT_KAFKA, ": a request of " + length + " bytes");
      return;
    }
    Plan plan = context.plan();
    if (length > plan.maxFrameBytes()) {
      session.close(
          firstRequest ? CloseReason.NOT_KAFKA : CloseReason.FRAME_TOO_LARGE,
          ": a request of " + length + " bytes, and " + plan.maxFrameBytes() + " are allowed");
      return;
    }
    if (available < HEADER_BYTES) {
      need(HEADER_BYTES);
      return;
    }
    // A decision is carried out by the route it was made for, even if the plan has changed.
    Route route = isDecided() ? decidedRoute : plan.route(in.getShort(at + 4), in.getShort(at + 6));
    RequestRule request = route.request();
    switch (request) {
      case RequestRule.Relay _, RequestRule.Produce _ -> forward(route, request, in, at, available);
      case RequestRule.Authenticate _ -> sasl.authenticate(route, in, at, available);
      case RequestRule.Inspect _ -> sasl.inspect(route, in, at, available);
      case RequestRule.Refuse refuse -> refuse(route, refuse.refusal(), in, at, available);
      case RequestRule.Decide decide -> decide(route, decide, in, at, available);
      case RequestRule.Disconnect _ -> disconnect(route, in, at);
      case RequestRule.Expel expel ->
          session.close(CloseReason.ACCESS_REVOKED, ": " + expel.reason());
      case RequestRule.Unauthenticated _ -> session.close(CloseReason.NOT_AUTHENTICATED, "");
    }
  }

  @Override
  void onBody(ByteBuf in, int from, int to) {
    try {
      if (!Objects.requireNonNull(produce).onBytes(in, from, to)) {
        stopWatching();
      }
    } catch (MalformedMessage e) {
      session.close(CloseReason.MALFORMED_REQUEST, ": " + e.getMessage());
    }
  }

  /** Called for a Produce request with acks=0, which has no response. */
  void onAcksZero() {
    if (rule instanceof RequestRule.Produce inspected && inspected.acksZeroForbidden()) {
      session.close(CloseReason.ACKS_ZERO_FORBIDDEN, "");
    } else {
      responseExpected = false;
      inFlight.removeLast();
    }
  }

  // ---- forwarding -------------------------------------------------------------------------------

  void forward(Route route, RequestRule by, ByteBuf in, int at, int available) {
    int length = in.getInt(at);
    if (length > LARGE_BYTES && available < LARGE_PREFIX_BYTES) {
      if (context.checkAuthorized()) {
        need(LARGE_PREFIX_BYTES);
      }
      return;
    }
    if (!isAdmitted(in, at)) {
      return;
    }
    StreamedNames names = by instanceof RequestRule.Produce inspected ? inspected.names() : null;
    int growth = names == null ? 0 : growth(route, names, in, at, available);
    if (growth != StreamedNames.UNKNOWN && (length <= LARGE_BYTES || mayAnnounce(length))) {
      forward(route, by, links.main(), in, at);
      if (growth != 0) {
        spliceLength(length + growth);
      }
    }
  }

  /**
   * By how much a request grows when its names are translated; {@link StreamedNames#UNKNOWN} if
   * more of it is collected first, the cluster is asked for a topic id, or the session is closed.
   */
  private int growth(Route route, StreamedNames names, ByteBuf in, int at, int available) {
    var _ = takeDecision(); // what it waited for is there
    int bytes = LENGTH_BYTES + in.getInt(at);
    boolean whole = names.needsWhole();
    if (whole && !collectWhole(bytes, available, mostWhole(), "to be buffered whole")) {
      return StreamedNames.UNKNOWN;
    }
    try {
      int arrived = Math.min(bytes, available);
      if (!inspection().mayUseTransaction(names, in, at, arrived)) {
        refuse(route, ErrorRefusal.TRANSACTIONAL_ID, in, at, available);
        return StreamedNames.UNKNOWN;
      }
      Cluster cluster = context.binding().upstream().cluster();
      Future<Void> asked = inspection().beginHead(names, cluster.topics(), in, at, arrived);
      if (asked == null) {
        int growth = inspection().growth();
        if (growth == StreamedNames.UNKNOWN && (whole || available >= MAX_HEAD_BYTES)) {
          session.close(CloseReason.MALFORMED_REQUEST, ": its topics begin too late");
        } else if (growth == StreamedNames.UNKNOWN) {
          need(Math.min(bytes, Math.max(MIN_HEAD_BYTES, 2 * available)));
        } else if (whole) {
          Objects.requireNonNull(links.main()).addCollected(bytes);
        }
        return growth;
      }
      await(route, Decision.Again.after(asked));
    } catch (MalformedMessage e) {
      session.close(CloseReason.MALFORMED_REQUEST, ": " + e.getMessage());
    }
    return StreamedNames.UNKNOWN;
  }

  /** The client, and what it may do. */
  Caller caller() {
    return context.caller();
  }

  /** Called when a topic was masked in the Produce request that is forwarded. */
  void onMaskedTopic(ResponseRule response) {
    if (responseExpected) {
      inFlight.respondLast(response);
    }
  }

  private ProduceInspection inspection() {
    ProduceInspection known = produce;
    if (known == null) {
      known = new ProduceInspection(this);
      produce = known;
    }
    return known;
  }

  /** Forwards the request at the cursor to a broker. */
  private void forward(Route route, RequestRule by, @Nullable BrokerLink link, ByteBuf in, int at) {
    rule = by;
    int length = in.getInt(at);
    count(route, in, at);
    start(route, in.getInt(at + 8), link);
    boolean watch = false;
    if (rule instanceof RequestRule.Produce inspected) {
      inspection().start(inspected, MIN_LENGTH, length);
      watch = true;
    }
    pass(LENGTH_BYTES + length, HEADER_BYTES, watch);
  }

  /**
   * Whether the request at the cursor may be processed now. Pauses if not, or has closed the
   * session.
   */
  boolean isAdmitted(ByteBuf in, int at) {
    // An answer tells what was carried out, and is sent even if the session must end after it.
    if ((session.isForwarding() || isAnswered()) && !inFlight.isFull()) {
      return true;
    }
    PauseReason reason = session.reasonToWait(in, at);
    return reason == PauseReason.NONE ? !session.isClosed() : pauseFor(reason);
  }

  /** Records that the client uses the Kafka protocol. */
  void onRequestAccepted() {
    firstRequest = false;
  }

  /** Adds the request at the cursor to those in flight, for the broker of the connection. */
  void start(Route route, int correlationId) {
    start(route, correlationId, links.main());
  }

  private void start(Route route, int correlationId, @Nullable BrokerLink link) {
    firstRequest = false;
    if (link != target) {
      sendPending();
      target = link;
    }
    if (tokenExpected) {
      sasl.onRequest(route);
    }
    beginClock();
    inFlight.push(route, correlationId, link);
    responseExpected = true;
  }

  /**
   * Counts a request and offers it to open taps.
   *
   * @param at index of its length in {@code in}
   */
  void count(Route route, ByteBuf in, int at) {
    int bytes = LENGTH_BYTES + in.getInt(at);
    metrics.request(links.metrics(), route.apiKey(), route.version(), bytes);
    Tap[] open = taps.open();
    if (open != null) {
      TapPoint.request(session, open, route, in, at);
    }
  }

  // ---- requests that the gateway answers --------------------------------------------------------

  private void refuse(Route route, Refusal refusal, ByteBuf in, int at, int available) {
    int bytes = LENGTH_BYTES + in.getInt(at);
    String purpose = "to be refused: " + refusal.cause().text();
    if (!collectWhole(bytes, available, MAX_COLLECTED_BYTES, purpose)) {
      return;
    }
    if (!session.client().isWritable()) {
      pause(PauseReason.CLIENT_NOT_WRITABLE);
    } else if (isAdmitted(in, at)) {
      refuse(route, refusal, in.slice(at, bytes));
    }
  }

  private void refuse(Route route, Refusal refusal, ByteBuf frame) {
    int bytes = frame.readableBytes();
    firstRequest = false;
    count(route, frame, frame.readerIndex());
    sendPending(); // a request to the broker may follow in its place
    session.localResponses().refuse(route, frame, refusal);
    end(bytes);
  }

  private void end(int bytes) {
    releaseMemory();
    skip(bytes);
  }

  private void disconnect(Route route, ByteBuf in, int at) {
    if (isAdmitted(in, at)) {
      count(route, in, at);
      session.close(CloseReason.UNSUPPORTED_VERSION, ": " + route.unsupportedReason());
    }
  }

  /**
   * Whether a request has arrived whole. If not, has it collected, or closes the session if it is
   * too large or not allowed.
   */
  private boolean collectWhole(int bytes, int available, int most, String purpose) {
    if (!context.checkAuthorized()) {
      return false; // not collected either
    }
    if (bytes > LENGTH_BYTES + most) {
      session.close(
          CloseReason.FRAME_TOO_LARGE, ": " + (bytes - LENGTH_BYTES) + " bytes, " + purpose);
      return false;
    }
    if (available < bytes) {
      collect(bytes, session.services().shared().memory());
      return false;
    }
    return true;
  }

  // ---- decisions --------------------------------------------------------------------------------

  private void decide(Route route, RequestRule.Decide rule, ByteBuf in, int at, int available) {
    int bytes = LENGTH_BYTES + in.getInt(at);
    int most = Math.min(rule.maxBytes(), mostWhole());
    if (!isAnswered() && !collectWhole(bytes, available, most, "to be buffered whole")) {
      return;
    }
    if (!session.client().isWritable()) {
      pause(PauseReason.CLIENT_NOT_WRITABLE); // the step may answer it
      return;
    }
    if (!isAdmitted(in, at)) {
      return;
    }
    Decision made = takeDecision();
    Decision decision =
        made == null || made instanceof Decision.Again
            ? rule.ask(context.caller(), in.slice(at, bytes))
            : made;
    switch (decision) {
      case Decision.Forward forward ->
          forwardTo(forward, route.with(forward.response()), rule.then(), in, at);
      case Decision.Again _ -> throw new IllegalStateException("a step asks to be asked again");
      case Decision.Refuse refuse -> refuse(route, refuse.refusal(), in.slice(at, bytes));
      case Decision.Answer answer -> {
        firstRequest = false;
        count(route, in, at);
        inFlight.push(route, in.getInt(at + 8), null);
        if (made == null) {
          context.onChange(answer.audited()); // that of a later decision was told when it was made
        }
        session.localResponses().respondAtOnce(answer.frame());
        end(bytes);
      }
      case Decision.Wait wait -> await(route, wait);
      case Decision.Close close -> session.close(close.reason(), close.detail());
    }
  }

  private void await(Route route, Decision.Wait wait) {
    decidedRoute = route;
    pause(PauseReason.DECISION);
    PendingDecision.await(session, route, wait, this);
  }

  /**
   * Forwards the request to the broker that the step chose, after connecting to it if necessary.
   */
  private void forwardTo(
      Decision.Forward forward, Route route, RequestRule then, ByteBuf in, int at) {
    HostPort broker = forward.broker();
    BrokerLink link = broker == null ? links.main() : links.find(broker);
    if (link != null) {
      int bytes = LENGTH_BYTES + in.getInt(at);
      ByteBuf other = forward.frame();
      link.addCollected(bytes);
      if (other == null) {
        forward(route, then, link, in, at);
      } else {
        count(route, in, at);
        start(route, in.getInt(at + 8), link);
        sendPending();
        link.write(other);
        end(bytes);
      }
      return;
    }
    storeDecision(forward);
    decidedRoute = route;
    pause(PauseReason.CONNECTION);
    if (!links.connect(broker)) {
      session.close(
          CloseReason.BROKER_UNREACHABLE,
          ": the session already has connections to the maximum number of brokers");
    }
  }
}
