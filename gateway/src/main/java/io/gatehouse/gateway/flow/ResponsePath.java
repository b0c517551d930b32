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
import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Takes a broker's responses and forwards them as they come, with the gateway's addresses in them.
 *
 * <p>Most responses pass in the chunks they came in. One that names addresses in front is held back
 * until these have been seen, since its length may change, and passes from there on. One that names
 * them in its tail (leader hints, KIP-951) is held back if small; if large it is already on its way
 * when the hint comes, which is then neutralised in place: clients ask for metadata instead.
 *
 * <p>Answers leave in the order of the client's requests: where the oldest request went to another
 * broker, this broker is not read from until its turn has come.
 */
final class ResponsePath extends FrameCutter {

  private static final int LENGTH = FrameCutter.LENGTH;

  /** What was noted of a larger response is let go of. */
  private static final int LARGE = 256 << 10;

  /** Length and correlation id. */
  private static final int HEAD = 8;

  /** So much may be held without asking the budget. */
  private static final int SMALL = 64 << 10;

  private final Session session;
  private final ClientContext context;
  private @Nullable ResponseEditor editor;

  private final Loop loop;
  private final InFlight inFlight;
  private final BrokerLink link;
  private final Taps taps;

  // The response being forwarded.
  private Route route = Route.GATEWAY_REQUEST;
  private int frameBytes;
  private long arrivedAt;

  /** Whether the client does not get it, but an error. */
  private boolean dropping;

  ResponsePath(Session session, BrokerLink link) {
    super(session.allocator());
    this.session = session;
    this.context = session.clientContext();
    this.loop = session.loop();
    this.inFlight = session.inFlight();
    this.link = link;
    this.taps = session.services().shared().taps();
  }

  /** Bytes held, or about to be. */
  long heldBytes() {
    return (long) collecting() + waitingBytes();
  }

  // ---- frames -----------------------------------------------------------------------------------

  @Override
  void onHolding() {
    session.memory().touch();
  }

  @Override
  void send(ByteBuf bytes) {
    if (dropping) {
      bytes.release();
    } else {
      session.toClient(bytes);
    }
  }

  @Override
  void onCollected(ByteBuf frame) {
    if (frame.readableBytes() > SMALL) {
      session.client().addBlock(frame.capacity());
    }
  }

  @Override
  void onHead(ByteBuf in, int at, int available) {
    if (inFlight.due() != link) {
      if (link.isOwed()) {
        pause(PauseReason.ORDER);
      } else {
        malformed("an answer to no request");
      }
      return;
    }
    route = inFlight.route();
    boolean headless = route.response() instanceof ResponseRule.RawToken;
    int length = in.getInt(at);
    if (length < (headless ? 0 : HEAD - LENGTH)) {
      malformed("a response of " + length + " bytes");
      return;
    }
    if (isNew()) {
      arrivedAt = loop.now();
    }
    frameBytes = LENGTH + length;
    if (headless) {
      pass(frameBytes, LENGTH, false);
      return;
    }
    if (available < HEAD) {
      need(HEAD);
      return;
    }
    if (route.isClientRequest() && in.getInt(at + LENGTH) != inFlight.correlationId()) {
      malformed(
          "correlation id "
              + in.getInt(at + LENGTH)
              + " where "
              + inFlight.correlationId()
              + " was due");
      return;
    }
    try {
      treat(route.response(), in, at, Math.min(frameBytes, available));
    } catch (MalformedMessage e) {
      malformed(e.getMessage());
    }
  }

  private void treat(ResponseRule rule, ByteBuf in, int at, int here) {
    switch (rule) {
      case ResponseRule.Relay _, ResponseRule.RawToken _ -> pass(frameBytes, HEAD, false);
      case ResponseRule.Edit edit -> edit(editor().look(edit, in, at, here, frameBytes), in, at);
      case ResponseRule.Versions versions ->
          edit(editor().look(versions, in, at, here, frameBytes), in, at);
      case ResponseRule.Decide decide -> decide(decide, in, at, here);
      case ResponseRule.ToGateway _, ResponseRule.Discard _ -> own(in, at, here);
    }
  }

  // ---- edits ------------------------------------------------------------------------------------

  private void edit(ResponseEditor.Look look, ByteBuf in, int at) {
    switch (look) {
      case PASS -> pass(frameBytes, editor().seen(), editor().isWatching());
      case WRITE -> {
        sendRun();
        editor().write(in, at);
        pass(frameBytes, editor().seen(), editor().isWatching());
        sentInstead();
      }
      case HOLD -> {
        need(editor().needed());
        return;
      }
      case GIVE_UP -> {
        giveUp(editor().why(), editor().what());
        return;
      }
    }
    worked(editor().seen());
  }

