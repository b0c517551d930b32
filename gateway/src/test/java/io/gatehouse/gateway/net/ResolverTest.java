package io.gatehouse.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names are resolved by the system and cached briefly. */
class ResolverTest {

  private static final String NAME = "kafka.internal";

  /** A process that resolves the name for every line it reads. */
  public static final class Lookups {
    private Lookups() {}

    public static void main(String... arguments) throws Exception {
      Resolver.limitDnsCaching();
      Resolver resolver = new Resolver();
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
        while (lines.readLine() != null) {
          var found = resolver.resolve(new HostPort(NAME, 1), ImmediateEventExecutor.INSTANCE);
          System.out.println(
              found.await().isSuccess()
                  ? found.getNow().getFirst().getAddress().getHostAddress()
                  : found.cause().getMessage());
        }
      }
    }
  }

  /** The JDK's cache is configured once per process, so this test uses a separate one. */
  @Test
  void changedAddressesAreFoundAndStaleOnesKeptWhileDnsFails(@TempDir Path folder)
      throws Exception {
    Path hosts = folder.resolve("hosts");
    Files.writeString(hosts, "127.0.0.1 " + NAME + "\n");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djdk.net.hosts.file=" + hosts,
                "-cp",
                System.getProperty("java.class.path"),
                Lookups.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (Writer questions = process.outputWriter();
        BufferedReader answers = process.inputReader()) {
      assertThat(ask(questions, answers)).isEqualTo("127.0.0.1");

      Files.writeString(hosts, "127.0.0.2 " + NAME + "\n");
      Await.until(() -> "the old address", () -> "127.0.0.2".equals(ask(questions, answers)));

      // DNS does not know the name for longer than the cache time.
      Files.writeString(hosts, "127.0.0.3 another.internal\n");
      long enough = System.nanoTime() + Duration.ofMillis(1500).toNanos();
      while (System.nanoTime() - enough < 0) {
        assertThat(ask(questions, answers)).isEqualTo("127.0.0.2");
        Await.pause();
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private static @Nullable String ask(Writer questions, BufferedReader answers) throws Exception {
    questions.write("?\n");
    questions.flush();
    return Task.call(answers::readLine).join();
  }
}
