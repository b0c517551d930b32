package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.ProgramContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs every command in the documentation. A new or changed command must be added to one of the
 * tables.
 */
@Timeout(120)
class DocumentedCommandsTest {

  private static final Path ROOT = Path.of("..");

  private static final String FLAGS =
      "--bootstrap-server-mapping \"kafka-1.example:9092,127.0.0.1:32400\"";

  /** Commands that end immediately, with a part of their output. */
  private static final Map<String, String> ENDING =
      Map.of(
          "gatehouse config --show --config gatehouse.yaml", "bootstrap: 9092",
          "gatehouse config --show", "port: 8888",
          "gatehouse config --show [--config f]", "bootstrap: 9092",
          "gatehouse dns [--config f]", "each client is told the address it connected to",
          "gatehouse dns", "listener main",
          "gatehouse config --check [--config f]", "",
          "gatehouse config --show server ...", "listen: 127.0.0.1:32400",
          "gatehouse config --show server <your flags>", "listen: 127.0.0.1:32400",
          "gatehouse help", "completion",
          "gatehouse help tap", "--bodies");

  /** Commands that connect to a running gateway. */
  private static final Set<String> ASKING =
      Set.of(
          "gatehouse tap",
          "gatehouse tap --client 10.0.0.7 --api Metadata,FindCoordinator --bodies",
          "gatehouse tap --client orders-service --api Produce --bodies --count 20",
          "gatehouse tap --listener main --rate 100/s --for 30s",
          "gatehouse tap --url http://127.0.0.1:8888 --api Fetch --count 1");

  /** Commands that start a gateway, with its bootstrap port. */
  private static final Map<String, Integer> STARTING =
      Map.of(
          "gatehouse run --config gatehouse.yaml",
          9092,
          "gatehouse server " + FLAGS,
          32400,
          "KAFKA_BOOTSTRAP_SERVERS=kafka-1.example:9092 GATEWAY_PORT_START=6969 gatehouse run",
          6969);

  /** Parts of these commands in running text. */
  private static final Set<String> PARTS =
      Set.of(
          "gatehouse",
          "gatehouse acl explain",
          "gatehouse run",
          "gatehouse server",
          "gatehouse server --bootstrap-server-mapping ...");

  /** Commands of the source tree, with a file that implements or tests each and a text in it. */
  private static final Map<String, String> OF_THE_TREE =
      Map.ofEntries(
          Map.entry("gatehouse demo", "app/src/test/java/io/gatehouse/app/DemoIT.java: \"demo\""),
          Map.entry("gatehouse test", ".ci/run: gatehouse test"),
          Map.entry("gatehouse test unit", "build/test.sh:   unit)"),
          Map.entry(
              "gatehouse test unit -pl wire -am -Dtest=WalkerTest",
              "build/test.sh: ./gatehouse test unit -pl wire -am -Dtest=WalkerTest"),
          Map.entry("gatehouse test integration", "build/test.sh:   integration)"),
          Map.entry(
              "gatehouse test integration -pl gateway -am -Dit.test=MatrixIT",
              "build/test.sh: ./gatehouse test integration -pl gateway -am -Dit.test=MatrixIT"),
          Map.entry("gatehouse package", "build/checks/launcher.sh: gatehouse\" package"),
          Map.entry("gatehouse test fuzz", "build/test.sh:   fuzz)"),
          Map.entry("gatehouse test soak", "build/test.sh:   soak)"),
          Map.entry("gatehouse test checks", "build/test.sh:   checks)"),
          Map.entry("gatehouse format", "build/test.sh: build/format.sh --check"),
          Map.entry("gatehouse dist", "build/test.sh: build/dist.sh"),
          Map.entry("gatehouse verify", "build/checks/distribution.sh: gatehouse\" verify"));

  private static final Pattern COMMAND =
      Pattern.compile("((?:[A-Z_]+=\\S+ )*)(?:\\./|bin/)?(gatehouse(?: .*)?)");

  @TempDir Path folder;

  /** The commands of a page: code lines, and code in running text. */
  private static Stream<String> commands(Path page) throws IOException {
    List<String> found = new ArrayList<>();
    String joined = Files.readString(page).replaceAll(" \\\\\n *", " ");
    for (String line : joined.split("\n", -1)) {
      if (line.startsWith("    ")) {
        found.add(line.replaceFirst("\\s+#.*", "").strip());
      } else {
        Pattern.compile("`([^`]*)`").matcher(line).results().forEach(r -> found.add(r.group(1)));
      }
    }
    return found.stream()
        .map(COMMAND::matcher)
        .filter(Matcher::matches)
        .map(command -> command.group(1) + command.group(2));
  }

