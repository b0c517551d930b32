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
 * The routing table while it is written. It knows which methods a path has, and so can refuse the
 * others with 405 and {@code Allow} (RFC 9110 §15.5.6), and lets every GET answer HEAD too.
 */
public final class Routes {
  private static final List<Method> READS = List.of(Method.GET, Method.HEAD);

  private final HttpRouting.Builder routing = HttpRouting.builder();
  private final Map<String, List<Method>> methods = new LinkedHashMap<>();
  private Handler fallback =
      (req, res) -> Answer.problem(req, res, Status.NOT_FOUND_404, "Nothing is at this path.");

  private final int bodyBytes;
  private final BoundedConnections connections;

  Routes(int bodyBytes, BoundedConnections connections) {
    this.bodyBytes = bodyBytes;
    this.connections = connections;
  }

  /** A handler whose answer goes on as long as the client takes it. */
  @FunctionalInterface
  interface Streaming {
    /**
     * As {@link Handler#handle}.
     *
     * @param alive to be run when the client has taken a further piece of the answer
     */
    void handle(ServerRequest req, ServerResponse res, Runnable alive) throws Exception;
  }

  /** A handler that has the body already, read whole. */
  @FunctionalInterface
  public interface WithBody {
    /** As {@link Handler#handle}. */
    void handle(ServerRequest req, ServerResponse res, byte[] body) throws Exception;
  }

  /** GET and HEAD. The path may hold {@code {name}} segments. */
  public Routes get(String path, Handler handler) {
    return on(Method.GET, path, handler).on(Method.HEAD, path, handler);
  }

  /** GET of an answer without an end, for those that {@link LocalWrites} lets. */
  Routes stream(String path, Streaming handler) {
    var guarded =
        guarded((req, res) -> handler.handle(req, res, () -> connections.alive(req.socketId())));
    routing.route(Method.GET, path, guarded);
    methods.computeIfAbsent(path, _ -> new ArrayList<>()).add(Method.GET);
    return this;
  }

  /**
   * PUT with a body of at most {@link HttpSettings.Limits#bodyBytes}; 413 answers a larger one, and
   * 403 who may not change anything.
   */
  public Routes put(String path, WithBody handler) {
    return on(Method.PUT, path, (req, res) -> handler.handle(req, res, Body.read(req, bodyBytes)));
  }

  /**
   * Any method. The body, if any, is the handler's to read and to bound. What does not only read is
   * for those that {@link LocalWrites} lets.
   */
  public Routes on(Method method, String path, Handler handler) {
    routing.route(method, path, READS.contains(method) ? handler : guarded(handler));
    methods.computeIfAbsent(path, _ -> new ArrayList<>()).add(method);
    return this;
  }

  private static Handler guarded(Handler handler) {
    return (req, res) -> {
      LocalWrites.require(req);
      handler.handle(req, res);
    };
  }

  /** What answers GET and HEAD where no route is; a 404 unless set. */
  public Routes otherwise(Handler handler) {
    fallback =
        (req, res) -> {
          if (Answer.isRead(req)) {
            handler.handle(req, res);
          } else {
            refuseMethod(READS).handle(req, res);
          }
        };
    return this;
  }

  /**
   * Closes the table: after the real routes, one that refuses other methods per path, then the
   * fallback.
   */
  HttpRouting.Builder finish() {
    methods.forEach((path, allowed) -> routing.any(path, refuseMethod(allowed)));
    return routing
        .any(fallback)
        .error(Throwable.class, Answer::failure)
        .addFilter(Routes::closeWhenAsked);
  }

  /**
   * RFC 9112 §9.6: who was told "Connection: close" waits for the end, and Helidon leaves it to the
   * client.
   */
  private static void closeWhenAsked(FilterChain chain, RoutingRequest req, RoutingResponse res) {
    chain.proceed();
    if (res.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
      throw new CloseConnectionException("the answer was the last on this connection");
    }
  }

  private static Handler refuseMethod(List<Method> allowed) {
    var allow = String.join(", ", allowed.stream().map(Method::text).toList());
    return (req, res) -> {
      res.header(HeaderNames.ALLOW, allow);
      Answer.problem(
          req, res, Status.METHOD_NOT_ALLOWED_405, "This path takes %s.".formatted(allow));
    };
  }
}
