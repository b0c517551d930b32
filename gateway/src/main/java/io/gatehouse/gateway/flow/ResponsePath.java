package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.ResponseRule;
import io.gatehouse.gateway.plan.Route;
import io.gatehouse.gateway.tap.Tap;
import io.gatehouse.gateway.tap.Taps;
import io.gatehouse.gateway.tenant.StreamedNames;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.refuse.ShortResponse;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Processes a broker's responses: forwards them to the client with the gateway's addresses in place
 * of the brokers'.
 *
 * <p>Most responses are streamed. A response with addresses near its start is held until these have
 * been edited, since its length may change, and is streamed from there on. A response with
 * addresses in its tail (leader hints, KIP-951) is held if it is small. If it is large, the hints
 * are overwritten in place while it is streamed, and clients ask for metadata instead.
 *
 * <p>Responses leave in the order of the client's requests. While an older request waits for
 * another broker's response, this broker is not read from.
 */
final class ResponsePath extends DecidedFrames {

  private static final int LENGTH_BYTES = FrameCutter.LENGTH_BYTES;

  /** Working memory of the editor is not kept after a response above this size. */
  private static final int LARGE_BYTES = 256 << 10;

  /** Size of length and correlation id, in bytes. */
  private static final int HEADER_BYTES = 8;

  /** Bytes of a response that are collected to find the number of its topics. */
  private static final int MIN_HEAD_BYTES = 1 << 10;

  /** Maximum bytes that are held without a reservation in the memory budget. */
  private static final int UNCHARGED_BYTES = 64 << 10;

  private final Session session;
  private final ClientContext context;
  private final ClientLink client;
  private @Nullable ResponseEditor editor;
  private @Nullable FetchedNames fetched;

  private final Loop loop;
  private final InFlight inFlight;
  private final BrokerLink link;
  private final Taps taps;

  // The response being forwarded.
  private Route route = Route.GATEWAY_REQUEST;
  private int frameBytes;
  private long arrivedAt;

  /** Whether names are translated in the response. */
  private boolean renaming;

  /** Whether the response is discarded because the client got an error instead. */
  private boolean discarding;

  /** What is left of a response that reports errors only beside elements; null for none. */
  private @Nullable ShortResponse shorter;

  /** Why it is shortened. */
  private RefusalReason shortenedFor = RefusalReason.RESPONSE_TOO_LARGE;

  /** Bytes that are reserved for it. */
  private int shorterReserved;

  ResponsePath(Session session, BrokerLink link) {
    super(session.allocator());
    this.session = session;
    this.context = session.clientContext();
    this.client = session.client();
    this.loop = session.loop();
    this.inFlight = session.inFlight();
    this.link = link;
    this.taps = session.services().shared().taps();
  }

  /** Bytes of memory that are held or will be needed. */
  long heldBytes() {
    long shortened = shorter == null ? 0 : shorter.heldBytes();
    return collectedFrameBytes() + queuedBytes() + shortened;
  }

  @Override
  void close() {
    super.close();
    closeShorter();
  }

  // ---- frames -----------------------------------------------------------------------------------

  @Override
  void onHolding() {
    session.memory().markHeld();
  }

  @Override
  void send(ByteBuf bytes) {
    if (discarding) {
      bytes.release();
    } else {
      client.write(bytes);
    }
  }

  @Override
  void onCollected(ByteBuf frame) {
    if (frame.readableBytes() > UNCHARGED_BYTES) {
      client.addBlock(frame.capacity());
    }
  }

  @Override
  void onHeader(ByteBuf in, int at, int available) {
    if (inFlight.nextLink() != link) {
      if (link.hasRequestsInFlight()) {
        pause(PauseReason.RESPONSE_ORDER);
      } else {
        malformed("a response without a request");
      }
      return;
    }
    route = inFlight.route();
    renaming = false;
    boolean headless = route.response() instanceof ResponseRule.RawToken;
    int length = in.getInt(at);
    if (length < (headless ? 0 : HEADER_BYTES - LENGTH_BYTES)) {
      malformed("a response of " + length + " bytes");
      return;
    }
    if (isNewFrame()) {
      arrivedAt = loop.now();
    }
    frameBytes = LENGTH_BYTES + length;
    if (headless) {
      pass(frameBytes, LENGTH_BYTES, false);
      return;
    }
    if (available < HEADER_BYTES) {
      need(HEADER_BYTES);
      return;
    }
    if (route.isClientRequest() && in.getInt(at + LENGTH_BYTES) != inFlight.correlationId()) {
      malformed(
          "correlation id "
              + in.getInt(at + LENGTH_BYTES)
              + " instead of "
              + inFlight.correlationId());
      return;
    }
    try {
      apply(route.response(), in, at, Math.min(frameBytes, available));
    } catch (MalformedMessage e) {
      malformed(e.getMessage());
    }
  }

