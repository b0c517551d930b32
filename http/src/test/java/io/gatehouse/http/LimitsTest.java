package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.http.HttpSettings.Limits;
import io.helidon.http.Status;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
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
      "PUT /loggers/a HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{";

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
  void slowClientsKeepNobodyWaiting() throws Exception {
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
      // They were held up all the while: what was never read did not fit between the server and
      // here.
      try (var one = slow.getFirst()) {
        assertThat(one.getInputStream().readNBytes(5_000_000)).hasSize(5_000_000);
      }
    } finally {
      for (var socket : slow) {
        socket.close();
      }
    }
  }

  /** One connection is all there is; the next is served only if the stalled one was ended. */
  @ParameterizedTest
  @ValueSource(strings = {GET, HALF_A_LINE, HALF_A_HEAD, HALF_A_BODY, ""})
  void aStalledConnectionIsEndedAtItsDeadline(String bytes) throws IOException {
    var settings = Running.loopback().with(new Limits(1, 1024, Duration.ofSeconds(1)));
    try (var running = Running.with(settings)) {
      running.fatten();
      try (var stalled = running.raw(bytes)) {
        assertThat(running.get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(stalled.isClosed()).isFalse();
      }
    }
  }

  @Test
  void moreConnectionsThanTheLimitWaitForAPlace() throws Exception {
    var settings = Running.loopback().with(new Limits(2, 1024, Duration.ofMinutes(5)));
    try (var running = Running.with(settings);
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var second = running.raw(GET)) {
      var first = running.raw(GET);
      // Both have their answer's first byte: both have a place.
      assertThat((char) first.getInputStream().read()).isEqualTo('H');
      assertThat((char) second.getInputStream().read()).isEqualTo('H');
      var third = threads.submit(() -> running.get("/health/ready").statusCode());
      assertThat(third.isDone()).isFalse();
      first.close();
      await().atMost(Duration.ofSeconds(60)).until(third::isDone);
      assertThat(third.get()).isEqualTo(200);
    }
  }

  /** In a process of its own, whose limit of open files can be low. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aProcessThatWasOutOfFilesAnswersAgain() throws Exception {
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
            Starvation.class.getName());
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      var said = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      assertThat(said).contains("Too many open files", "HTTP server had lost port");
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
                  Answer.text(req, res, Status.OK_200, "done");
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
