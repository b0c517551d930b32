package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TapRoutesTest {
  private static final String END = "end";

  private final BlockingQueue<String> frames = new LinkedBlockingQueue<>();
  private final BlockingQueue<Map<String, List<String>>> asked = new LinkedBlockingQueue<>();
  private final AtomicInteger open = new AtomicInteger();

  private FrameTaps.Lines open(Map<String, List<String>> parameters)
      throws FrameTaps.TooManyException {
    if (parameters.containsKey("wrong")) {
      throw new IllegalArgumentException("there is no parameter 'wrong'");
    }
    if (open.get() == 1) {
      throw new FrameTaps.TooManyException("1 tap is open");
    }
    open.incrementAndGet();
    asked.add(parameters);
    return new Lines();
  }

  private final class Lines implements FrameTaps.Lines {
    private boolean ended;

    @Override
    public @Nullable String next(Duration most) throws InterruptedException {
      var line = frames.poll(most.toNanos(), TimeUnit.NANOSECONDS);
      ended = END.equals(line);
      return ended ? null : line;
    }

    @Override
    public boolean isEnded() {
      return ended;
    }

    @Override
    public long shown() {
      return 0;
    }

    @Override
    public void close() {
      open.decrementAndGet();
    }
  }

  private Running running() throws ListenException {
    return Running.usual(new TapRoutes(this::open));
  }

  @Test
  void streamsEachLineAsItComes() throws Exception {
    try (var running = running()) {
      var request = running.request("/tap?api=Metadata&api=1%2C2&bodies").build();
      var response = running.send(request, BodyHandlers.ofInputStream());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Type")).hasValue("application/x-ndjson");
      assertThat(asked.take())
          .isEqualTo(Map.of("api", List.of("Metadata", "1,2"), "bodies", List.of("true")));
      try (var lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
        assertThat(lines.readLine()).isEmpty();
        frames.add("{\"n\":1}");
        assertThat(nextFrame(lines)).isEqualTo("{\"n\":1}");
        frames.add("{\"n\":2}");
        frames.add("{\"n\":\"ä\"}");
        assertThat(nextFrame(lines)).isEqualTo("{\"n\":2}");
        assertThat(nextFrame(lines)).isEqualTo("{\"n\":\"ä\"}");
        frames.add(END);
        assertThat(nextFrame(lines)).isNull();
      }
      await().until(() -> open.get() == 0);
    }
  }

  private static @Nullable String nextFrame(BufferedReader lines) throws Exception {
    var line = lines.readLine();
    while (line != null && line.isEmpty()) {
      line = lines.readLine();
    }
    return line;
  }

  /** Only the empty lines can detect this, because there are no frames. */
  @Test
  void endsWhenTheClientDisconnects() throws Exception {
    try (var running = running()) {
      var socket = running.raw("GET /tap HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      assertThat(open).hasValue(1);
      socket.close();
      await().atMost(Duration.ofSeconds(30)).until(() -> open.get() == 0);
    }
  }

  /** The limit of an exchange is one second, unless the client keeps reading. */
  @Test
  void outlivesTheLimitOfAnExchangeWhileItIsRead() throws Exception {
    var usual = HttpSettings.Limits.DEFAULT;
    var limits =
        new HttpSettings.Limits(
            usual.connections(),
            usual.perAddress(),
            usual.bodyBytes(),
            Duration.ofSeconds(1),
            Duration.ofSeconds(4));
    var settings = Running.loopback().with(limits);
    try (var running = Running.with(settings, new TapRoutes(this::open))) {
      var response = running.send(running.request("/tap").build(), BodyHandlers.ofInputStream());
      try (var lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
        for (int i = 0; i < 5; i++) { // every two seconds
          assertThat(lines.readLine()).isEmpty();
        }
        frames.add("{}");
        assertThat(nextFrame(lines)).isEqualTo("{}");
      }
    }
  }

  @Test
  void aClientThatDoesNotReadIsDisconnected() throws Exception {
    var usual = HttpSettings.Limits.DEFAULT;
    var limits =
        new HttpSettings.Limits(
            usual.connections(),
            usual.perAddress(),
            usual.bodyBytes(),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1));
    var settings = Running.loopback().with(limits);
    var line = "x".repeat(1 << 20);
    try (var running = Running.with(settings, new TapRoutes(this::open));
        var socket = running.raw("GET /tap HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      for (int i = 0; i < 30; i++) {
        frames.add(line);
      }
      await().atMost(Duration.ofSeconds(60)).until(() -> open.get() == 0);
    }
  }

  @Test
  void refusesWithMessages() throws Exception {
    try (var running = running()) {
      var wrong = running.get("/tap?wrong=1");
      assertThat(wrong.statusCode()).isEqualTo(400);
      assertThat(wrong.body()).contains("there is no parameter 'wrong'");
      open.set(1);
      var second = running.get("/tap");
      assertThat(second.statusCode()).isEqualTo(429);
      assertThat(second.body()).contains("1 tap is open");
      assertThat(running.method("HEAD", "/tap").statusCode()).isEqualTo(405);
    }
  }

  @Test
  void isAvailableOnlyToProgramsOnThisMachine() throws Exception {
    try (var running = running()) {
      var refused = running.get("/tap", "X-Forwarded-For", "203.0.113.7");
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body())
          .contains("This is available from this machine only", "X-Forwarded-For shows");
      assertThat(asked).isEmpty();
    }
  }
}
