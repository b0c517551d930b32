package io.gatehouse.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds the routing table. It knows the methods of each path, so it refuses others with 405 and
 * {@code Allow} (RFC 9110 # 15.5.6), and every GET route also handles HEAD.
 */
public final class Routes {
  private static final List<Method> READS = List.of(Method.GET, Method.HEAD);

  private final HttpRouting.Builder routing = HttpRouting.builder();
  private final Map<String, List<Method>> methods = new LinkedHashMap<>();
  private Handler fallback =
      (req, res) -> Responses.problem(req, res, Status.NOT_FOUND_404, "Unknown path.");

  private final int bodyBytes;
  private final BoundedConnections connections;
  private final Access access;

  Routes(int bodyBytes, BoundedConnections connections, Access access) {
    this.bodyBytes = bodyBytes;
    this.connections = connections;
    this.access = access;
  }

  /** A handler with a response that continues as long as the client reads it. */
  @FunctionalInterface
  interface Streaming {
    /**
     * As {@link Handler#handle}.
     *
     * @param alive must be called when the client has read another part of the response
     */
    void handle(ServerRequest req, ServerResponse res, Runnable alive) throws Exception;
  }

  /** A handler that receives the complete body. */
  @FunctionalInterface
  public interface WithBody {
    /** As {@link Handler#handle}. */
    void handle(ServerRequest req, ServerResponse res, byte[] body) throws Exception;
  }

  /** Adds a route for GET and HEAD. The path may contain {@code {name}} segments. */
  public Routes get(String path, Handler handler) {
    return on(Method.GET, path, handler).on(Method.HEAD, path, handler);
  }

  /** As {@link #get}, for what only users may see if metrics are secured. */
  Routes getSecured(String path, Handler handler) {
    return get(path, access.reading(handler));
  }

  /** Adds a route for GET with a streaming response, restricted as changes are. */
  Routes stream(String path, Streaming handler) {
    routing.route(Method.GET, path, access.changing(streaming(handler)));
    methods.computeIfAbsent(path, _ -> new ArrayList<>()).add(Method.GET);
    return this;
  }

  private Handler streaming(Streaming handler) {
    return (req, res) -> handler.handle(req, res, () -> connections.alive(req.socketId()));
  }

  /**
   * Adds a route for PUT with a body of at most {@link HttpSettings.Limits#bodyBytes}, restricted
   * by {@link Access}. Larger bodies are refused with 413.
   */
  public Routes put(String path, WithBody handler) {
    return on(Method.PUT, path, (req, res) -> handler.handle(req, res, Body.read(req, bodyBytes)));
  }

  /**
   * Adds a route for any method. The handler must read and limit the body. Methods other than GET
   * and HEAD are restricted by {@link Access}.
   */
  public Routes on(Method method, String path, Handler handler) {
    routing.route(method, path, READS.contains(method) ? handler : access.changing(handler));
    methods.computeIfAbsent(path, _ -> new ArrayList<>()).add(method);
    return this;
  }

  /**
   * All methods at this path and below it, for a handler that authenticates users and decides
   * itself who may change anything.
   */
  Routes below(String path, Streaming handler) {
    routing.any(path, streaming(handler)).any(path + "/*", streaming(handler));
    return this;
  }

  /** Sets the handler for GET and HEAD at all other paths; the default responds with 404. */
  public Routes otherwise(Handler handler) {
    fallback =
        (req, res) -> {
          if (Responses.isRead(req)) {
            handler.handle(req, res);
          } else {
            refuseMethod(READS).handle(req, res);
          }
        };
    return this;
  }

  /** Completes the table: routes that refuse other methods at known paths, then the fallback. */
  HttpRouting.Builder finish() {
    methods.forEach((path, allowed) -> routing.any(path, refuseMethod(allowed)));
    return routing
        .any(fallback)
        .error(Throwable.class, Responses::failure)
        .addFilter(Routes::closeWhenAsked);
  }

  /**
   * Closes the connection after a response with "Connection: close" (RFC 9112 # 9.6), which Helidon
   * leaves to the client.
   */
  private static void closeWhenAsked(FilterChain chain, RoutingRequest req, RoutingResponse res) {
    chain.proceed();
    if (res.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
      throw new CloseConnectionException("the response was the last on this connection");
    }
  }

  private static Handler refuseMethod(List<Method> allowed) {
    var allow = String.join(", ", allowed.stream().map(Method::text).toList());
    return (req, res) -> {
      res.header(HeaderNames.ALLOW, allow);
      Responses.problem(
          req, res, Status.METHOD_NOT_ALLOWED_405, "This path supports %s.".formatted(allow));
    };
  }
}
