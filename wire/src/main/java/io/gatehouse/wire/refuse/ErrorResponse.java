package io.gatehouse.wire.refuse;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes error responses to the requests of one api and version: by topic, partition, group or
 * resource where the api reports errors so, duplicates included, as {@code getErrorResponse} of
 * Kafka's request classes does.
 *
 * <p>A response takes {@link #MOST_BYTES} at most and looks at {@link #MOST_ELEMENTS} elements of
 * arrays at most. Where the request is about more, the error on top of the response is all that is
 * told, and where the api has none there, {@link NoResponse} says so. Immutable; made once for each
 * api and version.
 */
public final class ErrorResponse {

  /** Bytes of a response at most, its length included. */
  public static final int MOST_BYTES = 1 << 20;

  /** Elements that are looked at for one response; at each depth they count again. */
  public static final int MOST_ELEMENTS = 100_000;

  /** Length, api key, version and correlation id. */
  private static final int HEAD = 12;

  private static final int LENGTH = 4;
  private static final int CORRELATION_ID = 8;

  private static final int FIRST_CAPACITY = 256;

  private static final ConcurrentHashMap<Integer, ErrorResponse> MADE = new ConcurrentHashMap<>();

  private final boolean flexibleRequest;
  private final int headerVersion;
  private final ResponseTemplate form;
  private final int structs;

  /** Tells the error on top only; null where the response has none there. */
  private final @Nullable ResponseTemplate onTop;

  /** What is told. */
  static final class Failure {

    /** Kafka's number of the error. */
    final int code;

    /** For people, in UTF-8. */
    final byte[] message;

    Failure(int code, String message) {
      this.code = code;
      this.message = message.getBytes(StandardCharsets.UTF_8);
    }
  }

  private ErrorResponse(Layout request, Layout response) {
    this.flexibleRequest = request.flexible();
    this.headerVersion = Headers.responseVersion(response.message().apiKey(), response.version());
    ResponseCompiler compiler = new ResponseCompiler(response);
    this.form = compiler.compile(request);
    this.structs = compiler.structs();
    ResponseTemplate empty = new ResponseCompiler(response).compileEmpty();
    this.onTop = empty.parts().contains(new ResponseTemplate.ErrorCode()) ? empty : null;
  }

  /** Null where the definitions do not know the api, or not in this version. */
  public static @Nullable ErrorResponse to(int apiKey, int version) {
    MessageSchema request = Schemas.get().request(apiKey);
    MessageSchema response = Schemas.get().response(apiKey);
    if (request == null
        || response == null
        || !request.valid().contains(version)
        || !response.valid().contains(version)) {
      return null;
    }
    return MADE.computeIfAbsent(
        apiKey << 16 | version,
        key -> new ErrorResponse(request.layout(version), response.layout(version)));
  }

  /**
   * Writes the response as a whole frame of no more than {@link #MOST_BYTES}, which the caller
   * owns. The work grows with the request's bytes only.
   *
   * @param frame the request with its length, its reader index before that; not released here
   * @param code Kafka's number of the error
   * @param message for people; told with the first errors where the api has a place for it
   * @throws NoResponse if the request cannot be read, asks for no answer (acks=0), or is about more
   *     than one response can tell
   */
  public ByteBuf write(ByteBuf frame, int code, String message, ByteBufAllocator allocator)
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

  private void write(ByteBuf frame, ByteBuf out, Failure failure) throws NoResponse {
    RequestScan scan = new RequestScan(frame, frame.readerIndex() + HEAD, MOST_ELEMENTS);
    try {
      scan.clientId();
      if (flexibleRequest) {
        scan.tags();
      }
      head(frame, out);
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
      head(frame, out);
      new ResponseWriter(frame, scan, out, failure, 1).write(onTop);
    }
  }

  private void head(ByteBuf frame, ByteBuf out) {
    out.writeInt(0).writeInt(frame.getInt(frame.readerIndex() + CORRELATION_ID));
    if (headerVersion == 1) {
      out.writeByte(0); // no tagged fields
    }
  }
}