  private void apply(ResponseRule rule, ByteBuf in, int at, int arrived) {
    switch (rule) {
      case ResponseRule.Relay _, ResponseRule.RawToken _ -> pass(frameBytes, HEADER_BYTES, false);
      case ResponseRule.Edit edit ->
          edit(editor().inspect(edit, in, at, arrived, frameBytes), in, at);
      case ResponseRule.Versions versions ->
          edit(editor().inspect(versions, in, at, arrived, frameBytes), in, at);
      case ResponseRule.Decide decide -> decide(decide, in, at, arrived);
      case ResponseRule.Rename rename -> rename(rename, in, at, arrived);
      case ResponseRule.ToGateway _, ResponseRule.Discard _ -> receive(in, at, arrived);
    }
  }

  // ---- edits ------------------------------------------------------------------------------------

  private void edit(ResponseEditor.Result result, ByteBuf in, int at) {
    switch (result) {
      case FORWARD -> pass(frameBytes, editor().inspectedBytes(), editor().isWatching());
      case FORWARD_EDITED -> {
        sendPending();
        editor().write(in, at);
        pass(frameBytes, editor().inspectedBytes(), editor().isWatching());
        markReplaced();
      }
      case HOLD -> {
        need(editor().neededBytes());
        return;
      }
      case REPLACE_WITH_ERROR -> {
        replaceWithError(editor().refusalReason(), editor().refusalDetail());
        return;
      }
    }
    countWork(editor().inspectedBytes());
  }

  /** Walks the bytes of a watched response. */
  @Override
  void onBody(ByteBuf in, int from, int to) {
    try {
      if (shorter != null) {
        shorten(shorter, in, from, to);
        return;
      }
      if (renaming) {
        if (!Objects.requireNonNull(fetched).onBytes(in, from, to)) {
          stopWatching();
        }
        return;
      }
      editor().watch(in, from, to);
      if (!editor().isWatching()) {
        stopWatching();
      }
    } catch (MalformedMessage e) {
      malformed(e.getMessage());
    }
  }

  private void rename(ResponseRule.Rename rule, ByteBuf in, int at, int arrived) {
    StreamedNames names = rule.names();
    if (names.needsWhole() && arrived < frameBytes) {
      hold(frameBytes);
      return;
    }
    FetchedNames translation = fetched;
    if (translation == null) {
      translation = new FetchedNames(this, editor()::onErrorCode);
      fetched = translation;
    }
    int position = HEADER_BYTES - LENGTH_BYTES;
    int end = frameBytes - LENGTH_BYTES;
    int growth =
        names.growth(translation.walker, position, end, in, at + HEADER_BYTES, at + arrived);
    if (growth == StreamedNames.UNKNOWN && (arrived >= UNCHARGED_BYTES || names.needsWhole())) {
      malformed("a response to a fetch whose topics begin too late");
      return;
    }
    if (growth == StreamedNames.UNKNOWN) {
      need(Math.min(frameBytes, Math.max(MIN_HEAD_BYTES, 2 * arrived)));
      return;
    }
    translation.start(names, rule.restricted(), context.caller().rights(), position, end);
    editor().beginRenaming(names.program(), frameBytes);
    renaming = true;
    pass(frameBytes, HEADER_BYTES, true);
    if (growth != 0) {
      spliceLength(end + growth);
    }
  }

  private ResponseEditor editor() {
    ResponseEditor edits = editor;
    if (edits == null) {
      edits = new ResponseEditor(context, client, session.memory(), this::errorCode);
      editor = edits;
    }
    return edits;
  }

  private void errorCode(int code) {
    if (code != 0) {
      loop.metrics().error(route.apiKey(), code);
      context.onErrorResponse(route.apiKey());
    } else if (route.apiKey() == Plan.SASL_HANDSHAKE && route.version() == 0) {
      context.expectTokensForBroker();
    }
  }

  // ---- decisions --------------------------------------------------------------------------------

  private void decide(ResponseRule.Decide rule, ByteBuf in, int at, int arrived) {
    if (arrived < frameBytes) {
      hold(frameBytes);
      return;
    }
    Decision made = takeDecision();
    Decision decision =
        made == null ? rule.step().onResponse(context.caller(), in.slice(at, frameBytes)) : made;
    switch (decision) {
      case Decision.Forward _ -> apply(rule.then(), in, at, arrived);
      case Decision.Answer answer -> {
        sendPending();
        if (editor().write(rule.then(), answer.frame())) {
          replaced();
        } else {
          replaceWithError(editor().refusalReason(), editor().refusalDetail());
        }
      }
      case Decision.Wait wait -> {
        pause(PauseReason.DECISION);
        PendingDecision.await(session, route, wait, this);
      }
      case Decision.Close close -> session.close(close.reason(), close.detail());
      case Decision.Again _ -> throw new IllegalStateException("a step asks to be asked again");
      case Decision.Refuse _ -> throw new IllegalStateException("a response cannot be refused");
    }
  }