  private static Set<String> all() throws IOException {
    Set<String> all = new TreeSet<>();
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      Stream<Path> top = Stream.of("README.md", "CONTRIBUTING.md").map(ROOT::resolve);
      for (Path page :
          Stream.concat(top, docs).filter(p -> p.toString().endsWith(".md")).toList()) {
        commands(page).forEach(all::add);
      }
    }
    return all;
  }

  @Test
  void everyDocumentedCommandIsTested() throws Exception {
    Set<String> tested = new TreeSet<>(PARTS);
    tested.addAll(ENDING.keySet());
    tested.addAll(STARTING.keySet());
    tested.addAll(ASKING);
    tested.addAll(OF_THE_TREE.keySet());
    tested.addAll(DeclarativeTest.COMMANDS.keySet());
    tested.addAll(FailoverIT.COMMANDS);
    tested.addAll(AclsIT.COMMANDS);
    Set<String> documented = all();
    // The latter is the title of a table row.
    documented.removeIf(
        command -> command.startsWith("gatehouse bench") || command.equals("gatehouse over TLS"));
    assertThat(documented).isEqualTo(tested);
  }

  static Stream<Map.Entry<String, String>> ending() {
    return ENDING.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("ending")
  void endsAtOnce(Map.Entry<String, String> command) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    String written =
        command
            .getKey()
            .replace("[--config f]", "--config gatehouse.yaml")
            .replaceFirst("\\.\\.\\.|<your flags>", FLAGS);
    Words words = words(written);
    Map<String, String> environment = new HashMap<>(words.environment());
    environment.put("KAFKA_BOOTSTRAP_SERVERS", "k:9092");

    int code = Main.execute(new ProgramContext(stream, stream, environment), words.arguments());

    assertThat(code).as(out.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains(command.getValue());
  }

  static Stream<Map.Entry<String, Integer>> starting() {
    return STARTING.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("starting")
  void startsAGateway(Map.Entry<String, Integer> command) throws Exception {
    Words words = words(command.getKey());
    Map<String, String> environment = new TreeMap<>(words.environment());
    environment.put("GATEHOUSE_HTTP_PORT", "0"); // two gateways on one machine need different ports
    try (ProgramProcess program = ProgramProcess.start(environment, words.arguments())) {
      assertThat(program.await("clients bootstrap at \\S+:(\\d+)"))
          .isEqualTo(String.valueOf(command.getValue()));
      program.terminate();
      assertThat(program.exitCode()).isZero();
    }
  }

  /** Runs each for a short time with the port of the gateway. */
  @Test
  void connectsToARunningGateway() throws Exception {
    Map<String, String> environment =
        Map.of("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1", "GATEHOUSE_HTTP_PORT", "0");
    try (ProgramProcess gateway = ProgramProcess.start(environment, "run")) {
      String admin = gateway.await("Health and metrics at (http://\\S+)");
      for (String command : ASKING) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        List<String> arguments = new ArrayList<>(List.of(words(command).arguments()));
        arguments.addAll(List.of("--for", "10ms", "--url", admin));

        int code =
            Main.execute(
                new ProgramContext(stream, stream, Map.of()), arguments.toArray(String[]::new));

        assertThat(out.toString(StandardCharsets.UTF_8)).as(command).isEmpty();
        assertThat(code).as(command).isZero();
      }
    }
  }

  @Test
  void theTreeHasItsCommands() throws Exception {
    for (Map.Entry<String, String> command : OF_THE_TREE.entrySet()) {
      String[] place = command.getValue().split(": ", 2);
      assertThat(Files.readString(ROOT.resolve(place[0]))).as(command.getKey()).contains(place[1]);
    }
  }

  /** Only checks the options, because the benchmarks take minutes. */
  @Test
  void theBenchmarkHasTheDocumentedOptions() throws Exception {
    StringBuilder sources = new StringBuilder(Files.readString(ROOT.resolve("build/bench.sh")));
    try (Stream<Path> files = Files.list(ROOT.resolve("bench/src/main/java/io/gatehouse/bench"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sources.append(Files.readString(file));
      }
    }
    List<String> bench = all().stream().filter(c -> c.startsWith("gatehouse bench")).toList();
    assertThat(bench).hasSizeGreaterThan(4);
    for (String command : bench) {
      // Quoted text is the command of a gateway.
      for (String word : command.replaceAll("'[^']*'", "").split(" ", -1)) {
        if (word.startsWith("--")) {
          assertThat(sources.toString()).as(command).contains("\"" + word + "\"");
        }
      }
    }
    for (String scenario : List.of("produce1k", "consume", "conns", "requests", "jmh")) {
      assertThat(bench).anyMatch(command -> command.contains(scenario));
      assertThat(sources.toString()).containsIgnoringCase(scenario);
    }
  }

  private record Words(Map<String, String> environment, List<String> given) {
    String[] arguments() {
      return given.toArray(String[]::new);
    }
  }

  /** Splits a command like a shell; the configuration file is that of the README. */
  private Words words(String command) throws IOException {
    Map<String, String> environment = new HashMap<>();
    List<String> arguments = new ArrayList<>();
    for (String word : command.replace("\"", "").split(" ", -1)) {
      if (arguments.isEmpty() && word.contains("=")) {
        environment.put(
            word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
      } else {
        arguments.add(word.equals("gatehouse.yaml") ? readmesFile().toString() : word);
      }
    }
    return new Words(environment, arguments.subList(1, arguments.size()));
  }

  private Path readmesFile() throws IOException {
    String text =
        Arrays.stream(Files.readString(ROOT.resolve("README.md")).split("\n", -1))
            .dropWhile(line -> !line.equals("    # gatehouse.yaml"))
            .takeWhile(line -> line.startsWith("    "))
            .map(line -> line.substring(4) + "\n")
            .reduce("", String::concat);
    return Files.writeString(folder.resolve("gatehouse.yaml"), text);
  }
}
