package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.access.FetchedTopics;
import io.gatehouse.gateway.cluster.NodeIds;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.plan.ApiVersionsEdit;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.ProducerIds;
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
 * Walks and edits responses. All changes in responses are made here. The length of the edited frame
 * must be known before its first byte is sent, so a response is held, within the memory budget,
 * until all fields that may be edited have been walked. A long response whose fields can be
 * overwritten in place is streamed instead. One instance per session, for one response at a time.
 */
final class ResponseEditor {

  private static final int LENGTH_BYTES = 4;

  /** Size of length and correlation id, in bytes. */
  private static final int HEADER_BYTES = 8;

  /** Maximum bytes that are held without a reservation in the memory budget. */
  private static final int UNCHARGED_BYTES = 64 << 10;

  /** Maximum bytes of a response that are held. */
  static final int MAX_HELD_BYTES = 16 << 20;

  /** Minimum number of unchanged bytes between edits that are sent as a slice instead of copied. */
  private static final int MIN_SLICE_BYTES = 2 << 10;

  private static final int NO_EPOCH = -1;

  /** What to do with a response after its inspection. */
  enum Result {
    /** Forward the first {@link #inspectedBytes()} bytes unchanged, and stream the others. */
    FORWARD,
    /**
     * Write the first {@link #inspectedBytes()} bytes with {@link #write}, and stream the others.
     */
    FORWARD_EDITED,
    /** Collect {@link #neededBytes()} bytes and inspect again. */
    HOLD,
    /** Not possible to edit: see {@link #refusalReason()} and {@link #refusalDetail()}. */
    REPLACE_WITH_ERROR
  }

  private final ClientContext context;
  private final ClientLink client;
  private final SessionMemory memory;
  private final IntConsumer errorCode;
  private final Walker walker = new Walker();
  private final Walker masks = new Walker();
  private final Edits edits = new Edits();
  private @Nullable AddressRewriter addresses;
  private boolean watching;

  /** Checks topics by id; null if they need not be. */
  private @Nullable FetchedTopics topics;

  /** Whether edits were recorded, in this inspection or an earlier one of the same response. */
  private boolean hasEdits;

  private int frameBytes;
  private int inspected;
  private int needed;

  private RefusalReason refusalReason = RefusalReason.RESPONSE_TOO_LARGE;
  private String refusalDetail = "";

  /** Bytes of memory for edits that are reserved in the budget. */
  private long granted;

  /** The body to write instead of the broker's; empty if none. */
  private ByteBuf cachedBody = Unpooled.EMPTY_BUFFER;

  /**
   * @param errorCode receives the error codes that walks find
   */
  ResponseEditor(
      ClientContext context, ClientLink client, SessionMemory memory, IntConsumer errorCode) {
    this.context = context;
    this.client = client;
    this.memory = memory;
    this.errorCode = errorCode;
  }

  /** Number of the frame's bytes that were inspected. */
  int inspectedBytes() {
    return inspected;
  }

  /** Number of the frame's bytes needed for the next inspection. */
  int neededBytes() {
    return needed;
  }

  /** Why the response cannot be edited. */
  RefusalReason refusalReason() {
    return refusalReason;
  }

  /** Details for a log line. */
  String refusalDetail() {
    return refusalDetail;
  }

  /** Whether {@link #watch} must be called for the bytes after the inspected ones. */
  boolean isWatching() {
    return watching;
  }

  /**
   * Inspects the start of a response.
   *
   * @param in contains the frame from {@code at} on, with its length
   * @param arrived number of the frame's bytes that have arrived, at least {@link #HEADER_BYTES}
   * @param bytes size of the frame, with its length
   * @throws io.gatehouse.wire.MalformedMessage if it is not a response of this kind
   */
  Result inspect(ResponseRule.Edit rule, ByteBuf in, int at, int arrived, int bytes) {
    Program program = rule.program();
    AddressRewriter rewriter = begin(program, rule.sight(), bytes);
    Program masked = rule.masked();
    if (masked != null && arrived < bytes) {
      return bytes > MAX_HELD_BYTES ? tooLarge() : hold(bytes);
    }
    boolean streams = bytes - LENGTH_BYTES > rule.streamsAbove();
    if (masked == null && (!program.isEdited() || streams)) {
      return pass(program, streams);
    }
    walker.start(program, HEADER_BYTES - LENGTH_BYTES, bytes - LENGTH_BYTES);
    Result walked = walk(rewriter, in, at + HEADER_BYTES, at + arrived);
    if (walked != Result.FORWARD) {
      return walked == Result.HOLD ? hold(program, arrived) : walked;
    }
    rewriter.reportErrors(errorCode);
    watching = true;
    inspected = LENGTH_BYTES + walker.position();
    if (hasEdits) {
      rewriter.afterWalk(edits, in, at + LENGTH_BYTES);
    }
    if (masked != null) {
      mask(masked, in, at, bytes);
    }
    return edits.isEmpty() ? Result.FORWARD : Result.FORWARD_EDITED;
  }

