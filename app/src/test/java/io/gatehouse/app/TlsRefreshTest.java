package io.gatehouse.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.config.SettingsBinder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The interval for checking TLS files, with the settings of each product. */
class TlsRefreshTest {

  private static SettingsBinder.Result run(String variable, String value) {
    Map<String, String> environment = new HashMap<>(Map.of("KAFKA_BOOTSTRAP_SERVERS", "k:1"));
    environment.put(variable, value);
    return Configuration.ofRun(Arguments.parse(List.of(), Command.RUN.flags()), environment);
  }

  private static SettingsBinder.Result server(@Nullable String listener, @Nullable String broker) {
    List<String> flags = new ArrayList<>(List.of("--bootstrap-server-mapping=k:9092,127.0.0.1:0"));
    if (listener != null) {
      flags.add("--proxy-listener-tls-refresh=" + listener);
    }
    if (broker != null) {
      flags.add("--tls-refresh=" + broker);
    }
    return Configuration.ofServer(Arguments.parse(flags, Command.SERVER.flags()), Map.of());
  }

  private static Duration of(SettingsBinder.Result result) {
    assertThat(result.problems().lines()).isEmpty();
    return requireNonNull(result.settings()).tlsRefresh();
  }

  @Test
  void isFiveSecondsByDefault() {
    assertThat(of(run("GATEWAY_HTTP_PORT", "1"))).isEqualTo(Duration.ofSeconds(5));
    assertThat(of(server(null, null))).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void isInMinutesInConduktorsVariable() {
    assertThat(of(run("GATEWAY_SSL_UPDATE_CONTEXT_INTERVAL_MINUTES", "7")))
        .isEqualTo(Duration.ofMinutes(7));
    assertThat(run("GATEWAY_SSL_UPDATE_CONTEXT_INTERVAL_MINUTES", "7").problems().notices())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1.5", "5m", "525601"})
  void conduktorsVariableHasBounds(String value) {
    assertThat(run("GATEWAY_SSL_UPDATE_CONTEXT_INTERVAL_MINUTES", value).problems().lines())
        .singleElement()
        .asString()
        .contains("GATEWAY_SSL_UPDATE_CONTEXT_INTERVAL_MINUTES", value);
  }

  @ParameterizedTest
  @CsvSource({
    "10s,,10s",
    ",20s,20s",
    "10s,20s,10s",
    "20s,10s,10s",
    "0,10s,10s",
    "10s,0s,10s",
    "0,0,0s",
    ",0,0s",
    "100ms,,1s",
    "1m30s,2h,1m30s"
  })
  void isTheShorterOfKafkaProxysFlags(
      @Nullable String listener, @Nullable String broker, String expected) {
    assertThat(of(server(listener, broker)))
        .isEqualTo(io.gatehouse.app.config.Durations.parse(expected));
  }

  @Test
  void nativeValuesHaveBounds() {
    assertThat(of(run("GATEHOUSE_TLS_REFRESH", "0s"))).isZero();
    assertThat(of(run("GATEHOUSE_TLS_REFRESH", "1s"))).isEqualTo(Duration.ofSeconds(1));
    for (String wrong : List.of("999ms", "8761h", "-1s", "often")) {
      assertThat(run("GATEHOUSE_TLS_REFRESH", wrong).problems().lines())
          .singleElement()
          .asString()
          .contains("GATEHOUSE_TLS_REFRESH", wrong);
    }
    assertThat(server("never", null).problems().lines())
        .singleElement()
        .asString()
        .contains("--proxy-listener-tls-refresh", "never");
  }
}
