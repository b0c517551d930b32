package io.gatehouse.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.config.AppSettings.Log;
import io.gatehouse.app.log.LogbackProvider;
import io.gatehouse.app.log.Logging;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class HeapWatchdogTest {

  private static final Duration WINDOW = Duration.ofSeconds(2);

  /** A process that creates garbage with a heap full of live objects. */
  static final class Crowded {

    private record Link(String weight, @Nullable Link rest) {}

    /** Prevents the compiler from removing the allocation. */
    static volatile @Nullable Object garbage;

    private Crowded() {}

    public static void main(String[] arguments) {
      LogbackProvider.use();
      Logging.configure(Log.DEFAULT);
      LoggerFactory.getLogger(HeapWatchdog.class).error("begins");
      boolean crowded = arguments[0].equals("crowded");
      Link chain = crowded ? fill() : null;
      HeapWatchdog.start(WINDOW);
      long end = System.nanoTime() + (crowded ? TimeUnit.MINUTES.toNanos(2) : 3 * WINDOW.toNanos());
      while (System.nanoTime() < end) {
        garbage = new byte[1024];
      }
      System.exit(chain == null ? 0 : 1);
    }

    /** A linked list that fills the heap except for a few hundred KiB. */
    private static @Nullable Link fill() {
      Link chain = null;
      try {
        while (true) {
          chain = new Link("x".repeat(80), chain);
        }
      } catch (OutOfMemoryError e) {
        for (int i = 0; i < 5000 && chain != null; i++) {
          chain = chain.rest();
        }
        return chain;
      }
    }
  }

  private static Process start(String how) throws Exception {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-XX:+UseSerialGC",
            "-Xmx32m",
            "-cp",
            System.getProperty("java.class.path"),
            Crowded.class.getName(),
            how)
        .redirectErrorStream(true)
        .start();
  }

  @Test
  void endsWhenAllTimeIsSpentInCollections() throws Exception {
    Process process = start("crowded");
    try {
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(said).isEqualTo(ExitCode.HEAP_FULL);
      assertThat(said).contains("so the process ends with 3");
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void garbageAloneDoesNotEndTheProcess() throws Exception {
    Process process = start("roomy");
    try {
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
    } finally {
      process.destroyForcibly();
    }
  }
}
