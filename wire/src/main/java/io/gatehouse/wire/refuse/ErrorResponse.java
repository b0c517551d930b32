package io.gatehouse.wire.refuse;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes error responses for one API and version. Errors are reported by topic, partition, group or
 * resource where the API does so, like {@code getErrorResponse} of Kafka's request classes,
 * including duplicates.
 *
 * <p>A response has at most {@link #MOST_BYTES}, and at most {@link #MOST_ELEMENTS} array elements
 * are read for it. If the request exceeds that, the response has the top-level error only; if the
 * API has no top-level error, {@link NoResponse} is thrown. Immutable; cached for each API and
 * version.
 */
public final class ErrorResponse {

  /** The largest size of a response in bytes, its length included. */
  public static final int MOST_BYTES = 1 << 20;

  /** How many array elements are read for one response; nested elements count too. */
  public static final int MOST_ELEMENTS = 100_000;

  /** Length, API key, version and correlation id. */
  private static final int HEAD = 12;

  private static final int LENGTH = 4;
  private static final int CORRELATION_ID = 8;

  private static final int FIRST_CAPACITY = 256;

  private static final ConcurrentHashMap<Integer, ErrorResponse> MADE = new ConcurrentHashMap<>();

  private final boolean flexibleRequest;
  private final int headerVersion;
  private final ResponseTemplate form;
  private final int structs;

  /** Writes the top-level error only; null if the response has none. */
  private final @Nullable ResponseTemplate onTop;

  /** The error to report. */
  static final class Failure {

    /** Kafka's number of the error. */
    final int code;

    /** The error message in UTF-8; null for none. */
    final byte @Nullable [] message;

    Failure(int code, @Nullable String message) {
      this.code = code;
      this.message = message == null ? null : message.getBytes(StandardCharsets.UTF_8);
    }
  }

  private ErrorResponse(Layout request, Layout response, int depth) {
    this.flexibleRequest = request.flexible();
    this.headerVersion = Headers.responseVersion(response.message().apiKey(), response.version());
    ResponseCompiler compiler = new ResponseCompiler(response, depth);
    this.form = compiler.compile(request);
    this.structs = compiler.structs();
    ResponseTemplate empty = new ResponseCompiler(response, 0).compileEmpty();
    this.onTop = empty.parts().contains(new ResponseTemplate.ErrorCode()) ? empty : null;
  }

  /** The writer for an API and version; null if the definitions do not contain them. */
  public static @Nullable ErrorResponse to(int apiKey, int version) {
    return ofElements(apiKey, version, 0);
  }

  /**
   * The writer for requests of which only elements have failed, see {@link #to}: it reports errors
   * in these, although Kafka's own error responses report them further out. What is around the
   * elements is filled in as well, and has no meaning.
   *
   * @param depth the number of structs around a failed element, the message included; 0 if the
   *     request has failed as a whole
   */
  public static @Nullable ErrorResponse ofElements(int apiKey, int version, int depth) {
    MessageSchema request = Schemas.get().request(apiKey);
    MessageSchema response = Schemas.get().response(apiKey);
    if (request == null
        || response == null
        || !request.valid().contains(version)
        || !response.valid().contains(version)) {
      return null;
    }
    return MADE.computeIfAbsent(
        depth << 24 | apiKey << 8 | version,
        key -> new ErrorResponse(request.layout(version), response.layout(version), depth));
  }

  /**
   * Writes the response as a complete frame of at most {@link #MOST_BYTES}, which the caller owns.
   * The work is proportional to the request's size.
   *
   * @param frame the request, with the reader index before its length; not released here
   * @param code Kafka's number of the error
   * @param message for people; added to the first errors where the API has a field for it. Null for
   *     none
   * @throws NoResponse if the request is malformed, expects no response (acks=0), or exceeds the
   *     limits
   */
  public ByteBuf write(
      ByteBuf frame, int code, @Nullable String message, ByteBufAllocator allocator)
      throws NoResponse {
    Failure failure = new Failure(code, message);
    ByteBuf out = allocator.directBuffer(FIRST_CAPACITY, MOST_BYTES);
    boolean written = false;
    try {
      write(frame, out, failure);
      out.setInt(0, out.writerIndex() - LENGTH);
      written = true;
      return out;
    } catch (MalformedMessage e) {
      throw new NoResponse("it cannot be read: " + e.getMessage());
    } finally {
      if (!written) {
        out.release();
      }
    }
  }

  /**
   * Writes a response that tells the error on top, about a request that is not here any more.
   *
   * @return the whole frame, which the caller owns
   * @throws NoResponse if the api has no error on top
   */
  public ByteBuf writeOnTop(int correlationId, int code, String message, ByteBufAllocator allocator)
      throws NoResponse {
    if (onTop == null) {
      throw new NoResponse("its errors stand beside what was asked for");
    }
    ByteBuf nothing = Unpooled.EMPTY_BUFFER;
    ByteBuf out = allocator.directBuffer(FIRST_CAPACITY, MOST_BYTES);
    boolean written = false;
    try {
      head(correlationId, out);
      RequestScan scan = new RequestScan(nothing, 0, 0);
      new ResponseWriter(nothing, scan, out, new Failure(code, message), 1).write(onTop);
      out.setInt(0, out.writerIndex() - LENGTH);
      written = true;
      return out;
    } finally {
      if (!written) {
        out.release();
      }
    }
  }

  private void write(ByteBuf frame, ByteBuf out, Failure failure) throws NoResponse {
    RequestScan scan = new RequestScan(frame, frame.readerIndex() + HEAD, MOST_ELEMENTS);
    try {
      scan.clientId();
      if (flexibleRequest) {
        scan.tags();
      }
      head(correlationId(frame), out);
      new ResponseWriter(frame, scan, out, failure, structs).write(form);
    } catch (RequestScan.LimitExceeded e) {
      if (onTop == null) {
        throw new NoResponse(
            "it is about more than one answer may tell ("
                + MOST_BYTES
                + " bytes, "
                + MOST_ELEMENTS
                + " elements)");
      }
      out.clear();
      head(correlationId(frame), out);
      new ResponseWriter(frame, scan, out, failure, 1).write(onTop);
    }
  }

  private static int correlationId(ByteBuf frame) {
    return frame.getInt(frame.readerIndex() + CORRELATION_ID);
  }

  private void head(int correlationId, ByteBuf out) {
    out.writeInt(0).writeInt(correlationId);
    if (headerVersion == 1) {
      out.writeByte(0); // no tagged fields
    }
  }
}
