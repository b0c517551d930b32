package io.gatehouse.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {

  @Test
  void measuresEverythingByDefault() {
    Options options = Options.parse(List.of());
    assertThat(options.scenarios()).containsExactly(Scenario.values());
    assertThat(options.targets()).containsExactly("direct", "haproxy", "gatehouse");
    assertThat(options.rounds()).isEqualTo(3);
    assertThat(options.seconds()).isEqualTo(6);
    assertThat(options.gateways().get("gatehouse")).contains("/gatehouse' server", " {broker},");
    assertThat(options.gateways().get("gatehouse-mtls")).contains(" {tls-broker},", "{client-key}");
  }

  @Test
  void takesScenariosAndOptionsInAnyOrder() {
    Options options =
        Options.parse(
            List.of(
                "consume",
                "--rounds",
                "5",
                "latency",
                "--gateway",
                "old=run --port={port} -Da=b",
                "--targets",
                "old,direct",
                "--json",
                "out.json"));
    assertThat(options.scenarios()).containsExactly(Scenario.CONSUME, Scenario.LATENCY);
    assertThat(options.rounds()).isEqualTo(5);
    assertThat(options.targets()).containsExactly("old", "direct");
    assertThat(options.gateways()).containsEntry("old", "run --port={port} -Da=b");
    assertThat(options.json()).isEqualTo(Path.of("out.json"));
  }

  @Test
  void reportsInvalidArguments() {
    assertThatThrownBy(() -> Options.parse(List.of("produce")))
        .hasMessageContaining("'produce'")
        .hasMessageContaining("produce1k");
    assertThatThrownBy(() -> Options.parse(List.of("--round", "3")))
        .hasMessageContaining("--round");
    assertThatThrownBy(() -> Options.parse(List.of("--rounds"))).hasMessageContaining("value");
    assertThatThrownBy(() -> Options.parse(List.of("--rounds", "0")))
        .hasMessageContaining("from 1");
    assertThatThrownBy(() -> Options.parse(List.of("--gateway", "x")))
        .hasMessageContaining("NAME=");
    assertThatThrownBy(() -> Options.parse(List.of("--targets", "envoy")))
        .hasMessageContaining("'envoy'");
  }
}
