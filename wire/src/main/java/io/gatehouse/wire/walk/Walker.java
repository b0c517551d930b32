package io.gatehouse.wire.walk;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Program} over the bytes of one message as they come.
 *
 * <pre>
 *   walker.start(program, position, end);
 *   walker.feed(chunk, from, to);                 // again with each chunk
 *   while ((step = walker.next()) == FIELD) ...   // kind(), number(), text(), start(), stop()
 *   // ELEMENT_BEGIN and the like where the program tells of more than fields
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
    /** An element of an array that is told of ({@link Outline}) begins. */
    ELEMENT_BEGIN,
    /** It ends: {@link #start} is its first byte. */
    ELEMENT_END,
    /** An array that is told of ends, null or empty though it may be. */
    ARRAY_END,
    /** A struct that is told of begins; a null one is a single byte (int8 -1). */
    STRUCT_BEGIN,
    /** It ends: {@link #start} is its first byte. */
    STRUCT_END,
    /** Nothing of interest can follow; the rest of the frame needs no look. */
    FINISHED
  }

  private static final FieldKind[] KINDS = FieldKind.values();
  private static final int ERROR_MESSAGE = FieldKind.ERROR_MESSAGE.ordinal();

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

  private final OutlineStack outline = new OutlineStack();
  private final ValueReader value = new ValueReader(in);

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
    outline.start(newProgram.depths.outlined());
    value.start(newProgram);
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
    in.fill(value.valueIndex, value.valueLength, ' ');
  }

  /** Gives the next bytes: {@code chunk[from, to)}, which must not reach past the message. */
  public void feed(ByteBuf newChunk, int from, int to) {
    if (to - from > end - in.position) {
      throw new IllegalArgumentException("the chunk reaches past the end of the message");
    }
    in.feed(newChunk, from, to);
  }

  /**
   * Walks on to what is to be told of next, or to the end of what was fed.
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
          value.kind = KINDS[fixedKind];
          return told(Step.FIELD, in.position - width);
        }
        case Program.STRING, Program.COMPACT_STRING -> {
          int asked = blankNext ? ProgramCompiler.NO_KIND : code[pc + 1];
          boolean cutSkipped = neutralise && asked == ERROR_MESSAGE;
          if (!value.string(
              code[pc] == Program.COMPACT_STRING,
              asked != ProgramCompiler.NO_KIND,
              cutSkipped, // its beginning leaves before its end comes: to be blanked
              tags.bound(end))) {
            return more();
          }
          pc += 2;
          skip = value.skip;
          boolean blank = blankNext || asked != ProgramCompiler.NO_KIND;
          filler = blank && skip > 0 ? ' ' : ChunkReader.KEEP;
          blankNext = false;
          if (asked != ProgramCompiler.NO_KIND && skip == 0) {
            value.kind = KINDS[asked];
            return Step.FIELD;
          }
        }
        case Program.BYTES, Program.COMPACT_BYTES -> {
          int asked = code[pc + 1];
          if (!value.bytes(code[pc] == Program.COMPACT_BYTES, tags.bound(end))) {
            return more();
          }
          pc += 2;
          skip = value.skip;
          if (asked != ProgramCompiler.NO_KIND) {
            value.kind = KINDS[asked];
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
        case Program.LEAVE -> {
          outline.depth--;
          pc++;
        }
        case Program.BEGIN -> {
          int form = code[pc + 2];
          outline.enter(code[pc + 1], form, in.position);
          pc += 3;
          if (form == OutlineStack.STRUCT) {
            return told(Step.STRUCT_BEGIN, in.position);
          }
        }
        case Program.ELEMENT -> {
          outline.element(in.position, loopLeft[loops - 1]);
          pc++;
          return told(Step.ELEMENT_BEGIN, in.position);
        }
        case Program.ELEMENT_END -> {
          pc++;
          return told(Step.ELEMENT_END, outline.element[outline.top()]);
        }
        case Program.ALL_END -> {
          pc++;
          outline.end(in.position);
          int top = outline.top();
          boolean struct = outline.form[top] == OutlineStack.STRUCT;
          return told(struct ? Step.STRUCT_END : Step.ARRAY_END, outline.start[top]);
        }
        default -> {
          return Step.FINISHED;
        }
      }
    }
  }

  /** Whether nothing can follow any more that may be replaced, see {@link Program#isEdited}. */
  public boolean isPastEdits() {
    return pc >= programOrThrow().editedEnd();
  }

  /** How far the walk has come, in bytes from the first byte after the frame's length. */
  public int position() {
    return in.position;
  }

  /** The kind of the field found last. */
  public FieldKind kind() {
    return value.kind;
  }

  /**
   * Position of the first byte of what was told of last: of a field or an array its length
   * included, of a struct the marker that says whether it is null.
   */
  public int start() {
    return value.start;
  }

  /** Position behind the last byte of it. */
  public int stop() {
    return value.start + value.length;
  }

  /** The path of the array or struct that was told of last, as {@link Outline} gets it. */
  public String path() {
    return programOrThrow().outlined(outline.id[outline.top()]);
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
    return value.valueLength < 0;
  }

  /** Length in bytes of a string's or bytes field's value, -1 for null. */
  public int valueLength() {
    return value.valueLength;
  }

  /** The value of a string field. Valid until the next call of {@link #next()}. */
  public String text() {
    return value.text();
  }

  /** The tagged sections that enclose the last field. */
  TagStack tags() {
    return tags;
  }

  /** The arrays and structs that are told of and enclose the last step. */
  OutlineStack outline() {
    return outline;
  }

  /** Says that a step was come upon that reaches from {@code from} to where the walk is now. */
  private Step told(Step step, int from) {
    value.start = from;
    value.length = in.position - from;
    return step;
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
    return programOrThrow().malformed(what, in.position);
  }

  private Program programOrThrow() {
    if (program == null) {
      throw new IllegalStateException("start() was not called");
    }
    return program;
  }
}
