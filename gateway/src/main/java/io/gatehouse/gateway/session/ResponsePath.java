package io.gatehouse.gateway.session;

import io.gatehouse.gateway.link.OwnRequest;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.ResponseRule;
import io.gatehouse.gateway.plan.Rewrite;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.walk.Edits;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a broker's bytes into responses and forwards them as they come, mending addresses.
 *
 * <p>Most responses pass in the chunks they came in. One that names addresses in front is held back
 * until these have been seen, since its length may change, and passes from there on. One that names
 * them in its tail (leader hints, KIP-951) is held back if small; if large it is already on its way
 * when the hint comes, which is then neutralised in place: clients ask for metadata instead.
 */
final class ResponsePath {

  private static final int LENGTH = 4;

  /** Length and correlation id. */
  private static final int HEAD = 8;

  /** Up to this size a response is held back for hints in its tail. */
  private static final int SMALL = 64 << 10;

  /** Up to this size a response is held back for error messages. */
  private static final int MOST_MESSAGES = 1 << 20;

  /** As much is held back of a response at most, for addresses or for being rewritten. */
  private static final int MOST_HELD = 16 << 20;

  private final Session session;
  private @Nullable AddressRewriter mender;
  private @Nullable ConfigRewriter configMender;
  private @Nullable Walker walker;

  // The chunk being cut: bytes from run to at are looked at and wait to be sent in one piece.
  private ByteBuf chunk = Unpooled.EMPTY_BUFFER;
  private int run;
  private int at;
  private int end;

  // The response being forwarded.
  private boolean inFrame;
  private boolean walking;
  private boolean blanking;
  private int frameBytes;
  private int remaining;
  private long arrivedAt;

  // Bytes of a response that is not forwarded yet, and how many of them are needed to go on.
  private @Nullable ByteBuf aside;
  private int need = LENGTH;

  private final TurnBudget turn = new TurnBudget();

  /** What was read and waits for the next turn, in order. */
  private final Deque<ByteBuf> waiting = new ArrayDeque<>(1);

  ResponsePath(Session session) {
    this.session = session;
  }

  /** Takes what was read from the broker. Owns the buffer. */
  void take(ByteBuf in) {
    waiting.add(in);
    resume();
  }

  /** Goes on with what waited for its turn. */
  void resume() {
    while (isWaiting() && !turn.isOver() && !session.isClosed()) {
      take(waiting.remove(), aside);
    }
  }

  /** Whether something waits for the next turn. */
  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  /** Bytes held, or about to be. */
  long heldBytes() {
    long bytes = aside == null ? 0 : need;
    return waiting.isEmpty()
        ? bytes
        : bytes + waiting.stream().mapToLong(ByteBuf::readableBytes).sum();
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
    turn.begin();
    return isWaiting();
  }

  /** The broker is gone: what it said last is worked off at once. */
  void finish() {
    while (isWaiting() && !session.isClosed()) {
      turn.begin();
      resume();
    }
  }

  private void take(ByteBuf in, @Nullable ByteBuf kept) {
    if (kept == null) {
      cut(in);
      return;
    }
    int missing = Math.min(need - kept.readableBytes(), in.readableBytes());
    kept.writeBytes(in, missing);
    if (in.isReadable()) {
      waiting.addFirst(in);
    } else {
      in.release();
    }
    if (kept.readableBytes() >= need) {
      aside = null;
      if (need > SMALL) {
        session.client().addBlock(kept.capacity());
      }
      cut(kept);
    }
  }

  void drop() {
    if (aside != null) {
      aside.release();
      aside = null;
    }
    waiting.forEach(ByteBuf::release);
    waiting.clear();
  }

  private void cut(ByteBuf in) {
    boolean handedOn = false;
    try {
      chunk = in;
      run = in.readerIndex();
      at = run;
      end = in.writerIndex();
      while (at < end && !session.isClosed()) {
        if (inFrame) {
          pass();
        } else if (turn.isOver()) {
          sendRun();
          waiting.addFirst(in.retainedSlice(at, end - at));
          break;
        } else if (!begin()) {
          break;
        }
        if (inFrame && remaining == 0 && !session.isClosed()) {
          endFrame();
        }
      }
      if (!session.isClosed() && at > run) {
        handedOn = run == in.readerIndex() && at == end;
        session.toClient(handedOn ? in : in.retainedSlice(run, at - run));
      }
    } finally {
      chunk = Unpooled.EMPTY_BUFFER;
      if (!handedOn) {
        in.release();
      }
    }
  }

  /** Lets bytes of the current response through. */
  private void pass() {
    int bytes = Math.min(remaining, end - at);
    if (walking) {
      watch(at, at + bytes);
    }
    at += bytes;
    remaining -= bytes;
  }

