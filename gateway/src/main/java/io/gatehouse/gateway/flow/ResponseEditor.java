package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.plan.ApiVersionsEdit;
import io.gatehouse.gateway.plan.ResponseEdit;
import io.gatehouse.gateway.plan.ResponseRule;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.walk.Edits;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Walks responses and edits them: the one way in which anything in them changes. How long the
 * edited frame is must be known before its first byte leaves, so a response is held back until all
 * that may be edited has been walked, under the memory budget; one whose texts can be overwritten
 * in place is on its way meanwhile if it is long. One per session; used for one response at a time.
 */
final class ResponseEditor {

  private static final int LENGTH = 4;

  /** Length and correlation id. */
  private static final int HEAD = 8;

  /** So much may be held without asking the budget. */
  private static final int SMALL = 64 << 10;

  /** As much is held back of a response at most. */
  static final int MOST_HELD = 16 << 20;

  /** Bytes between edits are sent as a slice if there are so many. */
  private static final int WORTH_A_SLICE = 2 << 10;

  /** What is to be done with a response that was looked at. */
  enum Look {
    /** {@link #seen()} bytes of it may leave as they came, and the others as they come. */
    PASS,
    /** The same, but {@link #write} writes the first ones. */
    WRITE,
    /** More of it must be here: {@link #needed()} bytes. */
    HOLD,
    /** It cannot be edited: {@link #why()} and {@link #what()}. */
    GIVE_UP
  }

  private final Session session;
  private final IntConsumer errorCode;
  private final Walker walker = new Walker();
  private final Edits edits = new Edits();
  private @Nullable AddressRewriter addresses;
  private boolean watching;

  /** Whether there are edits, or were when this response was looked at before. */
  private boolean noted;

  private int frameBytes;
  private int seen;
  private int needed;

  private RefusalReason why = RefusalReason.RESPONSE_TOO_LARGE;
  private String what = "";

  /** Bytes of memory for edits that the budget has granted. */
  private long granted;

  /** What is written in place of a whole answer. */
  private ByteBuf answer = Unpooled.EMPTY_BUFFER;

  /**
   * @param errorCode is told the error codes that are walked
   */
  ResponseEditor(Session session, IntConsumer errorCode) {
    this.session = session;
    this.errorCode = errorCode;
  }

  /** How many of the frame's bytes were looked at. */
  int seen() {
    return seen;
  }

  /** How many of the frame's bytes must be here when it is looked at again. */
  int needed() {
    return needed;
  }

  /** Why it is given up. */
  RefusalReason why() {
    return why;
  }

  /** What could not be done, for a log line. */
  String what() {
    return what;
  }

  /** Whether the bytes behind those seen are to be watched as they pass. */
  boolean isWatching() {
    return watching;
  }

  /**
   * Looks at the beginning of a response.
   *
   * @param in holds the frame from {@code at} on, its length first
   * @param here how many of the frame's bytes are here, {@link #HEAD} at least
   * @param bytes of the frame, its length included
   * @throws io.gatehouse.wire.MalformedMessage if it is no such response
   */
  Look look(ResponseRule.Edit rule, ByteBuf in, int at, int here, int bytes) {
    Program program = rule.program();
    AddressRewriter rewriter = begin(program, bytes);
    boolean streams = bytes - LENGTH > rule.streamsAbove();
    if (!program.isEdited() || streams) {
      return pass(program, streams);
    }
    walker.start(program, HEAD - LENGTH, bytes - LENGTH);
    Look walked = walk(rewriter, in, at + HEAD, at + here);
    if (walked != Look.PASS) {
      return walked == Look.HOLD ? hold(program, here) : walked;
    }
    rewriter.tellErrors(errorCode);
    watching = true;
    seen = LENGTH + walker.position();
    if (!noted) {
      return Look.PASS;
    }
    rewriter.afterWalk(edits, in, at + LENGTH);
    return edits.isEmpty() ? Look.PASS : Look.WRITE;
  }

  /** The same where the answer is known, or becomes so. */
  Look look(ResponseRule.Versions rule, ByteBuf in, int at, int here, int bytes) {
    begin(bytes);
    if (here < bytes) {
      return bytes > MOST_HELD ? tooLarge() : hold(bytes);
    }
    ApiVersionsEdit versions = rule.edit();
    ByteBuf from = in.slice(at + HEAD, bytes - HEAD);
    ByteBuf known = versions.cached(from);
    if (known == null) {
      walker.start(versions.program(from), HEAD - LENGTH, bytes - LENGTH);
      Look walked = walk(versions.begin(), in, at + HEAD, at + bytes);
      if (walked != Look.PASS) {
        return walked;
      }
      known = Unpooled.buffer(bytes - HEAD + Math.max(0, edits.growth()));
      edits.write(in, at + LENGTH, HEAD - LENGTH, bytes - LENGTH, known);
      versions.cache(from, known);
    }
    answer = known;
    seen = bytes;
    return Look.WRITE;
  }

  /**
   * Writes a whole response to the client, edited. Takes ownership.
   *
   * @return false if it cannot be edited, and so is not written
   * @throws io.gatehouse.wire.MalformedMessage if it is no such response
   */
  boolean write(ResponseRule rule, ByteBuf frame) {
    try {
      int at = frame.readerIndex();
      int bytes = frame.readableBytes();
      Look look =
          switch (rule) {
            case ResponseRule.Edit edit -> look(edit, frame, at, bytes, bytes);
            case ResponseRule.Versions versions -> look(versions, frame, at, bytes, bytes);
            default -> {
              begin(bytes);
              yield Look.PASS;
            }
          };
      if (look == Look.GIVE_UP) {
        return false;
      }
      if (watching) {
        watch(frame, at + seen, at + bytes);
      }
      int left = at;
      if (look == Look.WRITE) {
        write(frame, at);
        left += seen;
      }
      session.client().writeOwn(frame.retainedSlice(left, at + bytes - left));
      return true;
    } finally {
      frame.release();
    }
  }