  /**
   * Overwrites node, producer ids and leader epochs, after the response's brokers have been
   * registered.
   */
  private void mask(Program program, ByteBuf in, int at, int bytes) {
    NodeIds ids = context.binding().upstream().cluster().ids();
    masks.start(program, HEADER_BYTES - LENGTH_BYTES, bytes - LENGTH_BYTES);
    masks.feed(in, at + HEADER_BYTES, at + bytes);
    while (masks.next() == Walker.Step.FIELD) {
      if (masks.kind() == FieldKind.PRODUCER_ID) {
        masks.setLong(new ProducerIds(ids.switches()).toClient(masks.number()));
        continue;
      }
      int value = (int) masks.number();
      int masked = masks.kind() == FieldKind.LEADER_EPOCH ? NO_EPOCH : ids.toClient(value);
      if (masked != value) {
        masks.setInt(masked);
      }
    }
  }

  /** Inspects an ApiVersions response, whose edited form may be cached. */
  Result inspect(ResponseRule.Versions rule, ByteBuf in, int at, int arrived, int bytes) {
    begin(bytes);
    if (arrived < bytes) {
      return bytes > MAX_HELD_BYTES ? tooLarge() : hold(bytes);
    }
    ApiVersionsEdit versions = rule.edit();
    ByteBuf from = in.slice(at + HEADER_BYTES, bytes - HEADER_BYTES);
    ByteBuf known = versions.cached(from);
    if (known == null) {
      walker.start(versions.program(from), HEADER_BYTES - LENGTH_BYTES, bytes - LENGTH_BYTES);
      Result walked = walk(versions.begin(), in, at + HEADER_BYTES, at + bytes);
      if (walked != Result.FORWARD) {
        return walked;
      }
      known = Unpooled.buffer(bytes - HEADER_BYTES + Math.max(0, edits.growth()));
      edits.write(in, at + LENGTH_BYTES, HEADER_BYTES - LENGTH_BYTES, bytes - LENGTH_BYTES, known);
      versions.cache(from, known);
    }
    cachedBody = known;
    inspected = bytes;
    return Result.FORWARD_EDITED;
  }

  /**
   * Writes a whole response, edited, to the client. Takes ownership.
   *
   * @return false if it cannot be edited; then nothing is written
   * @throws io.gatehouse.wire.MalformedMessage if it is not a response of this kind
   */
  boolean write(ResponseRule rule, ByteBuf frame) {
    try {
      int at = frame.readerIndex();
      int bytes = frame.readableBytes();
      Result result =
          switch (rule) {
            case ResponseRule.Edit edit -> inspect(edit, frame, at, bytes, bytes);
            case ResponseRule.Versions versions -> inspect(versions, frame, at, bytes, bytes);
            default -> {
              begin(bytes);
              yield Result.FORWARD;
            }
          };
      if (result == Result.REPLACE_WITH_ERROR) {
        return false;
      }
      if (watching) {
        watch(frame, at + inspected, at + bytes);
      }
      int left = at;
      if (result == Result.FORWARD_EDITED) {
        write(frame, at);
        left += inspected;
      }
      client.writeOwn(frame.retainedSlice(left, at + bytes - left));
      return true;
    } finally {
      frame.release();
    }
  }

  /** Writes the inspected bytes, edited, to the client. */
  void write(ByteBuf in, int at) {
    if (cachedBody.isReadable()) {
      ByteBuf own = client.buffer(HEADER_BYTES + cachedBody.readableBytes());
      own.writeInt(HEADER_BYTES - LENGTH_BYTES + cachedBody.readableBytes())
          .writeInt(in.getInt(at + LENGTH_BYTES));
      own.writeBytes(cachedBody, cachedBody.readerIndex(), cachedBody.readableBytes());
      client.writeOwn(own);
      cachedBody = Unpooled.EMPTY_BUFFER;
      return;
    }
    int growth = edits.growth();
    Pieces pieces =
        new Pieces(in, at + LENGTH_BYTES, Math.min(inspected + growth, UNCHARGED_BYTES));
    pieces.own.writeInt(frameBytes - LENGTH_BYTES + growth);
    edits.apply(0, inspected - LENGTH_BYTES, pieces);
    client.writeOwn(pieces.own);
    edits.clear();
  }

  /** Writes the parts of an edited response: copies short ones and sends long ones as slices. */
  private final class Pieces implements Edits.Pieces {

    private final ByteBuf in;
    private final int zero;
    private ByteBuf own;

    /**
     * @param zero index in {@code in} of position 0 of the response
     */
    Pieces(ByteBuf in, int zero, int bytes) {
      this.in = in;
      this.zero = zero;
      this.own = client.buffer(bytes);
    }

    @Override
    public void kept(int from, int to) {
      if (to - from < MIN_SLICE_BYTES) {
        own.writeBytes(in, zero + from, to - from);
        return;
      }
      client.writeOwn(own);
      client.write(in.retainedSlice(zero + from, to - from));
      own = client.buffer(MIN_SLICE_BYTES);
    }