  /**
   * Looks at the next response's head. False when too little of it is here, or the session ended.
   */
  private boolean begin() {
    InFlight inFlight = session.inFlight();
    if (inFlight.isEmpty()) {
      return malformed("an answer to no request");
    }
    int available = end - at;
    if (available < LENGTH) {
      return lack(LENGTH);
    }
    int length = chunk.getInt(at);
    boolean raw = inFlight.apiKey() == InFlight.RAW_SASL;
    if (length < (raw ? 0 : HEAD - LENGTH)) {
      return malformed("a response of " + length + " bytes");
    }
    if (need == LENGTH) {
      arrivedAt = session.loop().now();
    }
    turn.frame();
    frameBytes = LENGTH + length;
    if (raw) {
      start(LENGTH);
      return true;
    }
    if (available < HEAD) {
      return lack(HEAD);
    }
    if (inFlight.apiKey() == InFlight.OWN || inFlight.apiKey() == InFlight.INTRODUCTION) {
      return own(length);
    }
    if (chunk.getInt(at + LENGTH) != inFlight.correlationId()) {
      return malformed(
          "correlation id "
              + chunk.getInt(at + LENGTH)
              + " where "
              + inFlight.correlationId()
              + " was due");
    }
    try {
      return switch (session.services().plan().response(inFlight.apiKey(), inFlight.version())) {
        case ResponseRule.Relay _ -> start(HEAD);
        case ResponseRule.Walk walk -> walk(walk.program(), length);
        case ResponseRule.Configs configs -> configs(configs.program(), length);
        case ResponseRule.Open open -> open(open.rewrite(), length);
      };
    } catch (MalformedMessage e) {
      return malformed(e.getMessage());
    }
  }

  /** Begins to forward the response; its first {@code bytes} have been looked at. */
  private boolean start(int bytes) {
    inFrame = true;
    remaining = frameBytes - bytes;
    at += bytes;
    return true;
  }

  // ---- walk -------------------------------------------------------------------------------------

  private boolean walk(Program program, int length) {
    Walker walks = walker == null ? new Walker() : walker;
    walker = walks;
    walking = true;
    if (program.mayStream() && length > (program.hasAddresses() ? SMALL : MOST_MESSAGES)) {
      walks.startNeutralising(program, HEAD - LENGTH, length);
      return start(HEAD);
    }
    walks.start(program, HEAD - LENGTH, length);
    if (!program.isMended()) {
      return start(HEAD);
    }
    AddressRewriter mends = mender == null ? new AddressRewriter(session) : mender;
    mender = mends;
    int here = Math.min(frameBytes, end - at);
    if (!mends.walk(walks, program, chunk, at + HEAD, at + here)) {
      int more = Math.min(Math.min(frameBytes, MOST_HELD), Math.max(SMALL, 4 * here));
      if (program.mayStream() && !mayHold(more)) {
        walks.startNeutralising(program, HEAD - LENGTH, length);
        return start(HEAD);
      }
      walking = false;
      if (program.mayStream()) {
        return lack(more);
      }
      return here >= MOST_HELD
          ? malformed(program + " names no address in its first " + here + " bytes")
          : hold(more);
    }
    mends.tellErrors(this::errorCode);
    if (session.inFlight().apiKey() == OwnRequest.METADATA && mends.hasSeenBrokers()) {
      session.binding().upstream().cluster().learnedAll();
    }
    if (mends.edits().isEmpty()) {
      return start(LENGTH + walks.position());
    }
    sendRun();
    int growth = mends.edits().growth();
    ByteBuf mended = session.buffer(LENGTH + walks.position() + growth);
    mended.writeInt(length + growth);
    mends.edits().write(chunk, at + LENGTH, 0, walks.position(), mended);
    session.client().writeOwn(mended);
    start(LENGTH + walks.position());
    run = at;
    return true;
  }

