package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.http.HttpSettings.Limits;
import io.helidon.http.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitsTest {
  // A server closed while it is at its limit of connections logs a stack trace of its accept loop.
  private static final Logger ACCEPT = Logger.getLogger("io.helidon.webserver.ServerListener");

  static {
    ACCEPT.setLevel(Level.OFF);
  }

  private static final String GET = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String HALF_A_LINE = "GET /health/re";
  private static final String HALF_A_HEAD = "GET /health/ready HTTP/1.1\r\nHost: a\r\nX-";
  private static final String HALF_A_BODY =
      "PUT /loggers/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{";
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration LONG = Duration.ofMinutes(5);

  @Test
  void twoHundredScrapesAtOnceAllGetTheirAnswer() throws Exception {
    try (var running = Running.usual();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<String> scrape =
          () ->
              running
                  .get("/metrics", "Accept", "application/openmetrics-text; version=1.0.0")
                  .body();
      var scrapes = IntStream.range(0, 200).mapToObj(_ -> threads.submit(scrape)).toList();
      for (var body : scrapes) {
        assertThat(body.get())
            .contains("gatehouse_requests_total{api_key=\"3\"} 42.0")
            .endsWith("# EOF\n");
      }
    }
  }

  @Test
  void slowClientsDoNotBlockOthers() throws Exception {
    var slow = new ArrayList<Socket>();
    try (var running = Running.usual()) {
      running.fatten();
      for (int i = 0; i < 8; i++) {
        slow.add(running.raw(GET)); // and never reads
        slow.add(running.raw(HALF_A_LINE));
        slow.add(running.raw(HALF_A_HEAD));
        slow.add(running.raw(HALF_A_BODY));
      }
      for (int i = 0; i < 50; i++) {
        assertThat(running.get("/health/ready").statusCode()).isEqualTo(200);
      }
      assertThat(running.get("/metrics").body()).contains("fat{");
      // These clients were blocked, because their responses did not fit into the socket buffers.
      try (var one = slow.getFirst()) {
        assertThat(one.getInputStream().readNBytes(5_000_000)).hasSize(5_000_000);
      }
    } finally {
      for (var socket : slow) {
        socket.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {GET, HALF_A_BODY, ""})
  void aStalledConnectionIsEndedAtItsDeadline(String bytes) throws IOException {
    var settings = Running.loopback().with(new Limits(9, 9, 1024, SECOND, SECOND));
    try (var running = Running.with(settings)) {
      running.fatten();
      try (var stalled = running.raw(bytes)) {
        awaitEnd(stalled, bytes);
      }
    }
  }

  /**
   * The deadline of headers is independent of that of exchanges, for the first and later headers.
   */
  @ParameterizedTest
  @ValueSource(strings = {"", HALF_A_LINE, HALF_A_HEAD})
  void incompleteHeadersTimeOut(String bytes) throws IOException {
    var settings = Running.loopback().with(new Limits(9, 9, 1024, SECOND, LONG));
    var whole = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";
    try (var running = Running.with(settings);
        var idle = running.raw(whole)) {
      try (var first = running.raw(bytes)) {
        awaitEnd(first, bytes);
      }
      if (!bytes.isEmpty()) {
        try (var second = running.raw(whole)) {
          assertThat((char) second.getInputStream().read()).isEqualTo('H');
          second.getOutputStream().write(bytes.getBytes(UTF_8));
          awaitEnd(second, bytes);
        }
      }
      // A connection between two requests is not affected.
      idle.getOutputStream()
          .write(whole.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").getBytes(UTF_8));
      assertThat(new String(idle.getInputStream().readAllBytes(), UTF_8))
          .containsSubsequence("LIVE", "LIVE");
    }
  }

  private static void awaitEnd(Socket socket, String sent) throws IOException {
    try {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (SocketTimeoutException e) {
      throw new AssertionError("not ended after \"" + sent + "\"", e);
    } catch (SocketException _) {
      // A reset because of unread bytes also ends the connection.
    }
  }

  @Test
  void healthChecksAreAnsweredAtTheConnectionLimit() throws Exception {
    var held = new ArrayList<Socket>();
    var limits = Limits.DEFAULT;
    var settings =
        Running.loopback()
            .with(new Limits(limits.connections(), limits.perAddress(), 1024, LONG, LONG));
    try (var running = Running.with(settings)) {
      for (int i = 0; i < 560; i++) {
        held.add(running.raw(i % 2 == 0 ? HALF_A_HEAD : HALF_A_LINE));
      }
      for (int i = 0; i < 20; i++) {
        try (var probe = HttpClient.newHttpClient()) {
          var live = running.request("/health/live").timeout(Duration.ofSeconds(30)).build();
          assertThat(probe.send(live, BodyHandlers.ofString()).body()).isEqualTo("LIVE");
        }
      }
    } finally {
      for (var socket : held) {
        socket.close();
      }
    }
  }

  @Test
  void atTheLimitTheOldestConnectionIsClosed() throws Exception {
    var settings = Running.loopback().with(new Limits(2, 2, 1024, LONG, LONG));
    try (var running = Running.with(settings)) {
      running.fatten();
      try (var first = running.raw(GET)) {
        assertThat((char) first.getInputStream().read()).isEqualTo('H');
        try (var second = running.raw(GET)) {
          assertThat((char) second.getInputStream().read()).isEqualTo('H');
          assertThat(running.get("/health/ready").statusCode()).isEqualTo(200);
          // The first response is cut off, the second is complete.
          awaitEnd(first, GET);
          assertThat(second.getInputStream().readNBytes(5_000_000)).hasSize(5_000_000);
        }
      }
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void recoversAfterFileDescriptorsWereExhausted() throws Exception {
    assertThat(runShortOfFiles(DescriptorExhaustion.ALL))
        .contains("Too many open files", "The HTTP server has reopened port");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theFirstRequestMayArriveWithFewFileDescriptors() throws Exception {
    runShortOfFiles(DescriptorExhaustion.FIRST_REQUEST);
  }

  /** Runs in a separate process with a low limit of open files. */
  private static String runShortOfFiles(String what) throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command =
        List.of(
            "sh",
            "-c",
            "ulimit -n 200 && exec \"$0\" \"$@\"",
            java,
            "-XX:-MaxFDLimit",
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            DescriptorExhaustion.class.getName(),
            what);
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      var said = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      return said;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void closingLetsARunningRequestFinishAndEndsIdleConnections() throws Exception {
    var entered = new CountDownLatch(1);
    RouteGroup work =
        routes ->
            routes.get(
                "/work",
                (req, res) -> {
                  entered.countDown();
                  await()
                      .atMost(Duration.ofSeconds(60))
                      .until(() -> refuses(req.localPeer().port()));
                  Responses.text(req, res, Status.OK_200, "done");
                });
    try (var running = Running.usual(work);
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var idle = running.raw("")) {
      var answer = threads.submit(() -> running.get("/work").body());
      assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
      running.stop();
      assertThat(answer.get()).isEqualTo("done");
      assertThat(idle.getInputStream().read()).isEqualTo(-1);
    }
  }

  private static boolean refuses(int port) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return false;
    } catch (ConnectException _) {
      return true;
    }
  }
}
