package io.gatehouse.wire.walk;

import io.gatehouse.wire.schema.FieldKind;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads strings and byte fields, and holds the last value. For {@link Walker}, which uses the
 * fields directly.
 */
final class ValueReader {

  /** Kafka's longest string in bytes: the non-compact length is an int16. */
  private static final int LONGEST_STRING = Short.MAX_VALUE;

  private final ChunkReader in;
  private @Nullable Program program;

  FieldKind kind = FieldKind.NONE;
  int start;
  int length;

  /** Length of the value in bytes without its length field, -1 for null. */
  int valueLength;

  /** Index of the value in the chunk, unless it was gathered from several chunks. */
  int valueIndex;

  /** How many bytes of the value are still to be skipped. */
  int skip;

  private boolean gathered;
  private byte[] scratch = {};

  /** Number of gathered bytes plus one; 0 before the length is read. */
  private int stage;

  ValueReader(ChunkReader in) {
    this.in = in;
  }

  void start(Program newProgram) {
    program = newProgram;
    stage = 0;
  }

  /**
   * Reads a string, or only its length if it is to be skipped.
   *
   * @param asked whether the content is needed
   * @param cutSkipped whether a string that continues in the next chunk is skipped even so
   * @param bound the end of the enclosing struct or message
   * @return false if the chunk ends first
   */
  boolean string(boolean compact, boolean asked, boolean cutSkipped, int bound) {
    if (stage == 0) {
      if (!readLength(compact ? 0 : 2, bound)) {
        return false;
      }
      gathered = false;
      skip = 0;
      valueIndex = in.index;
      if (!asked || valueLength <= 0) {
        skip = Math.max(valueLength, 0);
        return true;
      }
      if (valueLength > LONGEST_STRING) {
        throw malformed("a string of " + valueLength + " bytes");
      }
      if (in.limit - in.index >= valueLength) {
        in.advance(valueLength);
        return true;
      }
      if (cutSkipped) {
        skip = valueLength;
        return true;
      }
      gathered = true;
      stage = 1;
    }
    return gather();
  }

  /** Reads the length of a byte field, whose content is skipped; false if the chunk ends first. */
  boolean bytes(boolean compact, int bound) {
    if (!readLength(compact ? 0 : 4, bound)) {
      return false;
    }
    skip = Math.max(valueLength, 0);
    return true;
  }

  /** Whether a string is being gathered. */
  boolean isPartial() {
    return stage > 0;
  }

  String text() {
    if (valueLength < 0) {
      throw new IllegalStateException("the string is null");
    }
    return gathered
        ? new String(scratch, 0, valueLength, StandardCharsets.UTF_8)
        : in.chunk().toString(valueIndex, valueLength, StandardCharsets.UTF_8);
  }

  /** Reads a length, -1 for null; {@code width} is 0 for a varint. */
  private boolean readLength(int width, int bound) {
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
    if (in.number > bound - in.position) {
      throw malformed("a length of " + in.number + " reaches past the end");
    }
    valueLength = (int) in.number;
    length = in.position - start + Math.max(valueLength, 0);
    return true;
  }

  /** Gathers a string from several chunks; its buffer grows only with received bytes. */
  private boolean gather() {
    int have = stage - 1;
    int bytes = Math.min(valueLength - have, in.limit - in.index);
    if (scratch.length < have + bytes) {
      scratch = Arrays.copyOf(scratch, Math.min(LONGEST_STRING, 2 * (have + bytes)));
    }
    ByteBuf chunk = in.chunk();
    chunk.getBytes(in.index, scratch, have, bytes);
    in.advance(bytes);
    stage += bytes;
    if (stage - 1 < valueLength) {
      return false;
    }
    stage = 0;
    return true;
  }

  private RuntimeException malformed(String what) {
    if (program == null) {
      throw new IllegalStateException("start() was not called");
    }
    return program.malformed(what, in.position);
  }
}
