package io.gatehouse.wire.walk;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Program} over the bytes of one message as they arrive.
 *
 * <pre>
 *   walker.start(program, position, end);
 *   walker.feed(chunk, from, to);                 // again with each chunk
 *   while ((step = walker.next()) == FIELD) ...   // kind(), number(), text(), start(), stop()
 *   // ELEMENT_BEGIN and the like if the program has an outline
 *   // MORE: feed the next chunk; FINISHED: nothing of interest follows
 * </pre>
 *
 * <p>Positions count from the first byte after the frame's length. A walker does not use a chunk
 * after the {@link #next()} calls that follow its {@link #feed}. Not thread-safe; reusable.
 */
public final class Walker {

  /** The result of {@link #next()}. */
  public enum Step {
    /** The whole chunk is walked. */
    MORE,
    /** A field of interest. */
    FIELD,
    /** The beginning of an element of an outlined array ({@link Outline}). */
    ELEMENT_BEGIN,
    /** The end of the element that begins at {@link #start}. */
    ELEMENT_END,
    /** The end of an outlined array, which may be null or empty. */
    ARRAY_END,
    /** The beginning of an outlined struct; a null one is a single byte (int8 -1). */
    STRUCT_BEGIN,
    /** The end of the struct that begins at {@link #start}. */
    STRUCT_END,
    /** Nothing of interest can follow; the rest of the frame need not be fed. */
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

  /** The progress within an instruction whose chunk ended. */
  private int stage;

  private long skip;

  /** The filler for skipped bytes, or {@link ChunkReader#KEEP}. */
  private int filler = ChunkReader.KEEP;

  private boolean blankNext;

  private final NeutralTail neutralTail = new NeutralTail();

  // The current arrays, innermost last.
  private int[] loopLeft = {};
  private int[] loopBody = {};
  private int loops;

  private final TagStack tags = new TagStack();
  private int currentTag;

  private final OutlineStack outline = new OutlineStack();
  private final ValueReader value = new ValueReader(in);

  /** Begins a message whose body is at {@code position} up to {@code end}. */
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
   * Like {@link #start}, but overwrites the addresses at the end of the message in the chunks,
   * without changing its length. A tagged field gets an unknown tag and zeros as its content; an
   * array becomes empty, followed by one unknown tagged field of zeros up to the end. An error
   * message of interest that continues in the next chunk becomes blanks and is not reported.
   */
  public void startNeutralising(Program newProgram, int newPosition, int newEnd) {
    start(newProgram, newPosition, newEnd);
    neutralise = true;
  }

  /** Overwrites the next string with spaces instead of reporting it. */
  public void blankNextString() {
    blankNext = true;
  }

  /** Overwrites the error message that was just reported with spaces. */
  public void blankMessage() {
    in.fill(value.valueIndex, value.valueLength, ' ');
  }

  /** Overwrites the int32 that was just reported, which must be in the current chunk. */
  public void setInt(int number) {
    in.chunk().setInt(in.index - Integer.BYTES, number);
  }

  /** The same for an eight-byte integer. */
  public void setLong(long number) {
    in.chunk().setLong(in.index - Long.BYTES, number);
  }

  /** The same for a UUID. */
  public void setUuid(long high, long low) {
    in.chunk().setLong(in.index - 2 * Long.BYTES, high);
    in.chunk().setLong(in.index - Long.BYTES, low);
  }

  /** Overwrites the lowest byte of the integer that was just reported. */
  public void setLowByte(int number) {
    in.chunk().setByte(in.index - 1, number);
  }

  /** Feeds the next bytes, {@code chunk[from, to)}, not beyond the message. */
  public void feed(ByteBuf newChunk, int from, int to) {
    if (to - from > end - in.position) {
      throw new IllegalArgumentException("the chunk reaches past the end of the message");
    }
    in.feed(newChunk, from, to);
  }

  /**
   * Walks to the next thing to report, or to the end of the chunk.
   *
   * @throws MalformedMessage when the bytes are not a message of the program's kind
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
              cutSkipped, // its beginning is sent before its end arrives, so it is blanked
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

  /** Whether nothing that may be replaced can follow, see {@link Program#isEdited}. */
  public boolean isPastEdits() {
    return pc >= programOrThrow().editedEnd();
  }

  /** The current position, in bytes from the first byte after the frame's length. */
  public int position() {
    return in.position;
  }

  /** The kind of the last field. */
  public FieldKind kind() {
    return value.kind;
  }

  /** Position of what was reported last, with its length or the null marker of a struct. */
  public int start() {
    return value.start;
  }

  /** Position after the last byte of what was reported last. */
  public int stop() {
    return value.start + value.length;
  }

  /** Position of the element count of the outlined array whose element begins. */
  public int arrayStart() {
    return outline.start[outline.top()];
  }

  /** The number of elements of the outlined array of the last step; 0 for null. */
  public int arrayCount() {
    return outline.count[outline.top()];
  }

  /** How many of the last bytes belong to a number or string of interest that is incomplete. */
  public int partialBytes() {
    return value.isPartial() ? in.position - value.start : in.partialBytes;
  }

  /** The path of the last reported array or struct, as {@link Outline} gets it. */
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

  /** The tagged sections around the last field. */
  TagStack tags() {
    return tags;
  }

  /** The outlined arrays and structs around the last step. */
  OutlineStack outline() {
    return outline;
  }

  /** Reports a step that spans from {@code from} to the current position. */
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
      case 0 -> { // the number of fields
        if (!in.readVarint()) {
          return false;
        }
        if (in.number > (tags.bound(end) - in.position) / 2) {
          throw malformed("a section of " + in.number + " tagged fields reaches past the end");
        }
        tags.enter(pc, (int) in.number);
        stage = 1;
      }
      case 1 -> { // the tag
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
      default -> { // the size
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