  /** Looks at bytes that pass. */
  @Override
  void onBody(ByteBuf in, int from, int to) {
    try {
      editor().watch(in, from, to);
      if (!editor().isWatching()) {
        stopWatching();
      }
    } catch (MalformedMessage e) {
      malformed(e.getMessage());
    }
  }

  private ResponseEditor editor() {
    ResponseEditor edits = editor == null ? new ResponseEditor(session, this::errorCode) : editor;
    editor = edits;
    return edits;
  }

  private void errorCode(int code) {
    if (code != 0) {
      loop.metrics().error(route.apiKey(), code);
      context.onRefused(route.apiKey());
    } else if (route.apiKey() == Plan.SASL_HANDSHAKE && route.version() == 0) {
      context.expectTokensToBroker();
    }
  }

  // ---- decisions --------------------------------------------------------------------------------

  private void decide(ResponseRule.Decide rule, ByteBuf in, int at, int here) {
    if (here < frameBytes) {
      hold(frameBytes);
      return;
    }
    Decision made = takeDecision();
    Decision decision =
        made == null ? rule.step().onResponse(context.caller(), in.slice(at, frameBytes)) : made;
    switch (decision) {
      case Decision.Forward _ -> treat(rule.then(), in, at, here);
      case Decision.Answer answer -> {
        sendRun();
        if (editor().write(rule.then(), answer.frame())) {
          replaced();
        } else {
          giveUp(editor().why(), editor().what());
        }
      }
      case Decision.Wait wait -> {
        pause(PauseReason.DECISION);
        PendingDecision.await(session, route, wait, this);
      }
      case Decision.Close close -> session.close(close.reason(), close.detail());
      case Decision.Refuse _ -> throw new IllegalStateException("a response cannot be refused");
    }
  }

  /** The whole response was sent in another form. */
  private void replaced() {
    pass(frameBytes, frameBytes, false);
    sentInstead();
  }

  /** The answer to the gateway's own request: not for the client. */
  private void own(ByteBuf in, int at, int here) {
    if (here < frameBytes) {
      hold(frameBytes);
      return;
    }
    sendRun();
    replaced();
    if (route.response() instanceof ResponseRule.ToGateway) {
      link.onOwnAnswer(in.slice(at + LENGTH, frameBytes - LENGTH));
    }
  }

  // ---- the end of a response --------------------------------------------------------------------

  @Override
  void onEnd() {
    if (dropping) {
      dropping = false;
      sentInstead();
    }
    if (frameBytes > LARGE || route.apiKey() == Plan.API_VERSIONS) {
      editor = null; // many connections ask for nothing else, and large notes are not kept
    }
    context.onAnswered(route.apiKey());
    Tap[] open = taps.open();
    if (open != null) {
      TapPoint.response(session, open, link.broker(), frameBytes, wholeFrame());
    }
    inFlight.answered(link.metrics(), frameBytes, arrivedAt);
    BrokerLink next = inFlight.due();
    if (next != link && !inFlight.isEmpty()) {
      sendRun();
      session.answers().sendDue();
    }
  }

  /** Holds the response if it may be held and the budget has room for it. */
  private void hold(int bytes) {
    if (bytes > ResponseEditor.MOST_HELD) {
      giveUp(RefusalReason.RESPONSE_TOO_LARGE, bytes + " bytes");
    } else if (bytes <= SMALL || session.memory().reserveUrgent(bytes)) {
      need(bytes);
    } else {
      giveUp(RefusalReason.MEMORY_SPENT, bytes + " bytes of a response must be held");
    }
  }

  /**
   * The client gets an error in place of the response, which is dropped as it comes. The session
   * ends where the api has no place for one but beside what was asked for: the request is gone.
   *
   * @param what for a log line
   */
  private void giveUp(RefusalReason why, String what) {
    ByteBuf error = session.answers().inPlace(route, inFlight.correlationId(), why);
    if (error == null) {
      session.close(
          why == RefusalReason.MEMORY_SPENT
              ? CloseReason.MEMORY_SPENT
              : CloseReason.RESPONSE_TOO_LARGE,
          ": " + what);
      return;
    }
    sendRun();
    session.client().writeOwn(error);
    pass(frameBytes, HEAD, false);
    sentInstead();
    dropping = true;
  }

  private void malformed(@Nullable String what) {
    session.close(CloseReason.MALFORMED_RESPONSE, ": " + what);
  }
}