  /** Skips the whole response: another one was sent, or it is not for the client. */
  private void replaced() {
    pass(frameBytes, frameBytes, false);
    markReplaced();
  }

  /** Receives the response to a request of the gateway itself. */
  private void receive(ByteBuf in, int at, int arrived) {
    if (arrived < frameBytes) {
      hold(frameBytes);
      return;
    }
    sendPending();
    replaced();
    if (route.response() instanceof ResponseRule.ToGateway) {
      link.onGatewayResponse(in.slice(at + LENGTH_BYTES, frameBytes - LENGTH_BYTES));
    }
  }

  // ---- the end of a response --------------------------------------------------------------------

  @Override
  void onEnd() {
    if (discarding) {
      discarding = false;
      markReplaced();
      if (shorter != null && !sendShorter(shorter)) {
        return;
      }
    }
    if (frameBytes > LARGE_BYTES || route.apiKey() == Plan.API_VERSIONS) {
      fetched = null;
      editor = null; // many connections only send ApiVersions; large lists are not kept
    }
    context.onResponse(route.apiKey());
    Tap[] open = taps.open();
    if (open != null) {
      TapPoint.response(session, open, link.broker(), frameBytes, completeFrame());
    }
    inFlight.complete(link.metrics(), frameBytes, arrivedAt);
    BrokerLink next = inFlight.nextLink();
    if (next != link && !inFlight.isEmpty()) {
      sendPending();
      session.localResponses().sendReady();
    }
  }

  /** Holds the response if its size and the memory budget allow it. */
  private void hold(int bytes) {
    if (bytes > ResponseEditor.MAX_HELD_BYTES) {
      replaceWithError(RefusalReason.RESPONSE_TOO_LARGE, bytes + " bytes");
    } else if (bytes <= UNCHARGED_BYTES || session.memory().reserveUrgent(bytes)) {
      need(bytes);
    } else {
      replaceWithError(RefusalReason.MEMORY_SPENT, bytes + " bytes of a response must be held");
    }
  }

  /**
   * Sends an error instead of the response, which is discarded as it arrives. If the API reports
   * errors only beside elements, the response is shortened to these as it arrives.
   *
   * @param what details for a log line
   */
  private void replaceWithError(RefusalReason why, String what) {
    ByteBuf error = session.localResponses().errorFor(route, inFlight.correlationId(), why);
    if (error == null && !beginShorter(why)) {
      giveUp(why, what);
      return;
    }
    sendPending();
    if (error != null) {
      client.writeOwn(error);
    }
    pass(frameBytes, HEADER_BYTES, error == null);
    markReplaced();
    discarding = true;
  }

  private void giveUp(RefusalReason why, String what) {
    session.close(
        why == RefusalReason.MEMORY_SPENT
            ? CloseReason.MEMORY_SPENT
            : CloseReason.RESPONSE_TOO_LARGE,
        ": " + what);
  }

  /**
   * Begins to shorten the response.
   *
   * @return false if that is not possible: a step must see a response whole
   */
  private boolean beginShorter(RefusalReason why) {
    if (!(route.response() instanceof ResponseRule.Edit)) {
      return false;
    }
    shortenedFor = why;
    shorterReserved = UNCHARGED_BYTES;
    shorter =
        ShortResponse.of(
            route.apiKey(),
            route.version(),
            inFlight.correlationId(),
            frameBytes,
            why.code(route.apiKey()).number(),
            session.allocator());
    return shorter != null;
  }

  private void shorten(ShortResponse into, ByteBuf in, int from, int to) {
    session.memory().markHeld();
    boolean isShort = into.add(in, from, to);
    int more = into.heldBytes() - shorterReserved;
    if (!isShort || (more > 0 && !session.memory().reserveUrgent(more))) {
      giveUp(shortenedFor, frameBytes + " bytes, of which too many are names");
      return;
    }
    shorterReserved += Math.max(0, more);
  }

  /** Sends the shortened response, edited like any other. */
  private boolean sendShorter(ShortResponse shortened) {
    try {
      boolean sent = editor().write(route.response(), shortened.frame());
      if (sent) {
        session.localResponses().recordRefusal(shortenedFor, (short) route.apiKey());
      } else {
        giveUp(editor().refusalReason(), editor().refusalDetail());
      }
      return sent;
    } catch (MalformedMessage e) {
      malformed(e.getMessage());
      return false;
    } finally {
      closeShorter();
    }
  }

  private void closeShorter() {
    if (shorter != null) {
      shorter.close();
      shorter = null;
    }
  }

  private void malformed(@Nullable String what) {
    session.close(CloseReason.MALFORMED_RESPONSE, ": " + what);
  }
}
