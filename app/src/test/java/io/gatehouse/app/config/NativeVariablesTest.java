package io.gatehouse.app.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.http.LoggerLevels.Level;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code GATEHOUSE_} variables. */
class NativeVariablesTest {

  @ParameterizedTest
  @CsvSource({
    "drain, GATEHOUSE_DRAIN",
    "http.healthPath, GATEHOUSE_HTTP_HEALTH_PATH",
    "upstream.bootstrapServers, GATEHOUSE_UPSTREAM_BOOTSTRAP_SERVERS",
    "listeners[0].ports.lowestBrokerId, GATEHOUSE_LISTENERS_0_PORTS_LOWEST_BROKER_ID",
    "listeners[12].mapping[3].broker, GATEHOUSE_LISTENERS_12_MAPPING_3_BROKER"
  })
  void areNamedByThePath(String path, String variable) {
    assertThat(NativeVariables.nameOf(path)).isEqualTo(variable);
  }

  @Test
  void overrideTheFile() {
    AppSettings settings =
        BoundYaml.settings(
            "upstream: {bootstrapServers: k1:9092}\nlisteners: [{ports: {brokers: 7000}}]",
            Map.of(
                "GATEHOUSE_UPSTREAM_BOOTSTRAP_SERVERS", "k8:1, k9:2",
                "GATEHOUSE_UPSTREAM_DIAL", "k8:1=a:1,k9:2=b:2",
                "GATEHOUSE_LISTENERS_0_PORTS_BROKERS", "8000",
                "GATEHOUSE_LISTENERS_0_ADVERTISED_HOST", "gw",
                "GATEHOUSE_LOG_LEVELS", "io.netty=warn"));
    assertThat(settings.gateway().upstream().bootstrapServers())
        .containsExactly(HostPort.parse("k8:1"), HostPort.parse("k9:2"));
    assertThat(settings.gateway().upstream().dial())
        .containsEntry(HostPort.parse("k9:2"), HostPort.parse("b:2"));
    assertThat(settings.gateway().listeners())
        .containsExactly(
            new ListenerSettings(
                "main", "0.0.0.0", "gw", new Routing.ByNodeId(null, PortPlan.from(8000), 0)));
    assertThat(settings.log().levels()).containsExactly(Map.entry("io.netty", Level.WARN));
  }

  @Test
  void addListeners() {
    List<ListenerSettings> listeners =
        BoundYaml.settings(
                "upstream: {bootstrapServers: k1:9092}",
                Map.of(
                    "GATEHOUSE_LISTENERS_0_NAME", "inside",
                    "GATEHOUSE_LISTENERS_0_PORTS_BROKERS", "7000",
                    "GATEHOUSE_LISTENERS_1_MAPPING_0_BROKER", "k1:9092",
                    "GATEHOUSE_LISTENERS_1_MAPPING_0_LISTEN", "127.0.0.1:9"))
            .gateway()
            .listeners();
    assertThat(listeners).extracting(ListenerSettings::name).containsExactly("inside", "listener2");
    assertThat(listeners.get(1).routing()).isInstanceOf(Routing.ByAddress.class);
  }

  @Test
  void countAsNotSetWhenEmpty() {
    AppSettings settings =
        BoundYaml.settings(
            "upstream: {bootstrapServers: k1:9092}", Map.of("GATEHOUSE_HTTP_PORT", ""));
    assertThat(requireNonNull(settings.http()).listen().port()).isEqualTo(8888);
  }

  @Test
  void areRefusedWhenUnknown() {
    assertThat(
            BoundYaml.problems(
                "upstream: {bootstrapServers: k1:9092}",
                Map.of("GATEHOUSE_LISTENERS_2_NAME", "x", "GATEHOUSE_NONSENSE_ALTOGETHER", "x")))
        .containsExactlyInAnyOrder(
            "GATEHOUSE_LISTENERS_2_NAME: there is no such setting, did you mean"
                + " GATEHOUSE_LISTENERS_0_NAME?",
            "GATEHOUSE_NONSENSE_ALTOGETHER: there is no such setting");
  }

  @Test
  void ignoreThoseOfTheLauncherAndOfKubernetes() {
    assertThat(
            BoundYaml.problems(
                "upstream: {bootstrapServers: k1:9092}",
                Map.of(
                    "GATEHOUSE_JAVA_OPTS", "-Xmx1g",
                    "GATEHOUSE_CONFIG", "f.yaml",
                    "GATEHOUSE_HEAP", "64m",
                    "GATEHOUSE_SERVICE_HOST", "10.0.0.1",
                    "GATEHOUSE_SERVICE_PORT_KAFKA", "9092",
                    "GATEHOUSE_PORT", "tcp://10.0.0.1:9092",
                    "GATEHOUSE_PORT_9092_TCP_ADDR", "10.0.0.1")))
        .isEmpty();
  }
}
