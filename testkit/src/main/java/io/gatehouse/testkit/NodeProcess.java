package io.gatehouse.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A JVM process that can be restarted, with its output in a file.
 *
 * <pre>
 *   (idle) -- launch --> running -- signal STOP --> paused
 *     ^                    |  ^--- signal CONT -------|
 *     |-- kill, stop, exit-|                          |
 *     |------------------------------ kill -----------|
 * </pre>
 */
final class NodeProcess {

  /** The time for a process to end after SIGKILL, while the kernel releases its memory. */
  private static final Duration KILL_LIMIT = Duration.ofSeconds(20);

  private static final Duration SIGNAL_LIMIT = Duration.ofSeconds(10);

  private static final int TAIL = 40;
  private static final int ERROR_LINES = 30;
  private static final int LINE_LENGTH = 400;

  private final String name;
  private final JavaCommand command;
  private final Path log;
  private @Nullable Process process;

  NodeProcess(String name, JavaCommand command, Path log) {
    this.name = name;
    this.command = command;
    this.log = log;
  }

  String name() {
    return name;
  }

  synchronized void launch(List<String> moreJvmArguments) {
    if (isAlive()) {
      throw new IllegalStateException(name + " runs already, as process " + pid());
    }
    try {
      ProcessBuilder builder = command.builder(moreJvmArguments);
      builder.redirectErrorStream(true).redirectOutput(Redirect.appendTo(log.toFile()));
      builder.redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  /** The id of the process, or of the last one if it has ended. */
  synchronized long pid() {
    return launched().pid();
  }

  synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  private Process launched() {
    if (process == null) {
      throw new IllegalStateException(name + " was never started");
    }
    return process;
  }

  /** Kills it (SIGKILL) and waits until it has ended. Does nothing if it has already ended. */
  synchronized void kill() {
    if (process != null) {
      process.destroyForcibly();
      if (!await(process, KILL_LIMIT)) {
        throw new IllegalStateException(name + " (" + pid() + ") does not die of SIGKILL");
      }
    }
  }

  /** Sends SIGTERM without waiting. */
  synchronized void beginKill() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  /**
   * Stops it (SIGTERM) and waits until it has ended; kills it if that takes too long.
   *
   * @return whether it ended without being killed
   */
  synchronized boolean stop(Duration limit) {
    Process running = launched();
    running.destroy();
    if (await(running, limit)) {
      return true;
    }
    kill();
    return false;
  }

  private static boolean await(Process process, Duration limit) {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + process.pid(), e);
    }
  }

  /** Pauses it (SIGSTOP) and waits until it is paused. */
  void pause() {
    signal("STOP", true);
  }

  /** Resumes it (SIGCONT). */
  void resume() {
    signal("CONT", false);
  }

  private synchronized void signal(String signal, boolean frozen) {
    try {
      Process kill =
          new ProcessBuilder("sh", "-c", "kill -" + signal + " \"$1\"", "sh", String.valueOf(pid()))
              .redirectErrorStream(true)
              .start();
      String complaint =
          new String(kill.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!await(kill, SIGNAL_LIMIT) || kill.exitValue() != 0) {
        throw new IllegalStateException("cannot signal " + name + ": " + complaint);
      }
      Deadline deadline = Deadline.in(SIGNAL_LIMIT);
      while (isFrozen() != frozen) {
        if (deadline.isOver()) {
          throw new IllegalStateException(name + " does not obey SIG" + signal);
        }
        Deadline.pause();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isFrozen() {
    return status("State").map(state -> state.startsWith("T")).orElse(false);
  }

  /** The resident memory in KiB; 0 if it is not running. */
  long residentKilobytes() {
    return status("VmRSS")
        .map(size -> Long.parseLong(size.substring(0, size.indexOf(' '))))
        .orElse(0L);
  }

  private Optional<String> status(String field) {
    if (!isAlive()) {
      return Optional.empty();
    }
    try {
      return Files.readAllLines(Path.of("/proc", String.valueOf(pid()), "status")).stream()
          .filter(line -> line.startsWith(field + ":"))
          .map(line -> line.substring(field.length() + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty(); // ended in the meantime
    }
  }

  Path log() {
    return log;
  }

  /** Whether its output contains this text. */
  boolean hasLogged(String text) {
    return lines().stream().anyMatch(line -> line.contains(text));
  }

  /** The first error in its output and the last lines. */
  String logExtract() {
    List<String> lines = lines();
    StringBuilder extract = new StringBuilder("== ").append(name).append(": ").append(log);
    int tail = Math.max(0, lines.size() - TAIL);
    int error = 0;
    while (error < tail && !lines.get(error).contains(" ERROR ")) {
      error++;
    }
    if (error < tail) {
      extract.append("\n== its first error:\n");
      int end = Math.min(tail, error + ERROR_LINES);
      extract.append(String.join("\n", lines.subList(error, end)));
    }
    return extract
        .append("\n== its last lines:\n")
        .append(String.join("\n", lines.subList(tail, lines.size())))
        .toString();
  }

  private List<String> lines() {
    try {
      return Files.readAllLines(log, StandardCharsets.ISO_8859_1).stream()
          .map(line -> line.substring(0, Math.min(line.length(), LINE_LENGTH)))
          .toList();
    } catch (IOException e) {
      return List.of("(no log: " + e + ")");
    }
  }
}
