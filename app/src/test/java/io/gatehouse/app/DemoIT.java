package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.testkit.Ports;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The command {@code gatehouse demo}. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class DemoIT {

  @Test
  void sendsAndReadsThroughTheGatewayAndEndsOnASignal() throws Exception {
    try (Ports ports = Ports.reserve(1);
        ProgramProcess program =
            ProgramProcess.start(
                Map.of(
                    "GATEHOUSE_LISTENERS_0_PORTS_BROKERS",
                    Integer.toString(ports.get(0)),
                    "GATEHOUSE_HTTP_PORT",
                    "0"),
                "demo")) {
      assertThat(program.await("(clients see broker 0 at .*)"))
          .isEqualTo("clients see broker 0 at 127.0.0.1:" + ports.get(0));
      assertThat(program.await("^(read 'behind the gateway' from demo-0@2)$")).isNotEmpty();
      assertThat(program.await("(kcat -b \\S+ -L)")).contains(":" + ports.get(0));
      String first = program.await("hello \\| kcat -b (\\S+) -t new -P");
      sendToANewTopic(first);
      program.terminate();
      assertThat(program.exitCode()).isZero();
    }
  }

  /** Like a client that does not create topics. */
  private static void sendToANewTopic(String bootstrap) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap);
    StringSerializer text = new StringSerializer();
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, text, text)) {
      var sent = producer.send(new ProducerRecord<>("new", "hello")).get(1, TimeUnit.MINUTES);
      assertThat(sent.topic()).isEqualTo("new");
    }
  }

  @Test
  void failsWithAMessageWithoutTheTestkit() throws Exception {
    try (ProgramProcess program = ProgramProcess.startWithout("testkit", Map.of(), "demo")) {
      assertThat(program.exitCode()).isEqualTo(1);
      assertThat(program.output())
          .contains("Error: the demo runs only in a source tree: ./gatehouse demo")
          .doesNotContain("NoClassDefFoundError");
    }
  }
}
