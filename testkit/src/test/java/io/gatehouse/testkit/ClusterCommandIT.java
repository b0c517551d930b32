package io.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stand-alone cluster. All its brokers must end with it, regardless of how it ends. */
class ClusterCommandIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path data;

  @Test
  void endsWithItsInput() throws Exception {
    Process process = launch("--version", "4.4", "--brokers", "1");
    Printed printed = read(process);
    process.getOutputStream().close();
    // The first cluster of a build creates the AOT cache when it closes.
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    awaitNothingLeft(printed);
  }

  @Test
  void brokersDieWithKilledParent() throws Exception {
    Process process = launch("--brokers", "1", "--ignore-stdin");
    Printed printed = read(process);
    process.destroyForcibly();
    awaitNothingLeft(printed);
  }

  @Test
  void brokersDieWithTerminatedParent() throws Exception {
    Process process = launch("--brokers", "1", "--property", "num.partitions=2");
    Printed printed = read(process);
    process.destroy();
    assertThat(process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    awaitNothingLeft(printed);
  }

  @Test
  void wrongArgumentsAreExplained() throws Exception {
    Process process = launch("--brokers", "some");
    String errors =
        new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(errors).isEqualTo("cannot start a cluster: --brokers needs a number, not 'some'");
  }

  private record Printed(String bootstrap, List<Long> pids) {}

  private Process launch(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dgatehouse.kafka.folder=" + data,
                "-cp",
                System.getProperty("java.class.path"),
                KafkaCluster.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).start();
  }

  private static Printed read(Process process) throws IOException {
    List<Long> pids = new ArrayList<>();
    StringBuilder seen = new StringBuilder();
    BufferedReader lines = process.inputReader();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      seen.append(line).append('\n');
      if (line.startsWith("pid.")) {
        pids.add(Long.parseLong(line.substring(line.indexOf('=') + 1)));
      }
      if (line.startsWith("bootstrap=")) {
        assertThat(pids).isNotEmpty().allMatch(ClusterCommandIT::isAlive);
        return new Printed(line.substring("bootstrap=".length()), pids);
      }
    }
    throw new AssertionError(
        "no bootstrap address, but: "
            + seen
            + new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
  }

  /** Waits until the brokers have ended and their data and port are released. */
  private void awaitNothingLeft(Printed printed) {
    await()
        .atMost(PATIENCE)
        .until(() -> printed.pids().stream().noneMatch(ClusterCommandIT::isAlive));
    await().atMost(PATIENCE).until(() -> isEmpty(data));
    int port = Integer.parseInt(printed.bootstrap().substring("127.0.0.1:".length()));
    assertThatThrownBy(() -> RawClient.connect("127.0.0.1", port))
        .isInstanceOf(ConnectException.class);
  }

  /** Zombie processes do not count. */
  private static boolean isAlive(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status")).stream()
          .filter(line -> line.startsWith("State:"))
          .noneMatch(line -> line.contains("Z") || line.contains("X"));
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }
}
