package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends responses. Responses to HEAD have the headers of a GET without its body. */
public final class Responses {
  private static final Logger LOG = LoggerFactory.getLogger(Responses.class);
  private static final byte[] NOTHING = {};

  private Responses() {}

  /** Sends a body that must not be cached. */
  public static void send(
      ServerRequest req, ServerResponse res, Status status, String type, byte[] body) {
    res.status(status);
    res.header(HeaderNames.CONTENT_TYPE, type);
    res.header(HeaderNames.CACHE_CONTROL, "no-store");
    res.header(HeaderNames.CONTENT_LENGTH, Integer.toString(body.length));
    res.send(req.prologue().method().equals(Method.HEAD) ? NOTHING : body);
  }

  /** Sends plain text. */
  public static void text(ServerRequest req, ServerResponse res, Status status, String text) {
    send(req, res, status, "text/plain; charset=utf-8", text.getBytes(UTF_8));
  }

  /** Sends a map as JSON, with values that {@link Json} supports. */
  public static void json(
      ServerRequest req,
      ServerResponse res,
      Status status,
      Map<String, ? extends @Nullable Object> document) {
    send(req, res, status, "application/json", Json.bytes(document));
  }

  /** Sends a problem document (RFC 9457). The detail says what was wrong and what is valid. */
  public static void problem(
      ServerRequest req, ServerResponse res, Status status, @Nullable String detail) {
    send(req, res, status, "application/problem+json", problemBytes(status, detail));
  }

  static boolean isRead(ServerRequest req) {
    var method = req.prologue().method();
    return method.equals(Method.GET) || method.equals(Method.HEAD);
  }

  /**
   * Responds to an exception of a handler. Its message is only logged, because it may contain
   * internal details.
   */
  static void failure(ServerRequest req, ServerResponse res, Throwable thrown) {
    if (thrown instanceof HttpException refusal) {
      if (!refusal.keepAlive()) {
        res.header(HeaderValues.CONNECTION_CLOSE);
      }
      problem(req, res, refusal.status(), refusal.getMessage());
    } else {
      LOG.error("{} {} failed", req.prologue().method(), req.path().rawPath(), thrown);
      problem(req, res, Status.INTERNAL_SERVER_ERROR_500, "See the gateway's log for the reason.");
    }
  }

  /** Problem documents for requests that Helidon refuses before routing. */
  static DirectHandlers refusals(int bodyBytes) {
    DirectHandler handler =
        (request, _, status, headers, message) -> {
          var detail =
              switch (status.code()) {
                case 413 -> {
                  boolean admin = ControlApi.isBelow(String.valueOf(request.path()));
                  yield Body.tooLargeDetail(admin ? Body.MOST_BYTES : bodyBytes);
                }
                case 503 -> "Too many requests at once; try again.";
                case 505 -> "Only HTTP/1.1 is supported.";
                default -> message;
              };
          return refusal(request, status, headers, detail);
        };
    var handlers = DirectHandlers.builder();
    for (var type : DirectHandler.EventType.values()) {
      handlers.addHandler(type, handler);
    }
    return handlers.build();
  }

  private static DirectHandler.TransportResponse refusal(
      DirectHandler.TransportRequest request,
      Status status,
      ServerResponseHeaders headers,
      @Nullable String detail) {
    headers.set(HeaderNames.CONTENT_TYPE, "application/problem+json");
    var response =
        DirectHandler.TransportResponse.builder().status(status).headers(headers).keepAlive(false);
    return request.method().equals("HEAD")
        ? response.build()
        : response.entity(problemBytes(status, detail)).build();
  }

  private static byte[] problemBytes(Status status, @Nullable String detail) {
    var problem =
        Json.object("type", "about:blank", "title", status.reasonPhrase(), "status", status.code());
    if (detail != null && !detail.isBlank()) {
      problem.put("detail", detail);
    }
    return Json.bytes(problem);
  }
}
