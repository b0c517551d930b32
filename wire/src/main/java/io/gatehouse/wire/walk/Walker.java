package io.gatehouse.wire.walk;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Program} over the bytes of one message as they come.
 *
 * <pre>
 *   walker.start(program, position, end);
 *   walker.feed(chunk, from, to);                 // again with each chunk
 *   while ((step = walker.next()) == FIELD) ...   // kind(), number(), text(), start(), stop()
 *   // MORE: feed the next chunk; FINISHED: nothing of interest follows
 * </pre>
 *
 * Positions count from the first byte after the frame's length. A walker holds no reference to a
 * chunk beyond the {@link #next()} calls that follow its {@link #feed}. Not thread-safe; reusable.
 */
public final class Walker {

  /** What {@link #next()} came upon. */
  public enum Step {
    /** All bytes fed are walked. */
    MORE,
    /** A field of interest. */
    FIELD,
    /** No field of interest can follow; the rest of the frame needs no look. */
    FINISHED
  }

  /** Kafka's longest string: the length of the older form is an int16. */
  private static final int LONGEST_STRING = Short.MAX_VALUE;

  private static final FieldKind[] KINDS = FieldKind.values();

  private @Nullable Program program;
  private int[] code = {Program.END};
  private boolean neutralise;

  private final ChunkReader in = new ChunkReader();
  private int end;
  private int pc;

  /** How far an instruction got before its chunk ended. */
  private int stage;

  private long skip;

  /** What the bytes that are skipped are overwritten with, or {@link ChunkReader#KEEP}. */
  private int filler = ChunkReader.KEEP;

  private boolean blankNext;

  private final NeutralTail neutralTail = new NeutralTail();

  // Arrays being walked, innermost last.
  private int[] loopLeft = {};
  private int[] loopBody = {};
  private int loops;

  private final TagStack tags = new TagStack();
  private int currentTag;

  // The field found last.
  private FieldKind kind = FieldKind.NONE;
  private int start;
  private int length;
  private int valueIndex;
  private boolean gathered;
  private byte[] scratch = {};
  private int scratchLength;

  /** Begins a message whose body stands at {@code position} and stops before {@code end}. */
  public void start(Program newProgram, int newPosition, int newEnd) {
    program = newProgram;
    code = newProgram.code;
    neutralise = false;
    in.start(newPosition);
    end = newEnd;
    pc = 0;
    stage = 0;
    skip = 0;
    filler = ChunkReader.KEEP;
    blankNext = false;
    neutralTail.start();
    loops = 0;
    tags.start(newProgram.depths.tags());
    if (loopLeft.length < newProgram.depths.arrays()) {
      loopLeft = new int[newProgram.depths.arrays()];
      loopBody = new int[newProgram.depths.arrays()];
    }
  }

  /**
   * Like {@link #start}, and what holds addresses at the end of the message is overwritten in the
   * chunks fed, its length kept. A tagged field gets an unknown tag and zeros as its content; an
   * array becomes an empty one, followed by one unknown tagged field of zeros up to the end. An
   * error message, if they are of interest, that is cut by the end of a chunk becomes blanks and is
   * not reported.
   */
  public void startNeutralising(Program newProgram, int newPosition, int newEnd) {
    start(newProgram, newPosition, newEnd);
    neutralise = true;
  }

  /** Has the next string overwritten with spaces in the chunks fed; it is not reported then. */
  public void blankNextString() {
    blankNext = true;
  }

  /** Overwrites the error message that was just reported while neutralising with spaces. */
  public void blankMessage() {
    in.fill(valueIndex, scratchLength, ' ');
  }

  /** Gives the next bytes: {@code chunk[from, to)}, which must not reach past the message. */
  public void feed(ByteBuf newChunk, int from, int to) {
    if (to - from > end - in.position) {
      throw new IllegalArgumentException("the chunk reaches past the end of the message");
    }
    in.feed(newChunk, from, to);
  }

  /**
   * Walks on to the next field of interest, or to the end of what was fed.
   *
   * @throws MalformedMessage when the bytes are no message of the program's kind
   */
  public Step next() {
    int interestEnd = programOrThrow().interestEnd();
    while (true) {
      if (skip > 0 && !skipOn()) {
        return more();
      }
      if (neutralTail.isBegun()) {
        return neutralTail.overwrite(in, end) ? Step.FINISHED : Step.MORE;
      }
      if (pc == interestEnd) {
        return Step.FINISHED;
      }
      switch (code[pc]) {
        case Program.SKIP -> {
          skipBytes(code[pc + 1]);
          pc += 2;
        }
        case Program.FIXED -> {
          if (!in.readFixed(code[pc + 2])) {
            return more();
          }
          int width = code[pc + 2];
          int fixedKind = code[pc + 1];
          pc += 3;
          return found(fixedKind, in.position - width, width);
        }
        case Program.STRING, Program.COMPACT_STRING -> {
          int asked = blankNext ? ProgramCompiler.NO_KIND : code[pc + 1];
          if (!string(code[pc] == Program.COMPACT_STRING, asked)) {
            return more();
          }
          pc += 2;
          stage = 0;
          boolean blank = blankNext || asked != ProgramCompiler.NO_KIND;
          filler = blank && skip > 0 ? ' ' : ChunkReader.KEEP;
          blankNext = false;
          if (asked != ProgramCompiler.NO_KIND && skip == 0) {
            kind = KINDS[asked];
            return Step.FIELD;
          }
        }
        case Program.BYTES, Program.COMPACT_BYTES -> {
          int asked = code[pc + 1];
          if (!bytes(code[pc] == Program.COMPACT_BYTES)) {
            return more();
          }
          pc += 2;
          stage = 0;
          if (asked != ProgramCompiler.NO_KIND) {
            kind = KINDS[asked];
            return Step.FIELD;
          }
        }
        case Program.ARRAY, Program.COMPACT_ARRAY -> {
          if (!array(code[pc] == Program.COMPACT_ARRAY)) {
            return more();
          }
        }
        case Program.LOOP -> {
          if (--loopLeft[loops - 1] > 0) {
            pc = loopBody[loops - 1];
          } else {
            loops--;
            pc++;
          }
        }
        case Program.NULLABLE -> {
          if (!in.readFixed(1)) {
            return more();
          }
          pc = in.number < 0 ? code[pc + 1] : pc + 2;
        }
        case Program.TAGS -> {
          if (!walkTags()) {
            return more();
          }
        }
        case Program.RETURN -> endOfTag();
        default -> {
          return Step.FINISHED;
        }
      }
    }
  }

  /**
   * Whether nothing can follow any more that may be replaced: no host or port, no error message.
   */
  public boolean isPastAddresses() {
    return pc >= programOrThrow().mendedEnd();
  }

  /** How far the walk has come, in bytes from the first byte after the frame's length. */
  public int position() {
    return in.position;
  }

  public FieldKind kind() {
    return kind;
  }

  /** Position of the field's first byte, its length prefix included. */
  public int start() {
    return start;
  }

  /** Position behind the field's last byte. */
  public int stop() {
    return start + length;
  }

  /** The value of a field of 1 to 8 bytes; the low half of a UUID. */
  public long number() {
    return in.number;
  }

  /** The high half of a UUID. */
  public long numberHigh() {
    return in.numberHigh;
  }

  /** Whether a string or bytes field is null. */
  public boolean isNull() {
    return scratchLength < 0;
  }

  /** Length in bytes of a string's or bytes field's value, -1 for null. */
  public int valueLength() {
    return scratchLength;
  }

  /** The value of a string field. Valid until the next call of {@link #next()}. */
  public String text() {
    if (isNull()) {
      throw new IllegalStateException("the string is null");
    }
    return gathered
        ? new String(scratch, 0, scratchLength, StandardCharsets.UTF_8)
        : in.chunk().toString(valueIndex, scratchLength, StandardCharsets.UTF_8);
  }

  /** The tagged sections that enclose the last field. */
  TagStack tags() {
    return tags;
  }

  private Step found(int foundKind, int at, int bytes) {
    kind = KINDS[foundKind];
    start = at;
    length = bytes;
    return Step.FIELD;
  }

  private Step more() {
    if (in.position >= end) {
      throw malformed("the message ends early");
    }
    return Step.MORE;
  }

  private void skipBytes(long bytes) {
    if (bytes > tags.bound(end) - in.position) {
      throw malformed("a field of " + bytes + " bytes reaches past the end");
    }
    skip = bytes;
  }

  private boolean skipOn() {
    int bytes = (int) Math.min(skip, in.limit - in.index);
    in.pass(bytes, filler);
    skip -= bytes;
    if (skip > 0) {
      return false;
    }
    filler = ChunkReader.KEEP;
    return true;
  }

  /** Reads a length, -1 for null, into the reader's number; {@code width} is 0 for a varint. */
  private boolean readLength(int width) {
    int startOfRead = in.position - in.partialBytes;
    if (!(width == 0 ? in.readVarint() : in.readFixed(width))) {
      return false;
    }
    start = startOfRead;
    if (width == 0) {
      in.number--;
    }
    if (in.number < -1) {
      throw malformed("a length of " + in.number);
    }
    if (in.number > tags.bound(end) - in.position) {
      throw malformed("a length of " + in.number + " reaches past the end");
    }
    return true;
  }

  private boolean string(boolean compact, int asked) {
    if (stage == 0) {
      if (!readLength(compact ? 0 : 2)) {
        return false;
      }
      scratchLength = (int) in.number;
      length = in.position - start + Math.max(scratchLength, 0);
      gathered = false;
      if (asked == ProgramCompiler.NO_KIND || scratchLength <= 0) {
        valueIndex = in.index;
        skip = Math.max(scratchLength, 0);
        return true;
      }
      if (scratchLength > LONGEST_STRING) {
        throw malformed("a string of " + scratchLength + " bytes");
      }
      if (in.limit - in.index >= scratchLength) {
        valueIndex = in.index;
        in.advance(scratchLength);
        return true;
      }
      if (neutralise && asked == FieldKind.ERROR_MESSAGE.ordinal()) {
        skip = scratchLength; // its beginning leaves before its end comes: to be blanked
        return true;
      }
      gathered = true;
      stage = 1;
    }
    return gather();
  }

  /** Collects a string that is cut by the end of a chunk; grows only with the bytes that came. */
  private boolean gather() {
    int have = stage - 1;
    int bytes = Math.min(scratchLength - have, in.limit - in.index);
    if (scratch.length < have + bytes) {
      scratch = Arrays.copyOf(scratch, Math.min(LONGEST_STRING, 2 * (have + bytes)));
    }
    in.chunk().getBytes(in.index, scratch, have, bytes);
    in.advance(bytes);
    stage += bytes;
    return stage - 1 == scratchLength;
  }

  private boolean bytes(boolean compact) {
    if (!readLength(compact ? 0 : 4)) {
      return false;
    }
    scratchLength = (int) in.number;
    length = in.position - start + Math.max(scratchLength, 0);
    skip = Math.max(scratchLength, 0);
    return true;
  }

  private boolean array(boolean compact) {
    boolean cut = in.partialBytes > 0;
    int first = in.index;
    if (!(compact ? in.readVarint() : in.readFixed(4))) {
      return false;
    }
    long count = compact ? in.number - 1 : in.number;
    if (neutralise && count > 0 && pc == programOrThrow().addressArray()) {
      if (cut || in.index - first != 1) {
        throw malformed("an array of " + count + " hints");
      }
      in.chunk().setByte(first, 1); // no elements
      if (!neutralTail.begin(in.position, end)) {
        throw malformed("hints of " + (end - in.position) + " bytes");
      }
      return true;
    }
    if (count < -1) {
      throw malformed("an array of " + count + " elements");
    }
    if (count * code[pc + 1] > tags.bound(end) - in.position) {
      throw malformed("an array of " + count + " elements reaches past the end");
    }
    int fixed = code[pc + 2];
    if (count <= 0 || fixed > 0) {
      skip = count <= 0 ? 0 : count * fixed;
      pc = code[pc + 3];
    } else {
      pc += 4;
      loopLeft[loops] = (int) count;
      loopBody[loops] = pc;
      loops++;
    }
    return true;
  }

  private boolean walkTags() {
    switch (stage) {
      case 0 -> { // how many
        if (!in.readVarint()) {
          return false;
        }
        if (in.number > (tags.bound(end) - in.position) / 2) {
          throw malformed("a section of " + in.number + " tagged fields reaches past the end");
        }
        tags.enter(pc, (int) in.number);
        stage = 1;
      }
      case 1 -> { // which
        if (tags.left[tags.top()] == 0) {
          tags.depth--;
          int known = code[pc + 1];
          pc = known == 0 ? pc + 2 : code[pc + 2 + 3 * known];
          stage = 0;
          return true;
        }
        int first = in.index;
        boolean cut = in.partialBytes > 0;
        if (!in.readVarint()) {
          return false;
        }
        tags.left[tags.top()]--;
        currentTag = programOrThrow().tagEntry(pc, in.number);
        if (currentTag >= 0 && neutralise && code[currentTag + 2] == 1) {
          if (cut || in.index - first != 1) {
            throw malformed("an overlong tag number");
          }
          in.chunk().setByte(first, NeutralTail.TAG);
          filler = 0;
        }
        tags.sizeAt[tags.top()] = in.position;
        stage = 2;
      }
      default -> { // how long
        if (!in.readVarint()) {
          return false;
        }
        if (in.number > tags.bound(end) - in.position) {
          throw malformed("a tagged field of " + in.number + " bytes reaches past the end");
        }
        stage = 1;
        if (currentTag < 0 || filler != ChunkReader.KEEP) {
          skip = in.number;
          filler = skip == 0 ? ChunkReader.KEEP : filler;
          return true;
        }
        tags.sizeStop[tags.top()] = in.position;
        tags.size[tags.top()] = (int) in.number;
        pc = code[currentTag + 1];
        stage = 0;
      }
    }
    return true;
  }

  private void endOfTag() {
    if (tags.end(tags.top()) != in.position) {
      throw malformed("a tagged field has another size than it says");
    }
    tags.size[tags.top()] = -1;
    pc = tags.pc[tags.top()];
    stage = 1;
  }

  private MalformedMessage malformed(String what) {
    return new MalformedMessage(programOrThrow() + ": " + what, in.position);
  }

  private Program programOrThrow() {
    if (program == null) {
      throw new IllegalStateException("start() was not called");
    }
    return program;
  }
}
