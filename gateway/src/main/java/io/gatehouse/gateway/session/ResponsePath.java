package io.gatehouse.gateway.session;

import io.gatehouse.gateway.link.OwnRequest;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.ResponseRule;
import io.gatehouse.gateway.plan.ResponseStep;
import io.gatehouse.gateway.plan.Rewrite;
import io.gatehouse.gateway.plan.Route;
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
final class ResponsePath implements FrameCutter.Frames {

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

  private final BrokerLink link;
  private final FrameCutter cutter;

  // The response being forwarded.
  private Route route = Route.OWN;
  private boolean walking;
  private boolean blanking;
  private int frameBytes;
  private long arrivedAt;

  /** What was decided, after a while, upon the response at the cursor. */
  private @Nullable Decision decided;

  ResponsePath(Session session, BrokerLink link) {
    this.session = session;
    this.link = link;
    this.cutter = new FrameCutter(this, session.allocator());
  }

  /** Takes what was read from the broker. Owns the buffer. */
  void take(ByteBuf in) {
    cutter.add(in);
  }

  /** Goes on with what waited for its turn. */
  void resume() {
    if (cutter.why() == PauseReason.TURN) {
      cutter.resume();
    }
  }

  /** The answer that is due next is this broker's: goes on if it was held back. */
  void onDue() {
    if (cutter.why() == PauseReason.ORDER) {
      cutter.resume();
    }
  }

  /** Whether no more is to be read from the broker now. */
  boolean isPaused() {
    return cutter.isPaused();
  }

  /** Bytes held, or about to be. */
  long heldBytes() {
    return (long) cutter.collecting() + cutter.waitingBytes();
  }

  private boolean mayHold(int bytes) {
    return bytes <= SMALL || session.memory().reserve(bytes);
  }

  /**
   * The turn is over.
   *
   * @return whether something waits for the next one
   */
  boolean endTurn() {
    return cutter.endTurn();
  }

  /** The broker is gone: what it said last is worked off at once. */
  void finish() {
    while (cutter.why() == PauseReason.TURN && !session.isClosed()) {
      cutter.endTurn();
      cutter.resume();
    }
  }

  void drop() {
    cutter.drop();
  }

  // ---- frames -----------------------------------------------------------------------------------

  @Override
  public boolean isClosed() {
    return session.isClosed();
  }

  @Override
  public void send(ByteBuf bytes) {
    session.toClient(bytes);
  }

  @Override
  public void onCollected(ByteBuf frame) {
    if (frame.readableBytes() > SMALL) {
      session.client().addBlock(frame.capacity());
    }
  }

  @Override
  public void onHead(ByteBuf in, int at, int available) {
    InFlight inFlight = session.inFlight();
    if (inFlight.due() != link) {
      if (link.isOwed()) {
        cutter.pause(PauseReason.ORDER);
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
    if (cutter.isNew()) {
      arrivedAt = session.loop().now();
    }
    frameBytes = LENGTH + length;
    if (headless) {
      cutter.pass(frameBytes, LENGTH, false);
      return;
    }
    if (available < HEAD) {
      cutter.need(HEAD);
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
        case ResponseRule.Relay _, ResponseRule.Headless _ -> cutter.pass(frameBytes, HEAD, false);
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
      cutter.pass(frameBytes, HEAD, true);
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
        cutter.need(more);
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
      cutter.pass(frameBytes, seen, true);
      return;
    }
    cutter.sendRun();
    int growth = rewrites.edits().growth();
    ByteBuf mended = session.buffer(seen + growth);
    mended.writeInt(length + growth);
    rewrites.edits().write(in, at + LENGTH, 0, walks.position(), mended);
    session.client().writeOwn(mended);
    cutter.pass(frameBytes, seen, true);
    cutter.sentInstead();
  }

  /** The response passes as it comes; what names addresses is neutralised on its way. */
  private void stream(Walker walks, Program program) {
    walks.startNeutralising(program, HEAD - LENGTH, frameBytes - LENGTH);
    cutter.pass(frameBytes, HEAD, true);
  }

  /** Walks the bytes that pass, for error codes and to neutralise hints. */
  @Override
  public void onBody(ByteBuf in, int from, int to) {
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
            cutter.stopWatching();
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
      session.loop().metrics().error(route.apiKey(), code);
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
      cutter.need(frameBytes);
      return;
    }
    cutter.worked(frameBytes);
    walks.start(program, HEAD - LENGTH, frameBytes - LENGTH);
    rewrites.walk(walks, program, in, at + HEAD, at + frameBytes);
    if (rewrites.edits().isEmpty()) {
      cutter.pass(frameBytes, frameBytes, false);
      return;
    }
    cutter.sendRun();
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
    sentInstead();
  }

  /** The whole response was sent in another form. */
  private void sentInstead() {
    cutter.pass(frameBytes, frameBytes, false);
    cutter.sentInstead();
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
      case Decision.Forward _ -> cutter.pass(frameBytes, frameBytes, false);
      case Decision.Answer answer -> {
        cutter.sendRun();
        session.client().writeOwn(answer.frame());
        sentInstead();
      }
      case Decision.Wait wait -> {
        cutter.pause(PauseReason.DECISION);
        PendingDecision.await(session, route, wait, this::onDecided);
      }
      case Decision.Close close -> session.close(close.reason(), close.detail());
      case Decision.Refuse _ -> throw new IllegalStateException("a response cannot be refused");
    }
  }

  private void onDecided(Decision decision) {
    decided = decision;
    if (cutter.why() == PauseReason.DECISION) {
      cutter.resume();
    }
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
    cutter.sendRun();
    session.toClient(session.buffer(LENGTH).writeInt(rewritten.readableBytes()));
    session.client().writeOwn(rewritten);
    sentInstead();
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
    cutter.sendRun();
    cutter.pass(frameBytes, frameBytes, false);
    cutter.sentInstead();
    if (route.response() instanceof ResponseRule.Own) {
      link.onOwnAnswer(in.slice(at + LENGTH, frameBytes - LENGTH));
    }
  }

  // ---- the end of a response --------------------------------------------------------------------

  @Override
  public void onEnd() {
    walking = false;
    blanking = false;
    session.clientContext().onAnswered(route.apiKey());
    session.inFlight().answered(link.metrics(), frameBytes, arrivedAt);
    BrokerLink next = session.inFlight().due();
    if (next != link) {
      cutter.sendRun();
      session.onDue();
    }
  }

  /** Holds the response if the budget has room for it; else the session ends. */
  private void hold(int bytes) {
    if (bytes <= SMALL || session.memory().reserveUrgent(bytes)) {
      cutter.need(bytes);
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
