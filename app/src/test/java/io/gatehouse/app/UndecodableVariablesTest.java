package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.kafkaproxy.KafkaProxyFlags;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Variables with characters that the JVM could not decode without a UTF-8 locale. */
class UndecodableVariablesTest {

  private static final String SPOILT = "p\uFFFD\uFFFDssword";

  @Test
  void refusesVariables() {
    Arguments none = Arguments.parse(List.of(), Command.RUN.flags());
    var result =
        Configuration.ofRun(
            none,
            Map.of(
                "KAFKA_BOOTSTRAP_SERVERS", "k1:9092",
                "KAFKA_SSL_TRUSTSTORE_PASSWORD", SPOILT,
                "SOMETHING_ELSE", SPOILT));
    assertThat(result.problems().lines())
        .singleElement()
        .asString()
        .contains("KAFKA_SSL_TRUSTSTORE_PASSWORD", "set LANG=C.UTF-8")
        .doesNotContain("\uFFFD");
  }

  @Test
  void refusesVariablesOfFlags() {
    Arguments flags =
        Arguments.parse(
            List.of(
                "--bootstrap-server-mapping=k1:9092,127.0.0.1:1",
                "--sasl-enable",
                "--sasl-username=u"),
            KafkaProxyFlags.all());
    var result =
        Configuration.ofServer(flags, Map.of("SASL_PASSWORD", SPOILT, "SOMETHING_ELSE", SPOILT));
    assertThat(result.problems().lines())
        .singleElement()
        .asString()
        .contains("SASL_PASSWORD", "set LANG=C.UTF-8");
  }
}
