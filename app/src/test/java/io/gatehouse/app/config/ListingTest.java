package io.gatehouse.app.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The effective configuration as YAML. */
class ListingTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        upstream: {bootstrapServers: k1:9092}
        """,
        """
        upstream:
          bootstrapServers: ["[::1]:9092", k2:9092]
          dial: {"[::1]:9092": "[fe80::1]:9092", k2:9092: a:1}
          clientId: 'odd "name": #1 \\ $${x}'
        listeners:
          - name: one
            host: "::1"
            ports: {bootstrap: 443:9092, brokers: "29093-29094:9093-9094", lowestBrokerId: 7}
          - mapping:
              - {broker: k1:9092, listen: 0.0.0.0:32400, advertised: gw:32400}
              - {broker: k2:9092, listen: 127.0.0.1:0}
            external: {k4:9092: other:32403}
            dynamic: {lowestPort: 40000, advertised: "b-{{.brokerId}}.gw:9092"}
        rules: {forbiddenApis: [20, 19]}
        http: {enabled: false}
        log: {levels: {io.netty: warn}, fields: {level: "", time: "null"}}
        """,
        """
        listeners:
          - mapping: [{broker: k1:9092, listen: "[::]:32400"}]
            dynamic: {}
        """
      })
  void readsBackAsTheSame(String yaml) {
    SettingsBinder.Result first = BoundYaml.bind(yaml);
    assertThat(first.problems().lines()).isEmpty();
    SettingsBinder.Result second = BoundYaml.bind(first.yaml());
    assertThat(second.problems().lines()).isEmpty();
    AppSettings before = requireNonNull(first.settings());
    AppSettings after = requireNonNull(second.settings());
    assertThat(after.gateway()).isEqualTo(before.gateway());
    assertThat(after.log()).isEqualTo(before.log());
    assertThat(after.http() == null).isEqualTo(before.http() == null);
  }

  @Test
  void namesEveryOrigin() {
    String listing =
        BoundYaml.bind(
                "upstream:\n  bootstrapServers: k1:9092\nhttp:\n  port: 80\n",
                Map.of("GATEHOUSE_HTTP_HOST", "127.0.0.1"))
            .yaml();
    assertThat(listing)
        .containsPattern("(?m)^  bootstrapServers: \\[k1:9092\\] +# test.yaml:2$")
        .containsPattern("(?m)^  host: 127.0.0.1 +# GATEHOUSE_HTTP_HOST$")
        .containsPattern("(?m)^  port: 80 +# test.yaml:4$")
        .containsPattern("(?m)^  healthPath: /health +# default$");
  }

  @Test
  void isCompleteEvenWithProblems() {
    assertThat(BoundYaml.bind("drain: soon").yaml())
        .contains("  time: 10s", "message: \"@message\"");
  }
}
