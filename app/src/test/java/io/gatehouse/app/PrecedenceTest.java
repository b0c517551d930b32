package io.gatehouse.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.config.SettingsBinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The precedence of configuration sources. */
class PrecedenceTest {

  @TempDir private Path folder;

  private SettingsBinder.Result bind(String yaml, Map<String, String> environment)
      throws Exception {
    Path file = Files.writeString(folder.resolve("gatehouse.yaml"), yaml);
    Arguments arguments =
        Arguments.parse(List.of("--config", file.toString()), Command.RUN.flags());
    SettingsBinder.Result result = Configuration.ofRun(arguments, environment);
    assertThat(result.problems().lines()).isEmpty();
    return result;
  }

  private static AppSettings settings(SettingsBinder.Result result) {
    return requireNonNull(result.settings());
  }

  private static int portOf(SettingsBinder.Result result) {
    return requireNonNull(settings(result).http()).listen().port();
  }

  @Test
  void nativeVariablesOverrideOthersAndTheFile() throws Exception {
    String yaml = "upstream: {bootstrapServers: file:1, clientId: file}\nhttp: {port: 1}\n";
    assertThat(portOf(bind(yaml, Map.of()))).isEqualTo(1);
    assertThat(portOf(bind(yaml, Map.of("GATEWAY_HTTP_PORT", "2")))).isEqualTo(2);
    SettingsBinder.Result result =
        bind(
            yaml,
            Map.of(
                "GATEWAY_HTTP_PORT", "2",
                "GATEHOUSE_HTTP_PORT", "3",
                "KAFKA_BOOTSTRAP_SERVERS", "variable:1"));
    assertThat(portOf(result)).isEqualTo(3);
    assertThat(settings(result).gateway().upstream().bootstrapServers())
        .extracting(address -> address.host())
        .containsExactly("variable");
    assertThat(settings(result).gateway().upstream().clientId()).isEqualTo("file");
  }

  @Test
  void aPortForHttpDoesNotChangeTheHostOfTheFile() throws Exception {
    String yaml = "upstream: {bootstrapServers: file:1}\nhttp: {host: 127.0.0.1}\n";
    SettingsBinder.Result result = bind(yaml, Map.of("GATEWAY_HTTP_PORT", "2"));
    assertThat(requireNonNull(settings(result).http()).listen().host()).isEqualTo("127.0.0.1");
  }

  @Test
  void networkVariablesReplaceTheListenersOfTheFile() throws Exception {
    SettingsBinder.Result result =
        bind(
            "upstream: {bootstrapServers: k:1}\nlisteners: [{name: a, ports: {brokers: 5000}}]\n",
            Map.of("GATEWAY_PORT_START", "7000"));
    assertThat(settings(result).gateway().listeners())
        .extracting(listener -> listener.name())
        .containsExactly("DEFAULT");
    assertThat(result.problems().notices())
        .containsExactly(
            "the listeners of "
                + folder.resolve("gatehouse.yaml")
                + " are replaced by those of GATEWAY_PORT_START");
  }

  @Test
  void theVariableNamesTheFileWithoutTheFlag() throws Exception {
    Path file =
        Files.writeString(folder.resolve("by-variable.yaml"), "upstream: {bootstrapServers: v:1}");
    Arguments none = Arguments.parse(List.of(), Command.RUN.flags());
    assertThat(
            settings(Configuration.ofRun(none, Map.of("GATEHOUSE_CONFIG", file.toString())))
                .gateway()
                .upstream()
                .bootstrapServers())
        .extracting(address -> address.host())
        .containsExactly("v");
    assertThat(
            settings(
                    bind(
                        "upstream: {bootstrapServers: f:1}",
                        Map.of("GATEHOUSE_CONFIG", file.toString())))
                .gateway()
                .upstream()
                .bootstrapServers())
        .extracting(address -> address.host())
        .containsExactly("f");
  }
}