  /** Writes the bytes that were seen, edited, to the client. */
  void write(ByteBuf in, int at) {
    if (answer.isReadable()) {
      ByteBuf own = session.buffer(HEAD + answer.readableBytes());
      own.writeInt(HEAD - LENGTH + answer.readableBytes()).writeInt(in.getInt(at + LENGTH));
      own.writeBytes(answer, answer.readerIndex(), answer.readableBytes());
      session.client().writeOwn(own);
      answer = Unpooled.EMPTY_BUFFER;
      return;
    }
    int growth = edits.growth();
    Pieces pieces = new Pieces(in, at + LENGTH, Math.min(seen + growth, SMALL));
    pieces.own.writeInt(frameBytes - LENGTH + growth);
    edits.apply(0, seen - LENGTH, pieces);
    session.client().writeOwn(pieces.own);
    edits.clear();
  }

  /** Writes an edited response to the client: what is short is copied, what is long not. */
  private final class Pieces implements Edits.Pieces {

    private final ByteBuf in;
    private final int zero;
    private ByteBuf own;

    /**
     * @param zero where position 0 of the response stands
     */
    Pieces(ByteBuf in, int zero, int bytes) {
      this.in = in;
      this.zero = zero;
      this.own = session.buffer(bytes);
    }

    @Override
    public void kept(int from, int to) {
      if (to - from < WORTH_A_SLICE) {
        own.writeBytes(in, zero + from, to - from);
        return;
      }
      session.client().writeOwn(own);
      session.toClient(in.retainedSlice(zero + from, to - from));
      own = session.buffer(WORTH_A_SLICE);
    }

    @Override
    public void edited(byte[] bytes, int from, int length) {
      own.writeBytes(bytes, from, length);
    }
  }

  /**
   * Looks at bytes as they pass, for error codes and to overwrite what names addresses.
   *
   * @throws io.gatehouse.wire.MalformedMessage if they are not of such a response
   */
  void watch(ByteBuf chunk, int from, int to) {
    walker.feed(chunk, from, to);
    while (true) {
      switch (walker.next()) {
        case MORE -> {
          return;
        }
        case FINISHED -> {
          watching = false;
          return;
        }
        default -> {
          if (walker.kind() == FieldKind.ERROR_CODE) {
            errorCode.accept((int) walker.number());
          } else if (addresses != null) {
            addresses.onPassing(walker);
          }
        }
      }
    }
  }

  private AddressRewriter begin(Program program, int bytes) {
    begin(bytes);
    AddressRewriter rewriter =
        addresses == null ? new AddressRewriter(session, program) : addresses;
    rewriter.begin(program);
    addresses = rewriter;
    return rewriter;
  }

  private void begin(int bytes) {
    frameBytes = bytes;
    watching = false;
    granted = SMALL;
    answer = Unpooled.EMPTY_BUFFER;
    if (noted) {
      noted = false;
      edits.clear();
    }
  }

  /** Lets the response through as it comes, watched. */
  private Look pass(Program program, boolean overwrites) {
    if (overwrites) {
      walker.startNeutralising(program, HEAD - LENGTH, frameBytes - LENGTH);
    } else {
      walker.start(program, HEAD - LENGTH, frameBytes - LENGTH);
    }
    watching = true;
    seen = HEAD;
    return Look.PASS;
  }

  /**
   * Walks what is here.
   *
   * @return PASS if nothing can follow that may be edited, HOLD if something can
   */
  private Look walk(ResponseEdit edit, ByteBuf in, int from, int to) {
    walker.feed(in, from, to);
    while (true) {
      Walker.Step step = walker.next();
      if (step == Walker.Step.MORE) {
        return walker.isPastEdits() ? Look.PASS : Look.HOLD;
      }
      if (step == Walker.Step.FINISHED) {
        return Look.PASS;
      }
      if (edit.onStep(step, walker, edits)) {
        noted = true;
        if (!mayHold(edits.heldBytes() + edit.heldBytes())) {
          return giveUp(RefusalReason.MEMORY_SPENT, "the edits of " + frameBytes + " bytes");
        }
      }
      if (walker.isPastEdits()) {
        return Look.PASS;
      }
    }
  }

  /** Whether the budget has room for so many bytes of edits. */
  private boolean mayHold(long edited) {
    if (edited > granted) {
      long more = Math.max(edited - granted, SMALL);
      if (!session.memory().reserveUrgent(more)) {
        return false;
      }
      granted += more;
    }
    return true;
  }

  /** Too little is here to know how long the edited response is. */
  private Look hold(Program program, int here) {
    if (!program.mayStream()) {
      return here >= MOST_HELD
          ? tooLarge()
          : hold(Math.min(Math.min(frameBytes, MOST_HELD), Math.max(SMALL, 4 * here)));
    }
    if (frameBytes > SMALL && !session.memory().reserve(frameBytes)) {
      return pass(program, true);
    }
    needed = frameBytes;
    return Look.HOLD;
  }

  private Look hold(int bytes) {
    if (bytes > SMALL && !session.memory().reserveUrgent(bytes)) {
      return giveUp(RefusalReason.MEMORY_SPENT, bytes + " bytes of a response must be held");
    }
    needed = bytes;
    return Look.HOLD;
  }

  private Look tooLarge() {
    return giveUp(RefusalReason.RESPONSE_TOO_LARGE, frameBytes + " bytes");
  }

  private Look giveUp(RefusalReason reason, String detail) {
    why = reason;
    what = detail;
    return Look.GIVE_UP;
  }
}