  /** Walks the bytes that pass, for error codes and to neutralise hints. */
  private void watch(int from, int to) {
    Walker walks = walkerOrThrow();
    try {
      walks.feed(chunk, from, to);
      while (true) {
        switch (walks.next()) {
          case MORE -> {
            return;
          }
          case FINISHED -> {
            walking = false;
            return;
          }
          default -> {
            if (walks.kind() == FieldKind.ERROR_CODE) {
              errorCode((int) walks.number());
            } else if (walks.kind() == FieldKind.ERROR_MESSAGE) {
              AddressRewriter.blankIfNaming(session, walks);
            } else if (blanking && configMender != null) {
              configMender.watch(walks);
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
    InFlight inFlight = session.inFlight();
    if (code != 0) {
      session.loop().metrics().error(inFlight.apiKey(), code);
      session.clientContext().onRefused(inFlight.apiKey());
    } else if (inFlight.apiKey() == Plan.SASL_HANDSHAKE && inFlight.version() == 0) {
      session.requests().expectRawSasl();
    }
  }

  // ---- configurations --------------------------------------------------------------------------

  /**
   * Held back whole if it is not too large, since any value may be of a broker. A larger one, of
   * thousands of topics, streams; should it name brokers too, blanks stand for their addresses.
   */
  private boolean configs(Program program, int length) {
    Walker walks = walker == null ? new Walker() : walker;
    walker = walks;
    ConfigRewriter mends = configMender == null ? new ConfigRewriter(session) : configMender;
    configMender = mends;
    boolean here = end - at >= frameBytes;
    if (!here && (frameBytes > MOST_HELD || !(need == frameBytes || mayHold(frameBytes)))) {
      walks.startNeutralising(program, HEAD - LENGTH, length);
      mends.begin();
      walking = true;
      blanking = true;
      return start(HEAD);
    }
    if (!here) {
      return lack(frameBytes);
    }
    turn.body(frameBytes);
    walks.start(program, HEAD - LENGTH, length);
    mends.walk(walks, program, chunk, at + HEAD, at + frameBytes);
    if (mends.edits().isEmpty()) {
      return start(frameBytes);
    }
    sendRun();
    session.toClient(session.buffer(LENGTH).writeInt(length + mends.edits().growth()));
    ByteBuf from = chunk;
    int zero = at + LENGTH;
    mends
        .edits()
        .apply(
            0,
            length,
            new Edits.Pieces() {
              @Override
              public void kept(int keptFrom, int keptTo) {
                session.toClient(from.retainedSlice(zero + keptFrom, keptTo - keptFrom));
              }

              @Override
              public void edited(byte[] bytes, int editedFrom, int length) {
                session
                    .client()
                    .writeOwn(session.buffer(length).writeBytes(bytes, editedFrom, length));
              }
            });
    start(frameBytes);
    run = at;
    return true;
  }

  // ---- open -------------------------------------------------------------------------------------

  private boolean open(Rewrite rewrite, int length) {
    if (frameBytes > MOST_HELD) {
      return malformed("a response of " + length + " bytes to a request that has small ones");
    }
    if (end - at < frameBytes) {
      return hold(frameBytes);
    }
    ByteBuf rewritten =
        rewrite.apply(
            chunk.slice(at + LENGTH, length),
            new Rewrite.View(
                session.binding().addresses(), session.client().local(), session.allocator()));
    sendRun();
    session.toClient(session.buffer(LENGTH).writeInt(rewritten.readableBytes()));
    session.client().writeOwn(rewritten);
    start(frameBytes);
    run = at;
    return true;
  }

  /** The answer to the gateway's own request: not for the client. */
  private boolean own(int length) {
    if (frameBytes > MOST_HELD) {
      return malformed("an answer of " + length + " bytes to a request of the gateway");
    }
    if (end - at < frameBytes) {
      return hold(frameBytes);
    }
    sendRun();
    ByteBuf frame = chunk.slice(at + LENGTH, length);
    start(frameBytes);
    run = at;
    if (session.inFlight().apiKey() == InFlight.INTRODUCTION) {
      return true;
    }
    try {
      session.onOwnAnswer(frame);
    } catch (MalformedMessage e) {
      return malformed(e.getMessage());
    }
    return true;
  }

  // ---- the end of a response --------------------------------------------------------------------

  private void endFrame() {
    inFrame = false;
    walking = false;
    blanking = false;
    need = LENGTH;
    session.clientContext().onAnswered(session.inFlight().apiKey());
    session.inFlight().answered(session.brokerMetrics(), frameBytes, arrivedAt);
    if (session.inFlight().isLocal()) {
      sendRun();
      session.answers().sendDue();
    }
  }

  private void sendRun() {
    if (at > run) {
      session.toClient(chunk.retainedSlice(run, at - run));
      run = at;
    }
  }

  /** The same if the budget has room for it; else the session ends. */
  private boolean hold(int bytes) {
    if (bytes <= SMALL || session.memory().reserveUrgent(bytes)) {
      return lack(bytes);
    }
    session.close(
        CloseReason.MEMORY_SPENT, ": a response of which " + bytes + " bytes must be held");
    return false;
  }

  /** Keeps the response at the cursor until {@code bytes} of it are here. */
  private boolean lack(int bytes) {
    sendRun();
    need = bytes;
    int here = end - at;
    ByteBuf kept = session.buffer(Math.min(bytes, Math.max(here, 1 << 10)));
    kept.writeBytes(chunk, at, here);
    aside = kept;
    at = end;
    run = end;
    return false;
  }

  private boolean malformed(@Nullable String what) {
    session.close(CloseReason.MALFORMED_RESPONSE, ": " + what);
    return false;
  }

  private Walker walkerOrThrow() {
    if (walker == null) {
      throw new IllegalStateException("no walk was begun");
    }
    return walker;
  }
}
