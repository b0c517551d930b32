package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.http.Health.Check;
import io.gatehouse.http.Health.Concern;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server on a free loopback port, with a client. */
final class Running implements AutoCloseable {
  static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  final List<Check> checks = new CopyOnWriteArrayList<>();
  final PrometheusRegistry registry = new PrometheusRegistry();
  final LogbackLevels levels = new LogbackLevels();
  final AdminServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();

  private Running(HttpSettings settings, List<RouteGroup> more, @Nullable AdminUsers users)
      throws ListenException {
    checks.add(Check.up("loops", Concern.LIVE));
    checks.add(Check.up("listeners", Concern.READY));
    Counter.builder()
        .name("gatehouse_requests")
        .help("Requests.")
        .labelNames("api_key")
        .register(registry)
        .labelValues("3")
        .inc(42);
    var groups = new ArrayList<>(more);
    groups.addAll(
        AdminServer.standard(settings.surface(), () -> List.copyOf(checks), registry, levels));
    server =
        users == null
            ? AdminServer.start(settings, groups)
            : AdminServer.start(settings, new AdminServer.Served(groups, users, null));
  }

  /** A server with users, who are also asked for where metrics are secured. */
  static Running with(HttpSettings settings, AdminUsers users, RouteGroup... more)
      throws ListenException {
    return new Running(settings, List.of(more), users);
  }

  static HttpSettings loopback() {
    return HttpSettings.at("127.0.0.1", 0, "http.listen");
  }

  static Running usual(RouteGroup... more) throws ListenException {
    return with(loopback(), more);
  }

  static Running with(HttpSettings settings, RouteGroup... more) throws ListenException {
    return new Running(settings, List.of(more), null);
  }

  /** Makes the metrics larger than all socket buffers (about 6 MB). */
  void fatten() {
    var gauge = Gauge.builder().name("fat").help("Filler.").labelNames("n").register(registry);
    for (int i = 0; i < 60_000; i++) {
      gauge
          .labelValues("a-label-value-of-some-length-to-fill-the-socket-buffers-with-number-" + i)
          .set(i);
    }
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
        .timeout(PATIENCE);
  }

  HttpResponse<String> get(String path, String... headers) {
    var request = request(path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  HttpResponse<String> method(String method, String path) {
    return send(request(path).method(method, BodyPublishers.noBody()).build());
  }

  HttpResponse<String> put(String path, String body) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(body))
            .build());
  }

  HttpResponse<String> send(HttpRequest request) {
    return send(request, BodyHandlers.ofString());
  }

  <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return client.send(request, handler);
    } catch (IOException e) {
      throw new AssertionError("no answer to " + request, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** A raw connection. */
  Socket raw(String bytes) throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(8 << 10);
    socket.setSoTimeout((int) PATIENCE.toMillis());
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    socket.getOutputStream().write(bytes.getBytes(UTF_8));
    return socket;
  }

  /** Reads until the server closes the connection. */
  String exchange(String bytes) throws IOException {
    try (var socket = raw(bytes)) {
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  static JsonNode json(HttpResponse<String> response) {
    return JSON.readTree(response.body());
  }

  /** Stops the server. Closing stops it again, which must have no effect. */
  void stop() {
    server.close();
  }

  @Override
  public void close() {
    stop();
    client.close();
  }
}
