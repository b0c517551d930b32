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

  /** What stands for a neutralised tag: a number that no message of Kafka uses. */
  private static final int NEUTRAL_TAG = 127;

  private static final FieldKind[] KINDS = FieldKind.values();

  private @Nullable Program program;
  private int[] code = {Program.END};
  private boolean neutralise;

  // Where the walk is: in the frame, in the chunk, in the program.
  private int position;
  private int end;
  private @Nullable ByteBuf chunk;
  private int index;
  private int limit;
  private int pc;

  /** How far an instruction got before its chunk ended. */
  private int stage;

  private long skip;
  private boolean zeroing;

  // A number of which only some bytes have come.
  private long partial;
  private int partialBytes;

  // Arrays being walked, innermost last.
  private int[] loopLeft = {};
  private int[] loopBody = {};
  private int loops;

  // Tagged sections being walked, innermost last.
  private int[] tagsLeft = {};
  private int[] tagPc = {};
  private int[] tagSizeAt = {};
  private int[] tagSizeStop = {};
  private int[] tagSize = {};
  private int tags;
  private int currentTag;

  // The field found last.
  private FieldKind kind = FieldKind.NONE;
  private int start;
  private int length;
  private long number;
  private long numberHigh;
  private int valueIndex;
  private boolean gathered;
  private byte[] scratch = {};
  private int scratchLength;

  /** Begins a message whose body stands at {@code position} and stops before {@code end}. */
  public void start(Program newProgram, int newPosition, int newEnd) {
    program = newProgram;
    code = newProgram.code;
    neutralise = false;
    position = newPosition;
    end = newEnd;
    pc = 0;
    stage = 0;
    skip = 0;
    zeroing = false;
    partial = 0;
    partialBytes = 0;
    loops = 0;
    tags = 0;
    if (loopLeft.length < newProgram.depths.arrays()) {
      loopLeft = new int[newProgram.depths.arrays()];
      loopBody = new int[newProgram.depths.arrays()];
    }
    if (tagsLeft.length < newProgram.depths.tags()) {
      int depth = newProgram.depths.tags();
      tagsLeft = new int[depth];
      tagPc = new int[depth];
      tagSizeAt = new int[depth];
      tagSizeStop = new int[depth];
      tagSize = new int[depth];
    }
  }

  /**
   * Like {@link #start}, and every tagged field that holds addresses is overwritten in the chunks
   * fed: its tag becomes an unknown one, its content zeros, its length stays.
   */
  public void startNeutralising(Program newProgram, int newPosition, int newEnd) {
    start(newProgram, newPosition, newEnd);
    neutralise = true;
  }

  /** Gives the next bytes: {@code chunk[from, to)}, which must not reach past the message. */
  public void feed(ByteBuf newChunk, int from, int to) {
    if (to - from > end - position) {
      throw new IllegalArgumentException("the chunk reaches past the end of the message");
    }
    chunk = newChunk;
    index = from;
    limit = to;
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
      if (pc == interestEnd) {
        return Step.FINISHED;
      }
      switch (code[pc]) {
        case Program.SKIP -> {
          skipBytes(code[pc + 1]);
          pc += 2;
        }
        case Program.FIXED -> {
          if (!readFixed(code[pc + 2])) {
            return more();
          }
          int width = code[pc + 2];
          int fixedKind = code[pc + 1];
          pc += 3;
          return found(fixedKind, position - width, width);
        }
        case Program.STRING, Program.COMPACT_STRING -> {
          int asked = code[pc + 1];
          if (!string(code[pc] == Program.COMPACT_STRING, asked)) {
            return more();
          }
          pc += 2;
          stage = 0;
          if (asked != ProgramCompiler.NO_KIND) {
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
          if (!readFixed(1)) {
            return more();
          }
          pc = number < 0 ? code[pc + 1] : pc + 2;
        }
        case Program.TAGS -> {
          if (!tags()) {
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

  /** Whether no host or port can follow any more. */
  public boolean isPastAddresses() {
    return pc >= programOrThrow().addressEnd();
  }

  /** How far the walk has come, in bytes from the first byte after the frame's length. */
  public int position() {
    return position;
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
    return number;
  }

  /** The high half of a UUID. */
  public long numberHigh() {
    return numberHigh;
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
        : chunkOrThrow().toString(valueIndex, scratchLength, StandardCharsets.UTF_8);
  }

  int enclosingTags() {
    return tags;
  }

  int tagSizeStart(int depth) {
    return tagSizeAt[depth];
  }

  int tagSizeStop(int depth) {
    return tagSizeStop[depth];
  }

  int tagSize(int depth) {
    return tagSize[depth];
  }

  private Step found(int foundKind, int at, int bytes) {
    kind = KINDS[foundKind];
    start = at;
    length = bytes;
    return Step.FIELD;
  }

  private Step more() {
    if (position >= end) {
      throw malformed("the message ends early");
    }
    return Step.MORE;
  }

  /** Where the innermost enclosing tag or the message ends. */
  private int bound() {
    return tags == 0 || tagSize[tags - 1] < 0 ? outerBound() : tagEnd(tags - 1);
  }

  private int outerBound() {
    for (int depth = tags - 2; depth >= 0; depth--) {
      if (tagSize[depth] >= 0) {
        return tagEnd(depth);
      }
    }
    return end;
  }

  private int tagEnd(int depth) {
    return tagSizeStop[depth] + tagSize[depth];
  }

  private void skipBytes(long bytes) {
    if (bytes > bound() - position) {
      throw malformed("a field of " + bytes + " bytes reaches past the end");
    }
    skip = bytes;
  }

  private boolean skipOn() {
    int bytes = (int) Math.min(skip, limit - index);
    if (zeroing) {
      chunkOrThrow().setZero(index, bytes);
    }
    advance(bytes);
    skip -= bytes;
    if (skip > 0) {
      return false;
    }
    zeroing = false;
    return true;
  }

  private void advance(int bytes) {
    index += bytes;
    position += bytes;
  }

  /** Reads a big-endian number into {@link #number}; false when its bytes have not all come. */
  private boolean readFixed(int width) {
    ByteBuf bytes = chunkOrThrow();
    if (partialBytes == 0 && limit - index >= width) {
      switch (width) {
        case 1 -> number = bytes.getByte(index);
        case 2 -> number = bytes.getShort(index);
        case 4 -> number = bytes.getInt(index);
        case 8 -> number = bytes.getLong(index);
        default -> {
          numberHigh = bytes.getLong(index);
          number = bytes.getLong(index + 8);
        }
      }
      advance(width);
      return true;
    }
    while (partialBytes < width) {
      if (index == limit) {
        return false;
      }
      if (partialBytes == 8) {
        numberHigh = partial;
        partial = 0;
      }
      partial = (partial << 8) | (bytes.getByte(index) & 0xff);
      partialBytes++;
      advance(1);
    }
    int unused = Long.SIZE - 8 * Math.min(width, 8);
    number = partial << unused >> unused;
    partial = 0;
    partialBytes = 0;
    return true;
  }

  /** Reads an unsigned varint into {@link #number}; false when its bytes have not all come. */
  private boolean readVarint() {
    while (index < limit) {
      int read = chunkOrThrow().getByte(index);
      advance(1);
      if (partialBytes == 4 && (read & 0xf0) != 0) {
        throw malformed("a varint is longer than 32 bits");
      }
      partial |= ((long) (read & 0x7f)) << (7 * partialBytes);
      partialBytes++;
      if (read >= 0) {
        number = partial;
        partial = 0;
        partialBytes = 0;
        return true;
      }
    }
    return false;
  }

  /** Reads a length, -1 for null, into {@link #number}; {@code width} is 0 for a varint. */
  private boolean readLength(int width) {
    int startOfRead = position - partialBytes;
    if (!(width == 0 ? readVarint() : readFixed(width))) {
      return false;
    }
    start = startOfRead;
    if (width == 0) {
      number--;
    }
    if (number < -1) {
      throw malformed("a length of " + number);
    }
    if (number > bound() - position) {
      throw malformed("a length of " + number + " reaches past the end");
    }
    return true;
  }

  private boolean string(boolean compact, int asked) {
    if (stage == 0) {
      if (!readLength(compact ? 0 : 2)) {
        return false;
      }
      scratchLength = (int) number;
      length = position - start + Math.max(scratchLength, 0);
      gathered = false;
      if (asked == ProgramCompiler.NO_KIND || scratchLength <= 0) {
        valueIndex = index;
        skip = Math.max(scratchLength, 0);
        return true;
      }
      if (scratchLength > LONGEST_STRING) {
        throw malformed("a string of " + scratchLength + " bytes");
      }
      if (limit - index >= scratchLength) {
        valueIndex = index;
        advance(scratchLength);
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
    int bytes = Math.min(scratchLength - have, limit - index);
    if (scratch.length < have + bytes) {
      scratch = Arrays.copyOf(scratch, Math.min(LONGEST_STRING, 2 * (have + bytes)));
    }
    chunkOrThrow().getBytes(index, scratch, have, bytes);
    advance(bytes);
    stage += bytes;
    return stage - 1 == scratchLength;
  }

  private boolean bytes(boolean compact) {
    if (!readLength(compact ? 0 : 4)) {
      return false;
    }
    scratchLength = (int) number;
    length = position - start + Math.max(scratchLength, 0);
    skip = Math.max(scratchLength, 0);
    return true;
  }

  private boolean array(boolean compact) {
    if (!(compact ? readVarint() : readFixed(4))) {
      return false;
    }
    long count = compact ? number - 1 : number;
    if (count < -1) {
      throw malformed("an array of " + count + " elements");
    }
    if (count * code[pc + 1] > bound() - position) {
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

  private boolean tags() {
    switch (stage) {
      case 0 -> { // how many
        if (!readVarint()) {
          return false;
        }
        if (number > (bound() - position) / 2) {
          throw malformed("a section of " + number + " tagged fields reaches past the end");
        }
        tagsLeft[tags] = (int) number;
        tagPc[tags] = pc;
        tagSize[tags] = -1;
        tags++;
        stage = 1;
      }
      case 1 -> { // which
        if (tagsLeft[tags - 1] == 0) {
          tags--;
          int known = code[pc + 1];
          pc = known == 0 ? pc + 2 : code[pc + 2 + 3 * known];
          stage = 0;
          return true;
        }
        int first = index;
        boolean cut = partialBytes > 0;
        if (!readVarint()) {
          return false;
        }
        tagsLeft[tags - 1]--;
        currentTag = entryOf(number);
        if (currentTag >= 0 && neutralise && code[currentTag + 2] == 1) {
          if (cut || index - first != 1) {
            throw malformed("an overlong tag number");
          }
          chunkOrThrow().setByte(first, NEUTRAL_TAG);
          zeroing = true;
        }
        tagSizeAt[tags - 1] = position;
        stage = 2;
      }
      default -> { // how long
        if (!readVarint()) {
          return false;
        }
        if (number > bound() - position) {
          throw malformed("a tagged field of " + number + " bytes reaches past the end");
        }
        stage = 1;
        if (currentTag < 0 || zeroing) {
          skip = number;
          if (number == 0) {
            zeroing = false;
          }
          return true;
        }
        tagSizeStop[tags - 1] = position;
        tagSize[tags - 1] = (int) number;
        pc = code[currentTag + 1];
        stage = 0;
      }
    }
    return true;
  }

  /** Where the table of the section at {@link #pc} names a tag, or -1. */
  private int entryOf(long tag) {
    int known = code[pc + 1];
    for (int i = 0; i < known; i++) {
      int entry = pc + 2 + 3 * i;
      if (code[entry] == tag) {
        return entry;
      }
    }
    return -1;
  }

  private void endOfTag() {
    int left = tagEnd(tags - 1) - position;
    tagSize[tags - 1] = -1;
    if (left < 0) {
      throw malformed("a tagged field is longer than it says");
    }
    skip = left;
    pc = tagPc[tags - 1];
    stage = 1;
  }

  private MalformedMessage malformed(String what) {
    return new MalformedMessage(programOrThrow() + ": " + what, position);
  }

  private Program programOrThrow() {
    if (program == null) {
      throw new IllegalStateException("start() was not called");
    }
    return program;
  }

  private ByteBuf chunkOrThrow() {
    if (chunk == null) {
      throw new IllegalStateException("feed() was not called");
    }
    return chunk;
  }
}
