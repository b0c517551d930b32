package io.gatehouse.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Ensures that no process started by the testkit outlives this JVM, even if the JVM is killed. A
 * shell whose standard input ends with this JVM then kills every process with the JVM's mark and
 * deletes the registered folders. Linux only, because it reads {@code /proc}; on other systems only
 * a regular exit cleans up.
 */
final class Reaper {

  private static final String MARK = "-Dgatehouse.testkit=" + UUID.randomUUID();

  // The shell ignores Ctrl-C, which a terminal sends to it as well. It repeats the search three
  // times, because a process may have been forking.
  private static final String SCRIPT =
      """
      trap '' INT TERM HUP
      set --
      while IFS= read -r folder; do set -- "$@" "$folder"; done
      for round in 1 2 3; do
        for process in /proc/[0-9]*; do
          if grep -qsF -- "$GATEHOUSE_MARK" "$process/cmdline"; then kill -9 "${process#/proc/}"; fi
        done
        sleep 0.2
      done
      if [ $# -gt 0 ]; then rm -rf -- "$@"; fi
      """;

  private static @Nullable OutputStream shell;

  private Reaper() {}

  /** The argument that marks a JVM for the reaper. */
  static synchronized String mark() {
    if (shell == null) {
      ProcessBuilder builder = new ProcessBuilder(List.of("sh", "-c", SCRIPT));
      builder.environment().put("GATEHOUSE_MARK", MARK);
      builder.redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD);
      try {
        shell = builder.start().getOutputStream();
      } catch (IOException e) {
        throw new UncheckedIOException("the testkit needs a shell 'sh' on the PATH", e);
      }
    }
    return MARK;
  }

  /** Registers a folder to be deleted after this JVM has ended. */
  static synchronized void deleteAtEnd(Path folder) {
    var _ = mark();
    OutputStream input = shell;
    if (input != null) {
      try {
        input.write((folder.toAbsolutePath() + "\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
      } catch (IOException e) {
        throw new UncheckedIOException("the testkit's clean-up shell is gone", e);
      }
    }
  }
}
