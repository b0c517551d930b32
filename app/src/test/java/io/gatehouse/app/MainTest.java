package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.ProgramContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that end immediately, and their output. */
class MainTest {

  private static final Path RESOURCES = Path.of("src/test/resources/io/gatehouse/app");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(Map<String, String> environment, String... arguments) {
    return Main.execute(
        new ProgramContext(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            environment),
        arguments);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void printsHelpAndFailsWithoutArguments() {
    assertThat(run(Map.of())).isEqualTo(1);
    assertThat(out()).contains("run", "server", "config", "demo", "version", "Exit codes");
    assertThat(err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "help"})
  void printsHelpOnRequest(String argument) {
    assertThat(run(Map.of(), argument)).isZero();
    assertThat(out()).contains("server");
  }

  @Test
  void namesEveryCommandInTheHelpOfTheProgramAndOfTheLauncher() throws Exception {
    assertThat(run(Map.of(), "help")).isZero();
    String launcher = Files.readString(Path.of("../gatehouse"));
    for (String command : Command.names()) {
      assertThat(out()).containsPattern("(?m)^  " + command + " ");
      assertThat(launcher).containsPattern("(?m)^  " + command + "  ");
    }
  }

  @Test
  void printsTheHelpOfACommand() {
    assertThat(run(Map.of(), "server", "--help")).isZero();
    String help = out();
    assertThat(help)
        .contains("--bootstrap-server-mapping=stringArray", "(default 127.0.0.1:9080)")
        .containsPattern("--debug-enable +accepted without effect")
        .containsPattern("--proxy-request-buffer-size=int\\s+accepted without effect")
        .doesNotContain("subject-country");
    out.reset();
    assertThat(run(Map.of(), "help", "server")).isZero();
    assertThat(out()).isEqualTo(help);
  }

  @Test
  void printsTheVersion() {
    assertThat(run(Map.of(), "version")).isZero();
    assertThat(out()).matches("gatehouse \\S+ \\(.*Kafka \\S+, Netty \\S+, Java \\S+\\)\\R");
    out.reset();
    assertThat(run(Map.of(), "--version")).isZero();
    assertThat(out()).startsWith("gatehouse ");
  }

  @Test
  void printsACompletionScriptWithEveryCommandAndFlag() {
    assertThat(run(Map.of(), "completion")).isZero();
    assertThat(out()).contains("complete -F", "--bootstrap-server-mapping", "demo");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          rnu                | unknown command 'rnu', did you mean run?
          tools http-proxy   | unknown command 'tools'
          run --cofnig x     | unknown flag --cofnig, did you mean --config?
          run --config       | the flag --config needs a value (string)
          run x              | unexpected 'x'
          config             | --show or --check is required
          config --show x    | unexpected 'x'
          config server      | --show or --check is required
          config --show server --foo | unknown flag --foo
          config --show server x     | unexpected 'x'
          help nothing       | unknown command 'nothing'
          """)
  void endsWithTwoOnUsageErrors(String line, String problem) {
    assertThat(run(Map.of(), line.split(" ", -1))).isEqualTo(2);
    assertThat(err()).contains("Error: " + problem).contains("See 'gatehouse ");
    assertThat(out()).isEmpty();
  }

  @Test
  void endsWithOneOnAnInvalidConfigurationAndReportsAllProblems() {
    Map<String, String> environment =
        Map.of("GATEWAY_PORT_START", "x", "GATEWAY_FEATURE_FLAGS_RBAC", "true");
    assertThat(run(environment, "run")).isEqualTo(1);
    assertThat(err())
        .isEqualTo(
            """
            Error: the configuration has 3 problems
              GATEWAY_PORT_START: 'x' is not a port (9092), a range (9092-9095) or advertised:local (443:9092)
              no bootstrap server is given: set upstream.bootstrapServers in the file, KAFKA_BOOTSTRAP_SERVERS or GATEHOUSE_UPSTREAM_BOOTSTRAP_SERVERS, for example to kafka1:9092,kafka2:9092
              not yet supported: GATEWAY_FEATURE_FLAGS_RBAC=true (only false)
            """);
    assertThat(run(Map.of(), "server")).isEqualTo(1);
    assertThat(run(Map.of(), "run", "--config", "/none.yaml")).isEqualTo(1);
    assertThat(err()).contains("cannot read /none.yaml: there is no such file");
  }

  @Test
  void checksAConfiguration() {
    assertThat(run(Map.of("KAFKA_BOOTSTRAP_SERVERS", "k:1"), "config", "--check")).isZero();
    assertThat(out()).isEqualTo("the configuration is valid\n");
    assertThat(run(Map.of("KAFKA_BOOTSTRAP_SERVERS", "k"), "config", "--check")).isEqualTo(1);
    assertThat(err()).contains("KAFKA_BOOTSTRAP_SERVERS: 'k' is not host:port");
  }

  @Test
  void printsTheNamesThatDnsAndCertificatesNeed() {
    Map<String, String> environment =
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS", "k:9092",
            "GATEWAY_ROUTING_MECHANISM", "host",
            "GATEWAY_SECURITY_PROTOCOL", "SSL",
            "GATEWAY_SSL_KEY_STORE_PATH", "/k",
            "GATEWAY_ADVERTISED_HOST", "gw.example.com");
    assertThat(run(environment, "dns", "--brokers", "0-1")).isZero();
    assertThat(out())
        .contains(
            "DNS:gw.example.com,DNS:brokermain0-gw.example.com,DNS:brokermain1-gw.example.com\n",
            "ports that clients connect to: 6969");
    out.reset();
    assertThat(run(environment, "dns")).isZero();
    assertThat(out()).contains("DNS:gw.example.com,DNS:*.example.com\n");
    out.reset();
    assertThat(
            run(
                Map.of(),
                "dns",
                "server",
                "--bootstrap-server-mapping=k:9092,0.0.0.0:32400,gw:30001",
                "--dynamic-advertised-listener=b-{{.brokerId}}.k.example"))
        .isZero();
    assertThat(out()).contains("gw\n", "*.k.example\n", "30001").doesNotContain("certificate");
    assertThat(run(environment, "dns", "--brokers", "x")).isEqualTo(2);
    assertThat(err()).contains("--brokers: 'x' is not a range such as 0-2");
  }

  /** To update the file, run the command and review the difference. */
  @Test
  void showsTheConfigurationOfAFileAndVariables() throws Exception {
    Map<String, String> environment =
        Map.of(
            "PUBLIC_NAME", "gw.example.com",
            "GATEWAY_HTTP_PORT", "9999",
            "GATEHOUSE_LISTENERS_1_HOST", "10.0.0.5",
            "KAFKA_CLIENT_ID", "me",
            "GATEWAY_LICENSE_KEY", "a secret");
    assertThat(
            run(environment, "config", "--show", "--config", RESOURCES.resolve("golden.yaml") + ""))
        .isZero();
    assertThat(out()).isEqualTo(Files.readString(RESOURCES.resolve("golden-shown.yaml")));
    assertThat(err())
        .isEqualTo("Warning: GATEWAY_LICENSE_KEY has no effect: no licence is needed\n");
  }

  @Test
  void showsTheConfigurationOfKafkaProxysFlags() throws Exception {
    assertThat(
            run(
                Map.of("EXTERNAL_SERVER_MAPPING", "kafka3:9092,other:32402"),
                "config",
                "--show",
                "server",
                "--bootstrap-server-mapping=kafka1:9092,127.0.0.1:32400,gw.example.com:30001",
                "--bootstrap-server-mapping=kafka2:9092,0.0.0.0:32401",
                "--dynamic-sequential-min-port=40000",
                "--deterministic-listeners",
                "--log-format=json"))
        .isZero();
    assertThat(out()).isEqualTo(Files.readString(RESOURCES.resolve("golden-server-shown.yaml")));
    assertThat(err()).isEmpty();
  }
}
