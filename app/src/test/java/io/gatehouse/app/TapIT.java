package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Ports;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One process serves a client, and others show its traffic. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TapIT {

  @Test
  void showsWhatAClientSendsUntilItsCount() throws Exception {
    try (KafkaCluster cluster = KafkaCluster.of(KafkaVersion.V4_4, 1).start();
        Ports ports = Ports.contiguous(2);
        ProgramProcess gateway = gateway(cluster.bootstrapServers("PLAINTEXT"), ports)) {
      String bootstrap = "127.0.0.1:" + gateway.await("clients bootstrap at [\\w.]+:(\\d+)");
      String admin = gateway.await("Health and metrics at (http://\\S+)");
      cluster.createTopic("watched", 1, 1);
      List<String> asked =
          List.of("tap", "--url", admin, "--client", "orders", "--api", "Produce", "--bodies");
      try (ProgramProcess tap = tap(asked, "--count", "2")) {
        assertThat(gateway.await("(a tap begins, requested by .*)"))
            .endsWith("client=orders&api=Produce&bodies=true&count=2");
        produce(bootstrap);
        assertThat(tap.exitCode()).as(tap.output()).isZero();
        assertThat(tap.output().lines())
            .satisfiesExactly(
                request ->
                    assertThat(request)
                        .contains(
                            "\"direction\":\"request\",\"listener\":\"main\"",
                            "\"clientId\":\"orders\"",
                            "\"api\":\"Produce\"",
                            "\"batches\":[{\"magic\":2,",
                            "\"records\":1,\"codec\":\"none\"")
                        .doesNotContain("a-key", "a-value"),
                response ->
                    assertThat(response)
                        .contains(
                            "\"direction\":\"response\"", "\"latencyMs\":", "\"BaseOffset\":0"));
      }
      assertThat(gateway.await("(the tap from \\S+ ends after 2 frames)")).isNotEmpty();
    }
  }

  @Test
  void reportsInvalidArguments() throws Exception {
    try (Ports ports = Ports.contiguous(2);
        ProgramProcess gateway = gateway("127.0.0.1:1", ports)) {
      String admin = gateway.await("Health and metrics at (http://\\S+)");
      try (ProgramProcess tap = tap(List.of("tap", "--url", admin), "--listener", "mian")) {
        assertThat(tap.exitCode()).isEqualTo(2);
        assertThat(tap.output())
            .isEqualTo("Error: there is no listener 'mian'; the listeners are main");
      }
      gateway.terminate();
      assertThat(gateway.exitCode()).isZero();
      try (ProgramProcess tap = tap(List.of("tap", "--url", admin))) {
        assertThat(tap.exitCode()).isEqualTo(2);
        assertThat(tap.output()).startsWith("Error: nothing listens at " + admin);
      }
    }
  }

  private static ProgramProcess gateway(String brokers, Ports ports) throws Exception {
    return ProgramProcess.start(
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            brokers,
            "GATEHOUSE_LISTENERS_0_PORTS_BOOTSTRAP",
            Integer.toString(ports.get(0)),
            "GATEHOUSE_LISTENERS_0_PORTS_BROKERS",
            Integer.toString(ports.get(1)),
            "GATEHOUSE_HTTP_PORT",
            "0"),
        "run");
  }

  private static ProgramProcess tap(List<String> arguments, String... more) throws Exception {
    return ProgramProcess.start(
        Map.of(), Stream.concat(arguments.stream(), List.of(more).stream()).toArray(String[]::new));
  }

  private static void produce(String bootstrap) throws Exception {
    StringSerializer text = new StringSerializer();
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "client.id", "orders");
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, text, text)) {
      producer.send(new ProducerRecord<>("watched", "a-key", "a-value")).get(1, TimeUnit.MINUTES);
    }
  }
}