    @Override
    public void edited(byte[] bytes, int from, int length) {
      own.writeBytes(bytes, from, length);
    }
  }

  /**
   * Walks bytes before they are forwarded: reports error codes and overwrites addresses.
   *
   * @throws io.gatehouse.wire.MalformedMessage if they are not part of a response of this kind
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
            if (topics != null) {
              topics.onErrorCode(walker);
            }
            onErrorCode(walker);
          } else if (walker.kind() == FieldKind.TOPIC_ID && topics != null) {
            topics.onTopicId(walker);
          } else if (addresses != null) {
            addresses.blankAddresses(walker);
          }
        }
      }
    }
  }

  /** Reports an error code, and overwrites it if the client needs another one. */
  void onErrorCode(Walker from) {
    errorCode.accept((int) from.number());
    if (addresses != null) {
      addresses.tellError(from);
    }
  }

  /** Begins a response whose names another walk translates; see {@link #onErrorCode}. */
  void beginRenaming(Program program, int bytes) {
    var _ = begin(program, null, bytes);
  }

  private AddressRewriter begin(Program program, Plan.@Nullable Sight sight, int bytes) {
    begin(bytes);
    AddressRewriter rewriter =
        addresses == null ? new AddressRewriter(context, client, program) : addresses;
    topics = null;
    if (sight == null) {
      rewriter.begin(program, null, null);
    } else {
      topics = new FetchedTopics();
      topics.begin(sight.names(), sight.restricted(), context.caller().rights());
      rewriter.begin(program, sight.names(), topics);
    }
    addresses = rewriter;
    return rewriter;
  }

  private void begin(int bytes) {
    frameBytes = bytes;
    watching = false;
    granted = UNCHARGED_BYTES;
    cachedBody = Unpooled.EMPTY_BUFFER;
    if (hasEdits) {
      hasEdits = false;
      edits.clear();
    }
  }

  /** Streams the response while walking it. */
  private Result pass(Program program, boolean overwrites) {
    if (overwrites) {
      walker.startNeutralising(program, HEADER_BYTES - LENGTH_BYTES, frameBytes - LENGTH_BYTES);
    } else {
      walker.start(program, HEADER_BYTES - LENGTH_BYTES, frameBytes - LENGTH_BYTES);
    }
    watching = true;
    inspected = HEADER_BYTES;
    return Result.FORWARD;
  }

  /**
   * Walks the bytes that have arrived.
   *
   * @return FORWARD if no field that may be edited can follow, HOLD if one can
   */
  private Result walk(ResponseEdit edit, ByteBuf in, int from, int to) {
    walker.feed(in, from, to);
    while (true) {
      Walker.Step step = walker.next();
      if (step == Walker.Step.MORE) {
        return walker.isPastEdits() ? Result.FORWARD : Result.HOLD;
      }
      if (step == Walker.Step.FINISHED) {
        return Result.FORWARD;
      }
      if (edit.onStep(step, walker, edits)) {
        hasEdits = true;
        if (!mayHold(edits.heldBytes() + edit.heldBytes())) {
          return replaceWithError(
              RefusalReason.MEMORY_SPENT, "edits of a response of " + frameBytes + " bytes");
        }
      }
      if (walker.isPastEdits()) {
        return Result.FORWARD;
      }
    }
  }

  /** Whether the budget allows so many bytes of edits. */
  private boolean mayHold(long edited) {
    if (edited > granted) {
      long more = Math.max(edited - granted, UNCHARGED_BYTES);
      if (!memory.reserveUrgent(more)) {
        return false;
      }
      granted += more;
    }
    return true;
  }

  /** Not enough has arrived to know the length of the edited response. */
  private Result hold(Program program, int arrived) {
    if (!program.mayStream()) {
      return arrived >= MAX_HELD_BYTES
          ? tooLarge()
          : hold(
              Math.min(
                  Math.min(frameBytes, MAX_HELD_BYTES), Math.max(UNCHARGED_BYTES, 4 * arrived)));
    }
    if (frameBytes > UNCHARGED_BYTES && !memory.reserve(frameBytes)) {
      return pass(program, true);
    }
    needed = frameBytes;
    return Result.HOLD;
  }

  private Result hold(int bytes) {
    if (bytes > UNCHARGED_BYTES && !memory.reserveUrgent(bytes)) {
      return replaceWithError(
          RefusalReason.MEMORY_SPENT, bytes + " bytes of a response must be held");
    }
    needed = bytes;
    return Result.HOLD;
  }

  private Result tooLarge() {
    return replaceWithError(RefusalReason.RESPONSE_TOO_LARGE, frameBytes + " bytes");
  }

  private Result replaceWithError(RefusalReason reason, String detail) {
    refusalReason = reason;
    refusalDetail = detail;
    return Result.REPLACE_WITH_ERROR;
  }
}
