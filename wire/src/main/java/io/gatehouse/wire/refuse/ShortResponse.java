package io.gatehouse.wire.refuse;

import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Outline;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shortens a response while it arrives, for APIs that report errors only beside each topic, key or
 * other element: each element gets an error code, and its arrays become empty. The rest stays, so
 * that Metadata still names the brokers: librdkafka forgets brokers that a response with topics
 * does not name. Elements keep their names, so the request need not be known.
 */
public final class ShortResponse implements AutoCloseable {

  private static final int LENGTH_BYTES = 4;
  private static final int FIRST_CAPACITY = 1 << 10;

  private final byte[] code;
  private final byte[] emptyArray;
  private final byte[] emptyString;
  private final ByteBuf out;
  private final Walker walker = new Walker();

  /** Position behind the bytes that are in {@code out} or left out. */
  private int done;

  private int position;
  private boolean inArray;
  private boolean walked;

  private ShortResponse(Program program, int correlationId, int bytes, int code, ByteBuf out) {
    boolean flexible = program.layout().flexible();
    this.code = new byte[] {(byte) (code >> 8), (byte) code};
    this.emptyArray = flexible ? new byte[] {1} : new byte[4];
    this.emptyString = flexible ? new byte[] {1} : new byte[2];
    this.out = out.writeInt(0).writeInt(correlationId);
    this.position = Integer.BYTES;
    this.done = position;
    walker.start(program, position, bytes - LENGTH_BYTES);
  }

  /**
   * Begins a response, whose bytes after the correlation id must be {@link #add}ed.
   *
   * @param bytes size of the response with its length
   * @param code Kafka's number of the error
   * @return null if the API has a top-level error or reports none beside elements
   */
  public static @Nullable ShortResponse of(
      int apiKey, int version, int correlationId, int bytes, int code, ByteBufAllocator allocator) {
    MessageSchema schema = Schemas.get().response(apiKey);
    if (schema == null || !schema.valid().contains(version)) {
      return null;
    }
    Layout layout = schema.layout(version);
    Set<String> arrays = new HashSet<>();
    if (holds(layout.root(), FieldKind.ERROR_CODE) || !findArrays(layout.root(), "", arrays)) {
      return null;
    }
    Set<FieldKind> fields = EnumSet.of(FieldKind.ERROR_CODE);
    if (!hasHostElsewhere(layout.root(), false)) {
      fields.add(FieldKind.HOST);
    }
    Outline outline = (path, _) -> arrays.contains(path);
    return new ShortResponse(
        Program.ofResponse(layout, fields, outline),
        correlationId,
        bytes,
        code,
        allocator.directBuffer(FIRST_CAPACITY, ErrorResponse.MOST_BYTES));
  }

  /**
   * Finds the arrays beside error codes.
   *
   * @return whether the struct contains an error code at any depth
   */
  private static boolean findArrays(StructLayout struct, String above, Set<String> arrays) {
    boolean hasError = holds(struct, FieldKind.ERROR_CODE);
    boolean found = hasError;
    for (FieldLayout field : struct.fields()) {
      String path = above + field.name();
      if (hasError && field.array()) {
        arrays.add(path);
      } else if (!hasError && field.type() == FieldType.STRUCT) {
        found |= findArrays(field.structOrThrow(), path + ".", arrays);
      }
    }
    return found;
  }

  private static boolean holds(StructLayout struct, FieldKind kind) {
    return struct.fields().stream().anyMatch(field -> field.kind() == kind);
  }

  /** Whether there is a host that is not beside an error code. */
  private static boolean hasHostElsewhere(StructLayout struct, boolean tagged) {
    boolean here = holds(struct, FieldKind.HOST);
    return (here && (tagged || !holds(struct, FieldKind.ERROR_CODE)))
        || struct.fields().stream().anyMatch(field -> hasHostElsewhere(field, tagged))
        || struct.tagged().stream().anyMatch(field -> hasHostElsewhere(field, true));
  }

  private static boolean hasHostElsewhere(FieldLayout field, boolean tagged) {
    return field.type() == FieldType.STRUCT && hasHostElsewhere(field.structOrThrow(), tagged);
  }

  /**
   * Shortens the next bytes {@code in[from, to)}.
   *
   * @return false if even the short response is above {@link ErrorResponse#MOST_BYTES}
   * @throws io.gatehouse.wire.MalformedMessage if they are not part of a response of this kind
   */
  public boolean add(ByteBuf in, int from, int to) {
    int zero = from - position;
    position += to - from;
    if (!walked) {
      walker.feed(in, from, to);
      if (!walk(in, zero)) {
        return false;
      }
    }
    return inArray || keep(in, zero, position);
  }

  private boolean walk(ByteBuf in, int zero) {
    while (true) {
      switch (walker.next()) {
        case MORE -> {
          return true;
        }
        case ELEMENT_BEGIN -> {
          if (!inArray && !keep(in, zero, walker.arrayStart(), emptyArray)) {
            return false;
          }
          inArray = true;
        }
        case ARRAY_END -> {
          done = inArray ? walker.stop() : done;
          inArray = false;
        }
        case FIELD -> {
          byte[] changed = walker.kind() == FieldKind.HOST ? emptyString : code;
          if (!inArray) {
            if (!keep(in, zero, walker.start(), changed)) {
              return false;
            }
            done = walker.stop();
          }
        }
        case FINISHED -> {
          walked = true;
          return true;
        }
        case ELEMENT_END, STRUCT_BEGIN, STRUCT_END -> {}
      }
    }
  }

  /** Keeps the bytes up to a position, and writes others there. */
  private boolean keep(ByteBuf in, int zero, int until, byte[] then) {
    if (!keep(in, zero, until) || then.length > out.maxWritableBytes()) {
      return false;
    }
    out.writeBytes(then);
    return true;
  }

  private boolean keep(ByteBuf in, int zero, int until) {
    int more = until - done;
    if (more > out.maxWritableBytes()) {
      return false;
    }
    if (more < 0) {
      out.writerIndex(out.writerIndex() + more); // kept with the bytes that arrived before
    } else {
      out.writeBytes(in, zero + done, more);
    }
    done = until;
    return true;
  }

  /** Memory that is held, in bytes. */
  public int heldBytes() {
    return out.capacity();
  }

  /** The short response as a complete frame, which the caller owns. */
  public ByteBuf frame() {
    out.setInt(0, out.writerIndex() - LENGTH_BYTES);
    return out.retain();
  }

  @Override
  public void close() {
    out.release();
  }
}
