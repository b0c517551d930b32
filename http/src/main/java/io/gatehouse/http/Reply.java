package io.gatehouse.http;

import io.gatehouse.control.Refusal;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * A response of the admin API.
 *
 * @param json what {@link Json} can write; null where there is a text or nothing
 * @param header one more, or null
 */
record Reply(Status status, @Nullable Object json, @Nullable String text, @Nullable Header header) {

  Reply(Status status, @Nullable Object json, @Nullable String text) {
    this(status, json, text, null);
  }

  /** 204 without a body. */
  static final Reply NOTHING = new Reply(Status.NO_CONTENT_204, null, null);

  static Reply ok(Object json) {
    return new Reply(Status.OK_200, json, null);
  }

  /** An error in the form of the API. Clients show the message, or the title without one. */
  static Reply error(Status status, String title, @Nullable String message) {
    var error = Json.object("title", title);
    if (message != null) {
      error.put("msg", message);
    }
    return new Reply(status, error, null);
  }

  static Reply invalid(String message) {
    return error(Status.BAD_REQUEST_400, "The request is not valid", message);
  }

  /** An error as plain text, for requests that cannot be parsed. */
  static Reply unreadable(String text) {
    return new Reply(Status.BAD_REQUEST_400, null, text);
  }

  /** The path takes other methods (RFC 9110 §15.5.6). */
  static Reply notAllowed(String methods) {
    var reply =
        error(
            Status.METHOD_NOT_ALLOWED_405,
            "The method is not allowed",
            "This path takes %s.".formatted(methods));
    var allow = HeaderValues.create(HeaderNames.ALLOW, methods);
    return new Reply(reply.status, reply.json, null, allow);
  }

  static Reply of(Refusal refusal) {
    var status =
        switch (refusal.reason()) {
          case INVALID -> Status.BAD_REQUEST_400;
          case FORBIDDEN -> Status.FORBIDDEN_403;
          case MISSING -> Status.NOT_FOUND_404;
          case CONFLICT -> Status.CONFLICT_409;
          case UNAVAILABLE -> Status.SERVICE_UNAVAILABLE_503;
        };
    if (refusal.problems().isEmpty()) {
      return error(status, refusal.title(), refusal.getMessage());
    }
    var error = Json.object("title", refusal.title(), "msg", refusal.getMessage());
    error.put(
        "problems",
        refusal.problems().stream()
            .map(problem ->
                problem.index() < 0
                    ? Json.object("text", problem.text())
                    : Json.object("document", problem.index() + 1, "text", problem.text()))
            .toList());
    return new Reply(status, error, null);
  }

  void send(ServerRequest req, ServerResponse res) {
    if (header != null) {
      res.header(header);
    }
    if (json != null) {
      Responses.send(req, res, status, "application/json", Json.bytes(json));
    } else if (text != null) {
      Responses.text(req, res, status, text);
    } else {
      res.status(status);
      res.send();
    }
  }
}
