package io.gatehouse.http;

import io.gatehouse.control.EntityTag;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.kind.Resource;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A response of the admin API.
 *
 * @param json what {@link Json} can write, or the bytes of it; null where there is something else
 *     or nothing
 * @param continued sends the response itself, of this status or another
 * @param headers more of them
 */
record Reply(
    Status status,
    @Nullable Object json,
    @Nullable String text,
    @Nullable Continued continued,
    List<Header> headers) {

  private static final int LOWEST_REFUSAL = 400;

  Reply(Status status, @Nullable Object json, @Nullable String text) {
    this(status, json, text, null, List.of());
  }

  /** A response that continues as long as the client reads it. */
  @FunctionalInterface
  interface Continued {
    /**
     * @param alive must be called when the client has read another part of the response
     */
    void send(ServerRequest req, ServerResponse res, Runnable alive);
  }

  static Reply continued(Continued continued) {
    return new Reply(Status.OK_200, null, null, continued, List.of());
  }

  /** The same with another header. */
  Reply with(Header header) {
    var more = Stream.concat(headers.stream(), Stream.of(header)).toList();
    return new Reply(status, json, text, continued, more);
  }

  /** The same with another status. */
  Reply with(Status other) {
    return new Reply(other, json, text, continued, headers);
  }

  /** The same with its body as bytes, which take a processor to make. */
  Reply rendered() {
    return json == null ? this : new Reply(status, Json.bytes(json), text, continued, headers);
  }

  /** Whether the request was not performed. */
  boolean isRefusal() {
    return status.code() >= LOWEST_REFUSAL;
  }

  /** 204 without a body. */
  static final Reply NOTHING = new Reply(Status.NO_CONTENT_204, null, null);

  static Reply ok(Object json) {
    return new Reply(Status.OK_200, json, null);
  }

  /** A resource with its version. */
  static Reply of(Resource resource, boolean defaults) {
    return ok(resource.document(defaults)).tagged(resource);
  }

  /** A list of resources; of a single one also the version. */
  static Reply of(Stream<? extends Resource> resources, boolean defaults) {
    return of(resources.toList(), one -> one.document(defaults));
  }

  /** A list of resources as they are shown; of a single one also the version. */
  static Reply of(List<? extends Resource> all, Function<Resource, Object> shown) {
    var list = ok(all.stream().map(shown).toList());
    return all.size() == 1 ? list.tagged(all.getFirst()) : list;
  }

  /** The same with the version of a resource. */
  Reply tagged(Resource resource) {
    return with(HeaderValues.create(HeaderNames.ETAG, "\"" + EntityTag.of(resource) + "\""));
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
    return error(
            Status.METHOD_NOT_ALLOWED_405,
            "The method is not allowed",
            "This path takes %s.".formatted(methods))
        .with(HeaderValues.create(HeaderNames.ALLOW, methods));
  }

  static Reply of(Refusal refusal) {
    var status =
        switch (refusal.reason()) {
          case INVALID -> Status.BAD_REQUEST_400;
          case FORBIDDEN -> Status.FORBIDDEN_403;
          case MISSING -> Status.NOT_FOUND_404;
          case CONFLICT -> Status.CONFLICT_409;
          case STALE -> Status.PRECONDITION_FAILED_412;
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

  /**
   * @param alive is called when the client has read another part of a response that continues
   */
  void send(ServerRequest req, ServerResponse res, Runnable alive) {
    headers.forEach(res::header);
    if (continued != null && !req.prologue().method().equals(Method.HEAD)) {
      continued.send(req, res, alive);
    } else if (json != null) {
      byte[] bytes = json instanceof byte[] rendered ? rendered : Json.bytes(json);
      Responses.send(req, res, status, "application/json", bytes);
    } else if (text != null) {
      Responses.text(req, res, status, text);
    } else {
      res.status(status);
      res.send();
    }
  }
}
