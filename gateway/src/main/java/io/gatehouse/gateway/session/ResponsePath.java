package io.gatehouse.gateway.session;

import io.gatehouse.gateway.link.OwnRequest;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.ResponseRule;
import io.gatehouse.gateway.plan.ResponseStep;
import io.gatehouse.gateway.plan.Rewrite;
import io.gatehouse.gateway.plan.Route;
import io.gatehouse.gateway.tap.Tap;
import io.gatehouse.gateway.tap.Taps;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.walk.Edits;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
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

  /** Length and correlation id. */
  private static final int HEAD = 8;

  /** Up to this size a response is held back for hints in its tail. */
  private static final int SMALL = 64 << 10;

  /** Up to this size a response is held back for error messages. */
  private static final int MOST_MESSAGES = 1 << 20;

  /** As much is held back of a response at most, for addresses or for being rewritten. */
  private static final int MOST_HELD = 16 << 20;

  private final Session session;
  private @Nullable AddressRewriter rewriter;
  private @Nullable ConfigRewriter configRewriter;
  private @Nullable Walker walker;

  private final Loop loop;
  private final InFlight inFlight;
  private final BrokerLink link;
  private final Taps taps;

  // The response being forwarded.
  private Route route = Route.OWN;
  private boolean walking;
  private boolean blanking;
  private int frameBytes;
  private long arrivedAt;

  /** What was decided, after a while, upon the response at the cursor. */
  private @Nullable Decision decided;

  ResponsePath(Session session, BrokerLink link) {
    super(session.allocator());
    this.session = session;
    this.loop = session.loop();
    this.inFlight = session.inFlight();
    this.link = link;
    this.taps = session.services().shared().taps();
  }

  /** Bytes held, or about to be. */
  long heldBytes() {
    return (long) collecting() + waitingBytes();
  }

  private boolean mayHold(int bytes) {
    return bytes <= SMALL || session.memory().reserve(bytes);
  }

  /** The broker is gone: what it said last is worked off at once. */
  void finish() {
    while (why() == PauseReason.TURN && !session.isClosed()) {
      endTurn();
      resume();
    }
  }

  // ---- frames -----------------------------------------------------------------------------------

  @Override
  void onHolding() {
    session.memory().touch();
  }

  @Override
  void send(ByteBuf bytes) {
    session.toClient(bytes);
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
    boolean headless = route.response() instanceof ResponseRule.Headless;
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
    if (route.isOfClient() && in.getInt(at + LENGTH) != inFlight.correlationId()) {
      malformed(
          "correlation id "
              + in.getInt(at + LENGTH)
              + " where "
              + inFlight.correlationId()
              + " was due");
      return;
    }
    int here = Math.min(frameBytes, available);
    try {
      switch (route.response()) {
        case ResponseRule.Relay _, ResponseRule.Headless _ -> pass(frameBytes, HEAD, false);
        case ResponseRule.Walk walk -> walk(walk.program(), in, at, here);
        case ResponseRule.Configs configs -> configs(configs.program(), in, at, here);
        case ResponseRule.Open open -> open(open.rewrite(), in, at, here);
        case ResponseRule.Decide decide -> decide(decide.step(), in, at, here);
        case ResponseRule.Own _ -> own(in, at, here);
        case ResponseRule.Dropped _ -> own(in, at, here);
      }
    } catch (MalformedMessage e) {
      malformed(e.getMessage());
    }
  }

  // ---- walk -------------------------------------------------------------------------------------

  private void walk(Program program, ByteBuf in, int at, int here) {
    int length = frameBytes - LENGTH;
    Walker walks = walker == null ? new Walker() : walker;
    walker = walks;
    walking = true;
    if (program.mayStream() && length > (program.hasAddresses() ? SMALL : MOST_MESSAGES)) {
      stream(walks, program);
      return;
    }
    walks.start(program, HEAD - LENGTH, length);
    if (!program.isMended()) {
      pass(frameBytes, HEAD, true);
      return;
    }
    AddressRewriter rewrites = rewriter == null ? new AddressRewriter(session) : rewriter;
    rewriter = rewrites;
    if (!rewrites.walk(walks, program, in, at + HEAD, at + here)) {
      int more = Math.min(Math.min(frameBytes, MOST_HELD), Math.max(SMALL, 4 * here));
      if (program.mayStream() && !mayHold(more)) {
        stream(walks, program);
        return;
      }
      walking = false;
      if (program.mayStream()) {
        need(more);
      } else if (here >= MOST_HELD) {
        malformed(program + " names no address in its first " + here + " bytes");
      } else {
        hold(more);
      }
      return;
    }
    rewrites.tellErrors(this::errorCode);
    if (route.apiKey() == OwnRequest.METADATA && rewrites.hasSeenBrokers()) {
      session.binding().upstream().cluster().learnedAll();
    }
    int seen = LENGTH + walks.position();
    if (rewrites.edits().isEmpty()) {
      pass(frameBytes, seen, true);
      return;
    }
    sendRun();
    int growth = rewrites.edits().growth();
    ByteBuf mended = session.buffer(seen + growth);
    mended.writeInt(length + growth);
    rewrites.edits().write(in, at + LENGTH, 0, walks.position(), mended);
    session.client().writeOwn(mended);
    pass(frameBytes, seen, true);
    sentInstead();
  }

  /** The response passes as it comes; what names addresses is neutralised on its way. */
  private void stream(Walker walks, Program program) {
    walks.startNeutralising(program, HEAD - LENGTH, frameBytes - LENGTH);
    pass(frameBytes, HEAD, true);
  }

  /** Walks the bytes that pass, for error codes and to neutralise hints. */
  @Override
  void onBody(ByteBuf in, int from, int to) {
    if (!walking) {
      return;
    }
    Walker walks = walkerOrThrow();
    try {
      walks.feed(in, from, to);
      while (true) {
        switch (walks.next()) {
          case MORE -> {
            return;
          }
          case FINISHED -> {
            walking = false;
            stopWatching();
            return;
          }
          default -> {
            if (walks.kind() == FieldKind.ERROR_CODE) {
              errorCode((int) walks.number());
            } else if (walks.kind() == FieldKind.ERROR_MESSAGE) {
              AddressRewriter.blankIfNaming(session, walks);
            } else if (blanking && configRewriter != null) {
              configRewriter.watch(walks);
            }
          }
        }
      }
    } catch (MalformedMessage e) {
      walking = false;
      malformed(e.getMessage());
    }
  }

  private void errorCode(int code) {
    if (code != 0) {
      loop.metrics().error(route.apiKey(), code);
      session.clientContext().onRefused(route.apiKey());
    } else if (route.apiKey() == Plan.SASL_HANDSHAKE && route.version() == 0) {
      session.clientContext().expectTokensToBroker();
    }
  }

  // ---- configurations --------------------------------------------------------------------------

  /**
   * Held back whole if it is not too large, since any value may be of a broker. A larger one, of
   * thousands of topics, streams; should it name brokers too, blanks stand for their addresses.
   */
  private void configs(Program program, ByteBuf in, int at, int here) {
    Walker walks = walker == null ? new Walker() : walker;
    walker = walks;
    ConfigRewriter rewrites = configRewriter == null ? new ConfigRewriter(session) : configRewriter;
    configRewriter = rewrites;
    boolean whole = here == frameBytes;
    if (!whole && (frameBytes > MOST_HELD || !mayHold(frameBytes))) {
      rewrites.begin();
      walking = true;
      blanking = true;
      stream(walks, program);
      return;
    }
    if (!whole) {
      need(frameBytes);
      return;
    }
    worked(frameBytes);
    walks.start(program, HEAD - LENGTH, frameBytes - LENGTH);
    rewrites.walk(walks, program, in, at + HEAD, at + frameBytes);
    if (rewrites.edits().isEmpty()) {
      pass(frameBytes, frameBytes, false);
      return;
    }
    sendRun();
    int length = frameBytes - LENGTH;
    session.toClient(session.buffer(LENGTH).writeInt(length + rewrites.edits().growth()));
    int zero = at + LENGTH;
    rewrites
        .edits()
        .apply(
            0,
            length,
            new Edits.Pieces() {
              @Override
              public void kept(int keptFrom, int keptTo) {
                session.toClient(in.retainedSlice(zero + keptFrom, keptTo - keptFrom));
              }

              @Override
              public void edited(byte[] bytes, int editedFrom, int length) {
                session
                    .client()
                    .writeOwn(session.buffer(length).writeBytes(bytes, editedFrom, length));
              }
            });
    replaced();
  }

  /** The whole response was sent in another form. */
  private void replaced() {
    pass(frameBytes, frameBytes, false);
    sentInstead();
  }

  // ---- decisions --------------------------------------------------------------------------------

  private void decide(ResponseStep step, ByteBuf in, int at, int here) {
    if (frameBytes > MOST_HELD) {
      session.close(
          CloseReason.MEMORY_SPENT, ": a response of " + frameBytes + " bytes that must be held");
      return;
    }
    if (here < frameBytes) {
      hold(frameBytes);
      return;
    }
    Decision decision = decided == null ? step.onResponse(in.slice(at, frameBytes)) : decided;
    decided = null;
    switch (decision) {
      case Decision.Forward _ -> pass(frameBytes, frameBytes, false);
      case Decision.Answer answer -> {
        sendRun();
        session.client().writeOwn(answer.frame());
        replaced();
      }
      case Decision.Wait wait -> {
        pause(PauseReason.DECISION);
        PendingDecision.await(session, route, wait, this::onDecided);
      }
      case Decision.Close close -> session.close(close.reason(), close.detail());
      case Decision.Refuse _ -> throw new IllegalStateException("a response cannot be refused");
    }
  }

  private void onDecided(Decision decision) {
    decided = decision;
    resumeFrom(PauseReason.DECISION);
    session.onEventEnd();
  }

  // ---- open -------------------------------------------------------------------------------------

  private void open(Rewrite rewrite, ByteBuf in, int at, int here) {
    if (frameBytes > MOST_HELD) {
      malformed("a response of " + frameBytes + " bytes to a request that has small ones");
      return;
    }
    if (here < frameBytes) {
      hold(frameBytes);
      return;
    }
    ByteBuf rewritten =
        rewrite.apply(
            in.slice(at + LENGTH, frameBytes - LENGTH),
            new Rewrite.View(
                session.binding().addresses(), session.client().local(), session.allocator()));
    sendRun();
    session.toClient(session.buffer(LENGTH).writeInt(rewritten.readableBytes()));
    session.client().writeOwn(rewritten);
    replaced();
  }

  /** The answer to the gateway's own request: not for the client. */
  private void own(ByteBuf in, int at, int here) {
    if (frameBytes > MOST_HELD) {
      malformed("an answer of " + frameBytes + " bytes to a request of the gateway");
      return;
    }
    if (here < frameBytes) {
      hold(frameBytes);
      return;
    }
    sendRun();
    pass(frameBytes, frameBytes, false);
    sentInstead();
    if (route.response() instanceof ResponseRule.Own) {
      link.onOwnAnswer(in.slice(at + LENGTH, frameBytes - LENGTH));
    }
  }

  // ---- the end of a response --------------------------------------------------------------------

  @Override
  void onEnd() {
    walking = false;
    blanking = false;
    session.clientContext().onAnswered(route.apiKey());
    Tap[] open = taps.open();
    if (open != null) {
      TapPoint.response(session, open, link.broker(), frameBytes, wholeFrame());
    }
    inFlight.answered(link.metrics(), frameBytes, arrivedAt);
    BrokerLink next = inFlight.due();
    if (next != link && !inFlight.isEmpty()) {
      sendRun();
      session.onDue();
    }
  }

  /** Holds the response if the budget has room for it; else the session ends. */
  private void hold(int bytes) {
    if (bytes <= SMALL || session.memory().reserveUrgent(bytes)) {
      need(bytes);
    } else {
      session.close(
          CloseReason.MEMORY_SPENT, ": a response of which " + bytes + " bytes must be held");
    }
  }

  private void malformed(@Nullable String what) {
    session.close(CloseReason.MALFORMED_RESPONSE, ": " + what);
  }

  private Walker walkerOrThrow() {
    if (walker == null) {
      throw new IllegalStateException("no walk was begun");
    }
    return walker;
  }
}
