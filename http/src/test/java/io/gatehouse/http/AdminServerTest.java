package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.http.Health.Check;
import io.gatehouse.http.Health.Concern;
import io.helidon.http.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdminServerTest {
  private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0";

  private final AtomicReference<String> echoed = new AtomicReference<>("");
  private Running running;

  @BeforeAll
  void start() throws ListenException {
    running =
        Running.usual(routes ->
            routes
                .get(
                    "/broken",
                    (_, _) -> {
                      throw new IllegalStateException("the secret is 1234");
                    })
                .get(
                    "/hello/{name}",
                    (req, res) ->
                        Responses.text(
                            req,
                            res,
                            Status.OK_200,
                            req.path().pathParameters().get("name") + " " + req.query().get("q")))
                .put(
                    "/echo",
                    (req, res, bytes) -> {
                      var body = new String(bytes, UTF_8);
                      echoed.set(body);
                      Responses.text(req, res, Status.OK_200, body);
                    }));
  }

  @AfterAll
  void stop() {
    running.close();
  }

  @AfterEach
  void allUp() {
    running.checks.removeIf(check -> !check.up());
  }

  @Test
  void liveAndReadyArePlainText() {
    assertAnswer(running.get("/health/live"), 200, "text/plain; charset=utf-8", "LIVE");
    assertAnswer(running.get("/health/ready"), 200, "text/plain; charset=utf-8", "READY");
  }

  @Test
  void healthListsEachCheck() {
    var response = running.get("/health");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(response.headers().firstValue("cache-control")).hasValue("no-store");
    assertThat(Running.json(response))
        .isEqualTo(
            Running.JSON.readTree(
                """
                {"status":"UP","outcome":"UP","checks":[
                  {"id":"loops","name":"loops","status":"UP","data":{}},
                  {"id":"listeners","name":"listeners","status":"UP","data":{}}]}
                """));
  }

  @Test
  void aDrainingGatewayIsLiveAndNotReady() {
    running.checks.add(Check.down("drain", Concern.READY, "the gateway is draining"));

    assertThat(running.get("/health/live").statusCode()).isEqualTo(200);
    assertAnswer(running.get("/health/ready"), 503, "text/plain; charset=utf-8", "NOTREADY");
    var health = running.get("/health");
    assertThat(health.statusCode()).isEqualTo(503);
    var report = Running.json(health);
    assertThat(report.at("/status").stringValue()).isEqualTo("DOWN");
    assertThat(report.at("/checks/2/status").stringValue()).isEqualTo("DOWN");
    assertThat(report.at("/checks/2/data/reason").stringValue())
        .isEqualTo("the gateway is draining");
  }

  @Test
  void aStuckGatewayIsNeitherLiveNorReady() {
    running.checks.add(Check.down("loop-1", Concern.LIVE, "has not turned for 30 s"));

    assertAnswer(running.get("/health/live"), 503, "text/plain; charset=utf-8", "NOTLIVE");
    assertThat(running.get("/health/ready").statusCode()).isEqualTo(503);
  }

  @Test
  void informationalChecksDoNotAffectReadiness() {
    running.checks.add(Check.down("upstream", Concern.INFORM, "no broker answers"));

    assertThat(running.get("/health/live").statusCode()).isEqualTo(200);
    assertThat(running.get("/health/ready").statusCode()).isEqualTo(200);
    var health = running.get("/health");
    assertThat(health.statusCode()).isEqualTo(200);
    var report = Running.json(health);
    assertThat(report.at("/status").stringValue()).isEqualTo("UP");
    assertThat(report.at("/checks/2/status").stringValue()).isEqualTo("DOWN");
  }

  @Test
  void versionsAreServed() {
    var versions = Running.json(running.get("/versions"));
    assertThat(versions.propertyNames())
        .containsExactly("gateway", "commit", "java", "kafka", "netty");
    assertThat(versions.at("/gateway").stringValue()).matches("\\d+\\.\\d+\\.\\d+.*");
    assertThat(versions.at("/java").stringValue()).isEqualTo(Runtime.version().toString());
    assertThat(versions.at("/kafka").stringValue()).matches("\\d+\\.\\d+\\.\\d+.*");
    assertThat(versions.at("/netty").stringValue()).matches("\\d+\\.\\d+\\.\\d+.*");
  }

  @Test
  void metricsArePrometheusTextUnlessAskedOtherwise() {
    for (var accept :
        List.of(
            "*/*",
            "text/html",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited")) {
      var response = running.get("/metrics", "Accept", accept);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("content-type"))
          .hasValue("text/plain; version=0.0.4; charset=utf-8");
      assertThat(response.body())
          .contains(
              "# TYPE gatehouse_requests_total counter",
              "gatehouse_requests_total{api_key=\"3\"} 42.0")
          .doesNotContain("# EOF");
    }
  }

  @Test
  void openMetricsEndWithEof() {
    var response = running.get("/metrics", "Accept", OPEN_METRICS + ",text/plain;q=0.5");
    assertThat(response.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/openmetrics-text"));
    assertThat(response.body())
        .contains(
            "# TYPE gatehouse_requests counter", "gatehouse_requests_total{api_key=\"3\"} 42.0")
        .endsWith("# EOF\n");
  }

  @Test
  void metricsAreCompressedWhenThatIsAccepted() throws IOException {
    var request =
        running
            .request("/metrics")
            .header("Accept", OPEN_METRICS)
            .header("Accept-Encoding", "br, gzip;q=0.5")
            .build();
    var response = running.send(request, BodyHandlers.ofByteArray());
    assertThat(response.headers().firstValue("content-encoding")).hasValue("gzip");
    assertThat(response.headers().firstValue("vary")).hasValue("Accept, Accept-Encoding");
    try (var in = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
      assertThat(new String(in.readAllBytes(), UTF_8)).endsWith("# EOF\n");
    }
    assertThat(
            running
                .get("/metrics", "Accept-Encoding", "gzip;q=0")
                .headers()
                .firstValue("content-encoding"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "gzip|true", "x-gzip|true", "*|true", "deflate, gzip;q=1.0|true", "GZIP|true",
            "gzip;q=0.001|true",
        "gzip;q=0|false", "gzip; q=0.000|false", "identity|false", "''|false", "bgzip|false",
            ";;,,;|false"
      })
  void gzipIsNegotiated(String header, boolean expected) {
    assertThat(MetricsRoutes.acceptsGzip(header)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/health",
        "/health/live",
        "/health/ready",
        "/versions",
        "/metrics",
        "/loggers",
        "/nowhere"
      })
  void headHasTheHeadersOfGetAndNoBody(String path) throws IOException {
    var get = running.get(path);
    var head = running.method("HEAD", path);
    assertThat(head.statusCode()).isEqualTo(get.statusCode());
    assertThat(head.headers().firstValue("content-type"))
        .isEqualTo(get.headers().firstValue("content-type"));
    assertThat(head.headers().firstValue("content-length"))
        .isEqualTo(get.headers().firstValue("content-length"));

    // Uses a socket, because HttpClient would hide an unexpected body.
    var bytes =
        running.exchange("HEAD " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assertThat(bytes).startsWith("HTTP/1.1 " + get.statusCode()).endsWith("\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/nowhere",
        "/",
        "/health/",
        "/healthy",
        "/metrics/x",
        "/loggers/a/b",
        "/%2e%2e/metrics2"
      })
  void whereNothingIsIsAProblem(String path) {
    assertProblem(running.get(path), 404, "Not Found", "Unknown path.");
  }

  @ParameterizedTest
  @CsvSource({
    "POST,/health,'GET, HEAD'",
    "DELETE,/metrics,'GET, HEAD'",
    "PUT,/loggers,'GET, HEAD'",
    "OPTIONS,/versions,'GET, HEAD'",
    "POST,/loggers/a,'GET, HEAD, PUT'",
    "BREW,/health/ready,'GET, HEAD'",
    "GET,/echo,PUT"
  })
  void otherMethodsAreRefusedWithTheRightOnes(String method, String path, String allow) {
    var response = running.method(method, path);
    assertThat(response.headers().firstValue("allow")).hasValue(allow);
    assertProblem(response, 405, "Method Not Allowed", "This path supports " + allow + ".");
  }

  @Test
  void messagesOfUnexpectedExceptionsAreOnlyLogged() {
    var response = running.get("/broken");
    assertProblem(response, 500, "Internal Server Error", "See the gateway's log for the reason.");
    assertThat(response.body()).doesNotContain("1234", "IllegalState");
    assertThat(running.get("/health/ready").statusCode()).isEqualTo(200);
  }

  @Test
  void pathAndQueryParametersAreRead() {
    assertThat(running.get("/hello/a%20b?q=%C3%BC").body()).isEqualTo("a b ü");
  }

  @Test
  void aBodyAtTheLimitPassesAndOneByteMoreDoesNot() {
    var limit = HttpSettings.Limits.DEFAULT.bodyBytes();
    assertThat(limit).isEqualTo(65_536);
    assertThat(running.put("/echo", "x".repeat(limit)).body()).hasSize(limit);
    assertProblem(
        running.put("/echo", "x".repeat(limit + 1)),
        413,
        "Request Entity Too Large",
        "The body is larger than 65536 bytes.");
  }

  @Test
  void aBodyOfUnknownLengthIsBoundedToo() {
    var endless = new ByteArrayInputStream(new byte[80_000]);
    var request = running.request("/echo").PUT(BodyPublishers.ofInputStream(() -> endless)).build();
    echoed.set("");
    assertProblem(
        running.send(request),
        413,
        "Request Entity Too Large",
        "The body is larger than 65536 bytes.");
    assertThat(echoed.get()).isEmpty();
  }

  @Test
  void anUnexpectedBodyIsDiscarded() throws IOException {
    var answers =
        running.exchange(
            "GET /health/ready HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n"
                + "x".repeat(70_000)
                + "GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assertThat(answers).containsSubsequence("HTTP/1.1 200", "READYHTTP/1.1 200", "LIVE");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 99000000\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n"
      })
  void aHugeBodyIsRefusedBeforeItComes(String head) throws IOException {
    var answer = running.exchange("PUT /echo HTTP/1.1\r\nHost: localhost\r\n" + head);
    assertThat(answer).startsWith("HTTP/1.1 413 ").contains("The body is larger than 65536 bytes.");
  }

  @Test
  void expectContinueIsAnswered() throws IOException {
    var head =
        "PUT /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nConnection: close\r\n";
    assertThat(running.exchange(head + "Content-Length: 4\r\n\r\nbody"))
        .startsWith("HTTP/1.1 100 ")
        .contains("HTTP/1.1 200 ")
        .endsWith("body");
    assertThat(running.exchange(head + "Content-Length: 70000\r\n\r\n"))
        .startsWith("HTTP/1.1 413 ");
  }

  /** A {@code ~} stands for a line end. */
  @ParameterizedTest
  @CsvSource({
    "505, GET /health HTTP/1.0~Host: a~~",
    "400, GET /health HTTP/1.1~~",
    "400, GET /he{}alth HTTP/1.1~Host: a~~",
    "400, PUT /echo HTTP/1.1~Host: localhost~Content-Length: 1~Transfer-Encoding: chunked~~",
    "400, PUT /echo HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~zz~",
    "400, NONSENSE~~"
  })
  void whatIsNoHttpIsAProblemToo(int status, String lines) throws IOException {
    var answer = running.exchange(lines.replace("~", "\r\n"));
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
    assertThat(answer.toLowerCase(Locale.ROOT))
        .contains("content-type: application/problem+json", "connection: close");
    var problem = Running.JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n")));
    assertThat(problem.at("/status").intValue()).isEqualTo(status);
  }

  @Test
  void headersAreBounded() throws IOException {
    var answer =
        running.exchange(
            "GET /health HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(20_000) + "\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 4");
  }

  @Test
  void aClientThatDisconnectsWithinItsBodyDoesNotAffectOthers() throws IOException {
    echoed.set("untouched");
    running.raw("PUT /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345").close();
    assertThat(running.put("/echo", "next").body()).isEqualTo("next");
  }

  @Test
  void aConnectionIsKeptUntilTheClientAsksForItsEnd() throws IOException {
    var answers =
        running.exchange(
            "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
                + "PUT /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody"
                + "GET /health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assertThat(answers).containsSubsequence("LIVEHTTP/1.1 200", "bodyHTTP/1.1 200", "READY");
  }

  @Test
  void aClientThatOffersHttp2IsServed() throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(running.request("/health/live").build().uri()).build(),
              BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    }
  }

  /** Nagle's algorithm must not delay small responses. */
  @Test
  void answersAreSentWithoutDelay() {
    var config =
        AdminServer.configure(Running.loopback(), AdminServer.unrestricted(List.of()))
            .buildPrototype();
    assertThat(config.connectionOptions().socketOptions())
        .containsEntry(StandardSocketOptions.TCP_NODELAY, true);
  }

  private static void assertAnswer(
      HttpResponse<String> response, int status, String type, String body) {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("content-type")).hasValue(type);
    assertThat(response.body()).isEqualTo(body);
  }

  static void assertProblem(
      HttpResponse<String> response, int status, String title, String detail) {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/problem+json");
    var problem = Running.json(response);
    assertThat(problem.propertyNames()).containsExactly("type", "title", "status", "detail");
    assertThat(problem.at("/type").stringValue()).isEqualTo("about:blank");
    assertThat(problem.at("/title").stringValue()).isEqualTo(title);
    assertThat(problem.at("/status").intValue()).isEqualTo(status);
    assertThat(problem.at("/detail").stringValue()).isEqualTo(detail);
  }
}
