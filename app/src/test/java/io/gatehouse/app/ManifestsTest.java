package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.testkit.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The gateway starts with settings from public charts, compose files and documentation, unless they
 * ask for missing protection. The files contain their source.
 */
class ManifestsTest {

  private static final Path MANIFESTS = Path.of("src/test/resources/io/gatehouse/app/manifests");

  @TempDir private Path folder;

  private static Stream<Path> files(String suffix) throws IOException {
    try (Stream<Path> all = Files.list(MANIFESTS)) {
      return all.filter(file -> file.toString().endsWith(suffix)).sorted().toList().stream();
    }
  }

  static Stream<Path> environments() throws IOException {
    return files(".env");
  }

  static Stream<Path> commandLines() throws IOException {
    return files(".args");
  }

  private static List<String> lines(Path file, String prefix) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.substring(prefix.length()).strip())
        .toList();
  }

  private static List<String> content(Path file) throws IOException {
    return Files.readAllLines(file).stream().filter(line -> !line.startsWith("#")).toList();
  }

  private static Map<String, String> environment(Path file) throws IOException {
    Map<String, String> environment = new TreeMap<>();
    for (String line : content(file)) {
      String[] sides = line.split("=", 2);
      environment.put(sides[0], sides[1]);
    }
    return environment;
  }

  private static SettingsBinder.Result run(Map<String, String> environment) {
    return Configuration.ofRun(Arguments.parse(List.of(), Command.RUN.flags()), environment);
  }

  @ParameterizedTest
  @MethodSource("environments")
  void startsUnlessProtectionIsMissing(Path file) throws Exception {
    SettingsBinder.Result result = run(environment(file));
    assertThat(lines(file, "# from:")).isNotEmpty();
    assertThat(result.problems().lines()).containsExactlyElementsOf(lines(file, "# refused:"));
    for (String name : environment(file).keySet()) {
      assertThat(result.problems().notices().stream().filter(notice -> tellsOf(notice, name)))
          .as("warnings about %s", name)
          .hasSizeLessThanOrEqualTo(1);
    }
  }

  private static boolean tellsOf(String notice, String name) {
    return notice.startsWith(name + " ") || notice.startsWith(name + "=");
  }

  @ParameterizedTest
  @MethodSource("environments")
  void knowsEachVariable(Path file) throws Exception {
    for (Map.Entry<String, String> variable : environment(file).entrySet()) {
      Map<String, String> alone = new TreeMap<>(Map.of("KAFKA_BOOTSTRAP_SERVERS", "k1:9092"));
      alone.put(variable.getKey(), variable.getValue());
      assertThat(run(alone).problems().lines())
          .noneMatch(line -> line.contains("there is no such variable"));
    }
  }

  @ParameterizedTest
  @MethodSource("commandLines")
  void startsWithFlagsUnlessProtectionIsMissing(Path file) throws Exception {
    Arguments arguments = Arguments.parse(content(file), Command.SERVER.flags());
    assertThat(arguments.problems()).isEmpty();
    assertThat(arguments.rest()).isEmpty();
    SettingsBinder.Result result = Configuration.ofServer(arguments, Map.of());
    assertThat(lines(file, "# from:")).isNotEmpty();
    assertThat(result.problems().lines()).containsExactlyElementsOf(lines(file, "# refused:"));
  }

  private static SettingsBinder.Result interceptors(Path file) {
    return run(
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            "k1:9092",
            "GATEWAY_INTERCEPTOR_CONFIG_LOCATION",
            file.toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", " [ ]\n", "{}", "null", "\"[]\""})
  void acceptsAFileWithoutInterceptors(String content) throws Exception {
    Path file = Files.writeString(folder.resolve("interceptors.json"), content);
    SettingsBinder.Result result = interceptors(file);
    assertThat(result.problems().lines()).isEmpty();
    assertThat(result.problems().notices())
        .containsExactly(
            "GATEWAY_INTERCEPTOR_CONFIG_LOCATION has no effect: "
                + file
                + " contains no interceptors");
  }

  @Test
  void refusesAFileWithInterceptorsOrThatCannotBeRead() throws Exception {
    Path some = Files.writeString(folder.resolve("some.json"), " ".repeat(2000) + "[{}]");
    assertThat(interceptors(some).problems().lines())
        .containsExactly(
            "not yet supported: the interceptors in "
                + some
                + " (GATEWAY_INTERCEPTOR_CONFIG_LOCATION: there are no interceptors yet)");
    assertThat(interceptors(folder).problems().lines())
        .containsExactly(
            "GATEWAY_INTERCEPTOR_CONFIG_LOCATION: cannot read "
                + folder
                + " to check whether it contains interceptors");
  }

  @ParameterizedTest
  @ValueSource(strings = {"helm-listeners.env", "connection-pool-type.env"})
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void servesWithTheVariables(String name) throws Exception {
    Map<String, String> environment = environment(MANIFESTS.resolve(name));
    try (Ports ports = Ports.reserve(1)) {
      boolean explicit = environment.containsKey("GATEWAY_LISTENER_NAMES");
      environment.put("GATEWAY_HTTP_PORT", "0");
      environment.put("GATEHOUSE_HTTP_HOST", "127.0.0.1");
      environment.put(
          explicit ? "GATEWAY_LISTENER_INTERNAL_PORTS" : "GATEWAY_PORT_START",
          Integer.toString(ports.get(0)));
      environment.put(
          explicit ? "GATEWAY_LISTENER_INTERNAL_BIND_ADDRESS" : "GATEWAY_BIND_HOST", "127.0.0.1");
      try (ProgramProcess program = ProgramProcess.start(environment, "run")) {
        assertThat(program.await("(Ready for new connections)")).isNotEmpty();
        program.terminate();
        assertThat(program.exitCode()).isZero();
      }
    }
  }

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void servesWithTheDebugFlags() throws Exception {
    String[] arguments =
        Stream.concat(
                Stream.of("server", "--http-listen-address=127.0.0.1:0"),
                content(MANIFESTS.resolve("debug.args")).stream()
                    .map(line -> line.replace("0.0.0.0:32400", "127.0.0.1:0")))
            .toArray(String[]::new);
    try (ProgramProcess program = ProgramProcess.start(Map.of(), arguments)) {
      assertThat(program.await("(--debug-enable has no effect)")).isNotEmpty();
      assertThat(program.await("(clients log in at the brokers of the cluster main)")).isNotEmpty();
      assertThat(program.await("(Ready for new connections)")).isNotEmpty();
      program.terminate();
      assertThat(program.exitCode()).isZero();
      assertThat(program.output()).contains("Computed configuration").doesNotContain("io.netty");
    }
  }
}
