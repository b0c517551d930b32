package io.gatehouse.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.User;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.ServiceAccount;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a process had written when it was killed is there, whole, and nothing half written. */
@Timeout(120)
class KilledWriterTest {

  private static final int KILLS = 5;
  private static final int LEAST_WRITES = 20;

  @TempDir Path folder;

  /** Adds accounts to a file until it is killed, and says so after each. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) throws Exception {
      FileStore store = FileStore.open(Path.of(arguments[0]));
      for (int i = Integer.parseInt(arguments[1]); true; i++) {
        store.write(Change.put(store.current(), account(i)));
        System.out.println(i);
      }
    }
  }

  private static ServiceAccount account(int number) {
    return new ServiceAccount(
        new User("passthrough", "user-" + number), ServiceAccount.Type.LOCAL, List.of());
  }

  @Test
  void killNineLosesNothingThatWasAnswered() throws Exception {
    Path file = folder.resolve("state.yaml");
    int next = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-cp"));
      command.add(System.getProperty("java.class.path"));
      command.addAll(List.of(Writer.class.getName(), file.toString(), Integer.toString(next)));
      Process writer =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      int last = next - 1;
      try (BufferedReader lines = writer.inputReader()) {
        int until = next + LEAST_WRITES + ThreadLocalRandom.current().nextInt(20);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.matches("[0-9]+")) {
            last = Integer.parseInt(line);
          }
          if (last >= until) {
            writer.toHandle().destroyForcibly(); // leaves its output open
          }
        }
      }
      assertThat(writer.waitFor()).isEqualTo(128 + 9);
      try (FileStore store = FileStore.open(file)) {
        for (int i = 0; i <= last; i++) {
          assertThat(store.current().get(account(i).key())).as("user-%d", i).isNotNull();
        }
        // The write that was under way may have come through.
        next = (int) store.current().all().count();
        assertThat(next).isBetween(last + 1, last + 2);
        assertThat(store.current().get(new Key(Kind.SERVICE_ACCOUNT, account(next).id()))).isNull();
      }
    }
  }
}
