package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.AuthMetrics;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Figures;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.wire.tree.Struct;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Metrics are exact, gauges return to zero, and the number of label values is bounded. */
class MetricsTest {

  private static final int HELLO = Frames.request(Frames.UNKNOWN, 0, -1, new byte[3]).length + 4;

  private static byte[] metadataRequest(int id) {
    return Frames.request(
        Frames.METADATA, 9, id, Frames.newRequest(Frames.METADATA, 9).set("Topics", null));
  }

  private static byte[] metadataResponse(int id) {
    return Frames.response(Frames.METADATA, 9, id, Frames.newResponse(Frames.METADATA, 9));
  }

  private static byte[] produceResponse(int id, int... errors) {
    Struct body = Frames.newResponse(Frames.PRODUCE, 9);
    Struct topic = body.addStruct("Responses");
    for (int error : errors) {
      topic.addStruct("PartitionResponses").set("ErrorCode", (short) error);
    }
    return Frames.response(Frames.PRODUCE, 9, id, body);
  }

  @Test
  void failuresOfVerifiersAndPluginsAreCounted() throws Exception {
    try (Rig rig = Rig.start()) {
      AuthMetrics.failed(AuthMetrics.Verifier.JWKS, AuthMetrics.Cause.TLS);
      AuthMetrics.pluginStarted("quiet");
      AuthMetrics.pluginStarted("restless");
      AuthMetrics.pluginRestarted("restless");
      Figures figures = rig.figures();
      assertThat(figures.value("gatehouse_verifier_failures", "verifier", "jwks", "cause", "tls"))
          .isPositive();
      assertThat(figures.value("gatehouse_plugin_restarts", "plugin", "quiet")).isZero();
      assertThat(figures.value("gatehouse_plugin_restarts", "plugin", "restless")).isEqualTo(1);
    }
  }

