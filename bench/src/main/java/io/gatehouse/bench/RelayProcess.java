package io.gatehouse.bench;

import io.gatehouse.testkit.RawClient;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A relay in its own process, which ends with this process. */
final class RelayProcess implements AutoCloseable {

  static final String HOST = "127.0.0.1";

  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final short API_VERSIONS = 18;
  private static final int LOG_END = 3_000;

  private final Process process;
  private final Thread end;
  private final double startMillis;

  private RelayProcess(Process process, Thread end, double startMillis) {
    this.process = process;
    this.end = end;
    this.startMillis = startMillis;
  }

  /**
   * Starts the command and waits until {@code bootstrap} responds to ApiVersions.
   *
   * @param log the file for its output
   * @throws IllegalStateException if it ends or does not respond within 30 seconds
   */
  static RelayProcess start(List<String> command, Target.Endpoint bootstrap, Path log)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true).redirectOutput(Redirect.appendTo(log.toFile()));
    builder.redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
    long begun = System.nanoTime();
    Process process = builder.start();
    Thread end = new Thread(process::destroyForcibly, "relay-end");
    Runtime.getRuntime().addShutdownHook(end);
    while (!answers(bootstrap)) {
      boolean ended = !process.isAlive();
      if (ended || System.nanoTime() - begun > START_LIMIT.toNanos()) {
        process.destroyForcibly();
        throw new IllegalStateException(
            (ended ? "it ended at once: " : "no answer from ")
                + String.join(" ", command)
                + "\n"
                + end(log));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    double millis = (System.nanoTime() - begun) / 1e6;
    return new RelayProcess(process, end, millis);
  }

  /** The end of its output. */
  private static String end(Path log) throws IOException {
    String text = Files.readString(log);
    return text.substring(Math.max(0, text.length() - LOG_END));
  }

  private static boolean answers(Target.Endpoint bootstrap) {
    try (RawClient client = bootstrap.open()) {
      apiVersions(client);
      return true;
    } catch (IOException e) {
      return false; // not yet
    }
  }

  /** Sends ApiVersions v0 and waits for the response. */
  static void apiVersions(RawClient client) throws IOException {
    client.request(RawClient.Header.V1, API_VERSIONS, 0, new byte[0]);
    client.readFrame(Duration.ofSeconds(5));
  }

  /** The time from the start of the process to the first response, in milliseconds. */
  double startMillis() {
    return startMillis;
  }

  ProcessFigures figures() {
    return new ProcessFigures(process.pid());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().removeShutdownHook(end);
  }
}
