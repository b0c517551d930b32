package io.gatehouse.http;

import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;

/** Reads request bodies whole. */
final class Body {
  /**
   * How much more than its limit the server reads and drops, in bytes, so that a client still
   * sending gets to read its 413. Beyond that the connection is cut, and with it sometimes the
   * answer.
   */
  static final int SLACK = 1 << 20;

  private Body() {}

  /**
   * The body, empty if there is none. A larger one is refused with 413, one in broken chunks with
   * 400; when the client has left, the connection ends and the handler with it.
   */
  static byte[] read(ServerRequest req, int limit) {
    if (!req.content().hasEntity()) {
      return new byte[0];
    }
    if (req.headers().contentLength().orElse(0) > limit) {
      throw tooLarge(limit);
    }
    try {
      // Not closed: closing waits for more of the body, and Helidon drops what is left of it after
      // the answer.
      var bytes = req.content().inputStream().readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw tooLarge(limit);
      }
      return bytes;
    } catch (IOException | InsufficientDataAvailableException e) {
      throw new CloseConnectionException("the client left before the end of its request", e);
    } catch (NumberFormatException e) {
      throw new HttpException(
          "The chunks of the body are malformed.", Status.BAD_REQUEST_400, e, false);
    }
  }

  private static HttpException tooLarge(int limit) {
    return new HttpException(tooLargeDetail(limit), Status.REQUEST_ENTITY_TOO_LARGE_413, true);
  }

  static String tooLargeDetail(int limit) {
    return "The body is larger than %d bytes.".formatted(limit);
  }
}
