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
 * Sees to it that no process started here outlives this JVM, however it ends: a shell whose input
 * ends when we do, and which then kills every process that bears our mark and deletes the folders
 * it was told of. Linux only (it reads {@code /proc}); elsewhere an orderly exit still cleans up,
 * and only a killed JVM leaves something behind.
 */
final class Reaper {

  private static final String MARK = "-Dgatehouse.testkit=" + UUID.randomUUID();

  // A terminal's Ctrl-C reaches the shell too, and must not end it before us. Three rounds: a
  // process may just have
  // been forking when we died.
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

  /** The argument by which the reaper knows a JVM as ours. */
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

  /** Has the folder deleted when this JVM is gone, should it still be there. */
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
