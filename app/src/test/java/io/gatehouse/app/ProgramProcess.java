package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The program in its own process, with its output. */
public final class ProgramProcess implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Process process;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private Thread reader = Thread.currentThread();

  private ProgramProcess(Process process) {
    this.process = process;
  }

  public static ProgramProcess start(Map<String, String> environment, String... arguments)
      throws IOException {
    return startOn(System.getProperty("java.class.path"), environment, arguments);
  }

  /** Removes entries with this text from the class path. */
  static ProgramProcess startWithout(
      String part, Map<String, String> environment, String... arguments) throws IOException {
    String separator = File.pathSeparator;
    String rest =
        Arrays.stream(System.getProperty("java.class.path").split(separator, -1))
            .filter(entry -> !entry.contains(part))
            .collect(Collectors.joining(separator));
    return startOn(rest, environment, arguments);
  }

  private static ProgramProcess startOn(
      String classPath, Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-Xmx96m",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            classPath,
            Main.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    ProgramProcess program = new ProgramProcess(builder.start());
    program.reader = Thread.ofVirtual().start(program::read);
    return program;
  }

  private void read() {
    try (BufferedReader reader = process.inputReader()) {
      reader.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException _) {
      // The process has ended; assertions show its last output.
    }
  }

  /** Waits for a line with this pattern and returns its first group. */
  public String await(String pattern) {
    Pattern compiled = Pattern.compile(pattern);
    try {
      return Awaitility.await()
          .atMost(LIMIT)
          .until(
              () ->
                  lines.stream()
                      .map(compiled::matcher)
                      .filter(Matcher::find)
                      .map(matcher -> matcher.group(1))
                      .findFirst()
                      .orElse(""),
              found -> !found.isEmpty());
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(pattern + " does not come in\n" + output(), e);
    }
  }

  /** Sends SIGTERM. */
  public void terminate() {
    // Process.destroy() would also close its output.
    process.toHandle().destroy();
  }

  public long pid() {
    return process.pid();
  }

  /** Waits for the end of the process and of its output. */
  public int exitCode() throws InterruptedException {
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
        .as("the process ends; it printed %s", lines)
        .isTrue();
    assertThat(reader.join(LIMIT)).as("the output ends").isTrue();
    return process.exitValue();
  }

  public String output() {
    return String.join("\n", lines);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
