package io.gatehouse.http;

import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.http.HttpException;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Reads request bodies. */
final class Body {
  /**
   * How many bytes beyond the limit the server reads and discards, so that a client that is still
   * sending receives its 413. For larger bodies the connection is closed, and the response may be
   * lost.
   */
  static final int SLACK = 1 << 20;

  /** Of the largest body that any route takes, in bytes: resources. */
  static final int MOST_BYTES = 1 << 20;

  /** A body of this size is read without waiting for others. */
  private static final int SMALL = 64 << 10;

  /** Larger bodies that are read at the same time. */
  private static final Semaphore LARGE = new Semaphore(32, true);

  private static final int QUEUE_TIMEOUT_SECONDS = 10;

  private Body() {}

  /** As {@link #read}, for a body that may be large: only so many are read at the same time. */
  static byte[] readLarge(ServerRequest req, int limit) {
    var length = req.headers().contentLength().orElse(Long.MAX_VALUE);
    if (length <= SMALL || (length > limit && length != Long.MAX_VALUE)) {
      return read(req, limit);
    }
    try {
      if (!LARGE.tryAcquire(QUEUE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new HttpException(
            "Too many large bodies at once; try again.", Status.SERVICE_UNAVAILABLE_503, true);
      }
    } catch (InterruptedException e) {
      throw new CloseConnectionException("the connection was closed to make room for another", e);
    }
    try {
      return read(req, limit);
    } finally {
      LARGE.release();
    }
  }

  /**
   * Returns the body, which may be empty. Throws exceptions that respond with 413 if it is too
   * large and with 400 if its chunks are malformed, and that close the connection if the client has
   * gone.
   */
  static byte[] read(ServerRequest req, int limit) {
    if (!req.content().hasEntity()) {
      return new byte[0];
    }
    if (req.headers().contentLength().orElse(0) > limit) {
      throw tooLarge(limit);
    }
    try {
      // The stream is not closed, because closing would wait for the rest of the body, which
      // Helidon discards after the response.
      var bytes = req.content().inputStream().readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw tooLarge(limit);
      }
      return bytes;
    } catch (IOException | InsufficientDataAvailableException e) {
      throw new CloseConnectionException(
          "the client closed the connection before the end of its request", e);
    } catch (NumberFormatException e) {
      throw new HttpException(
          "The chunks of the body are malformed.", Status.BAD_REQUEST_400, e, false);
    } catch (RequestException e) {
      var tooLarge = e.status().equals(Status.REQUEST_ENTITY_TOO_LARGE_413);
      throw new HttpException(
          tooLarge ? tooLargeDetail(limit) : "The chunks of the body are malformed.",
          tooLarge ? e.status() : Status.BAD_REQUEST_400,
          e,
          false);
    }
  }

  private static HttpException tooLarge(int limit) {
    return new HttpException(tooLargeDetail(limit), Status.REQUEST_ENTITY_TOO_LARGE_413, true);
  }

  static String tooLargeDetail(int limit) {
    return "The body is larger than %d bytes.".formatted(limit);
  }
}