  @Test
  void knownTrafficGivesExactCounts() throws Exception {
    RandomGenerator random = Seed.random("metrics");
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      int metadataBytes = 0;
      int answerBytes = 0;
      for (int id = 0; id < 7; id++) {
        pair.exchange(metadataRequest(id), metadataResponse(id));
        metadataBytes += 4 + metadataRequest(id).length;
        answerBytes += 4 + metadataResponse(id).length;
      }
      byte[] produce = Frames.produce(9, 7, -1, 300_000, random);
      pair.exchange(produce, produceResponse(7, 0, 3, 3, 6));
      pair.client().sendFrame(Frames.produce(9, 8, 0, 100, random));
      var _ = pair.link().readFrame(Rig.LIMIT);

      Figures figures = rig.figures();
      assertThat(figures.value("gatehouse_requests", "api", "Metadata")).isEqualTo(7);
      assertThat(figures.value("gatehouse_request_bytes", "api", "Metadata"))
          .isEqualTo(metadataBytes);
      assertThat(figures.value("gatehouse_response_bytes", "api", "Metadata"))
          .isEqualTo(answerBytes);
      assertThat(figures.value("gatehouse_request_duration_seconds", "api", "Metadata"))
          .as("measured requests")
          .isEqualTo(7);
      assertThat(figures.value("gatehouse_requests", "api", "Produce")).isEqualTo(2);
      assertThat(figures.value("gatehouse_request_duration_seconds", "api", "Produce"))
          .as("answered requests")
          .isEqualTo(1);
      assertThat(figures.value("gatehouse_response_errors", "api", "Produce", "code", "3"))
          .isEqualTo(2);
      assertThat(figures.value("gatehouse_response_errors", "api", "Produce", "code", "6"))
          .isEqualTo(1);
      assertThat(figures.points("gatehouse_response_errors")).hasSize(2);
      assertThat(figures.value("gatehouse_request_broker_seconds", "api", "Metadata")).isPositive();
      assertThat(figures.value("gatehouse_requests_in_flight")).isZero();
      assertThat(figures.value("gatehouse_client_connections")).isEqualTo(1);
    }
  }

  @Test
  void kafkaProxyMetricsAreByBroker() throws Exception {
    try (Rig rig = Rig.start()) {
      String broker = rig.broker().address().toString();
      Rig.Pair first = rig.open();
      Rig.Pair second = rig.open();
      first.exchange(metadataRequest(1), metadataResponse(1));
      second.exchange(metadataRequest(1), metadataResponse(1));
      second.client().close();
      rig.awaitEnds(CloseReason.CLIENT_CLOSED, 1);

      Figures figures = rig.figures();
      assertThat(figures.value("proxy_opened_connections", "broker", broker)).isEqualTo(1);
      assertThat(figures.value("proxy_connections", "broker", broker)).isEqualTo(2);
      assertThat(
              figures.value("proxy_requests", "broker", broker, "api_key", "3", "api_version", "9"))
          .isEqualTo(2);
      assertThat(figures.value("proxy_requests_bytes", "broker", broker))
          .isEqualTo(2 * (HELLO + 4 + metadataRequest(1).length));
      assertThat(figures.value("proxy_responses_bytes", "broker", broker))
          .isEqualTo(2 * (4 + 4 + 3 + 4 + metadataResponse(1).length));
    }
  }

  @Test
  void requestsInFlightAreCountedUntilTheyAreAnswered() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.client().send(Frames.framed(metadataRequest(1), metadataRequest(2), metadataRequest(3)));
      for (int id = 1; id <= 3; id++) {
        var _ = pair.link().readFrame(Rig.LIMIT);
      }
      assertThat(rig.figures().value("gatehouse_requests_in_flight")).isEqualTo(3);

      pair.link().sendFrame(metadataResponse(1));
      var _ = pair.client().readFrame(Rig.LIMIT);
      assertThat(rig.figures().value("gatehouse_requests_in_flight")).isEqualTo(2);

      pair.client().reset();
      rig.awaitEnds(CloseReason.CLIENT_RESET, 1);
      assertThat(rig.figures().value("gatehouse_requests_in_flight")).isZero();
      assertThat(rig.figures().value("gatehouse_client_connections")).isZero();
      assertThat(rig.figures().value("gatehouse_client_connections_accepted")).isEqualTo(1);
    }
  }

  @Test
  void responsesOfTheGatewayItselfAreCounted() throws Exception {
    try (Rig rig = new Setup().forbid(Frames.CREATE_TOPICS).start()) {
      Rig.Pair pair = rig.open();
      byte[] request =
          Frames.request(Frames.CREATE_TOPICS, 7, 1, Frames.newRequest(Frames.CREATE_TOPICS, 7));
      pair.client().sendFrame(request);
      byte[] answer = pair.client().readFrame(Rig.LIMIT);

      Figures figures = rig.figures();
      assertThat(figures.value("gatehouse_requests", "api", "CreateTopics")).isEqualTo(1);
      assertThat(figures.value("gatehouse_response_bytes", "api", "CreateTopics"))
          .isEqualTo(4 + answer.length);
      assertThat(figures.value("gatehouse_request_duration_seconds", "api", "CreateTopics"))
          .isEqualTo(1);
      assertThat(figures.value("gatehouse_requests_in_flight")).isZero();
    }
  }

  @Test
  void theNumberOfLabelsIsBounded() throws Exception {
    RandomGenerator random = Seed.random("labels");
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      for (int i = 0; i < 600; i++) {
        int apiKey = random.nextInt(200, 32768);
        int version = random.nextInt(32768);
        pair.exchange(
            Frames.request(apiKey, version, i, new byte[2]), Frames.response(i, new byte[2]));
      }
      for (int error : List.of(-2, 254, 256, 32767, -32768)) {
        byte[] request = Frames.produce(9, 1, 1, 10, random);
        pair.exchange(request, produceResponse(1, error));
      }

      Figures figures = rig.figures();
      assertThat(labels(figures, "gatehouse_requests", "api")).containsOnly("other", "Produce");
      assertThat(figures.value("gatehouse_requests", "api", "other")).isEqualTo(601);
      assertThat(labels(figures, "proxy_requests", "api_key")).containsOnly("other", "0");
      assertThat(figures.points("proxy_requests")).hasSizeLessThan(40);
      assertThat(labels(figures, "gatehouse_response_errors", "code")).containsOnly("other", "254");
    }
  }

  private static List<String> labels(Figures figures, String metric, String label) {
    return figures.points(metric).stream()
        .map(point -> point.getLabels().get(label))
        .collect(Collectors.toSet())
        .stream()
        .sorted()
        .toList();
  }

  @Test
  void allBuffersAreReleasedAfterTraffic() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      for (int id = 0; id < 50; id++) {
        pair.exchange(
            Frames.request(Frames.UNKNOWN, 0, id, new byte[300_000]),
            Frames.response(id, new byte[700_000]));
      }
      double ticks = rig.figures().value("gatehouse_event_loop_ticks");
      Await.until(
          () -> "the loops do not tick",
          () -> rig.figures().value("gatehouse_event_loop_ticks") >= ticks + 2);

      assertThat(rig.figures().value("gatehouse_buffered_bytes")).isZero();
    }
  }

  @Test
  void everyReasonIsExportedFromTheStart() throws Exception {
    try (Rig rig = Rig.start()) {
      assertThat(rig.figures().points("gatehouse_connection_ends"))
          .hasSize(CloseReason.values().length);
    }
  }
}
