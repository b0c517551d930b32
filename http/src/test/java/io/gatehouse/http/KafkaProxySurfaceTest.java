package io.gatehouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.http.Health.Check;
import io.gatehouse.http.Health.Concern;
import io.gatehouse.http.HttpSettings.Style;
import io.gatehouse.http.HttpSettings.Surface;
import org.junit.jupiter.api.Test;

/** The HTTP server in kafka-proxy's style. */
class KafkaProxySurfaceTest {
  private static Running proxy(String health, String metrics) throws ListenException {
    return Running.with(Running.loopback().with(new Surface(Style.KAFKA_PROXY, health, metrics)));
  }

  @Test
  void healthIsPlainOkWhileReadyAndTheReasonWhenNot() throws ListenException {
    try (var running = proxy("/health", "/metrics")) {
      var ok = running.get("/health");
      assertThat(ok.statusCode()).isEqualTo(200);
      assertThat(ok.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
      assertThat(ok.body()).isEqualTo("OK");

      running.checks.add(Check.down("upstream", Concern.INFORM, "broker 3 does not answer"));
      assertThat(running.get("/health").body()).isEqualTo("OK");

      running.checks.add(Check.down("drain", Concern.READY, "the gateway is draining"));
      running.checks.add(Check.down("loop-1", Concern.LIVE, "has not turned for 30 s"));
      var down = running.get("/health");
      assertThat(down.statusCode()).isEqualTo(503);
      assertThat(down.body())
          .isEqualTo("drain: the gateway is draining; loop-1: has not turned for 30 s");
      assertThat(running.get("/health/ready").statusCode()).isEqualTo(503);
    }
  }

  @Test
  void anyOtherPathIsAPageWithALinkToTheMetrics() throws ListenException {
    try (var running = proxy("/health", "/metrics")) {
      for (var path : new String[] {"/", "/any/thing", "/loggers"}) {
        var page = running.get(path);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
        assertThat(page.body()).contains("<a href=\"/metrics\">Metrics</a>");
      }
      assertThat(running.method("HEAD", "/").body()).isEmpty();
      var post = running.method("POST", "/any/thing");
      assertThat(post.statusCode()).isEqualTo(405);
      assertThat(post.headers().firstValue("allow")).hasValue("GET, HEAD");
    }
  }

  @Test
  void logLevelsCannotBeChanged() throws ListenException {
    try (var running = proxy("/health", "/metrics")) {
      assertThat(running.put("/loggers/ROOT", "{\"level\":\"OFF\"}").statusCode()).isEqualTo(405);
    }
  }

  @Test
  void pathsAreThoseOfTheFlags() throws ListenException {
    try (var running = proxy("/healthz", "/internal/prom-metrics")) {
      assertThat(running.get("/healthz").body()).isEqualTo("OK");
      assertThat(running.get("/healthz/ready").body()).isEqualTo("READY");
      assertThat(running.get("/internal/prom-metrics").body()).contains("gatehouse_requests_total");
      assertThat(running.get("/metrics").body()).contains("<a href=\"/internal/prom-metrics\">");
      assertThat(running.get("/health").body()).contains("<html");
    }
  }
}
