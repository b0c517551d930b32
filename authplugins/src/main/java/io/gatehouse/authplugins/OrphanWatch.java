package io.gatehouse.authplugins;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a plugin's process and its children when the gateway dies for any reason. A shell waits on a
 * pipe whose other end only the gateway holds. In an image without a shell nothing is done: there,
 * the end of the container ends the plugin.
 */
final class OrphanWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(OrphanWatch.class);

  /**
   * A line on stdin means a normal end; end of input without a line means that the gateway is gone.
   */
  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      read -r _ && exit 0
      below=$(cat "/proc/$1/task/$1/children" 2>/dev/null)
      kill -TERM "$1" $below || exit 0
      sleep 1
      kill -KILL "$1" $below
      """;

  private final @Nullable Process shell;

  private OrphanWatch(@Nullable Process shell) {
    this.shell = shell;
  }

  static OrphanWatch over(long pid) {
    try {
      ProcessBuilder shell =
          new ProcessBuilder("/bin/sh", "-c", SCRIPT, "gatehouse-plugin-watch", Long.toString(pid))
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD);
      // The shell needs no other variables, which may hold secrets.
      shell.environment().keySet().retainAll(Set.of("PATH"));
      return new OrphanWatch(shell.start());
    } catch (IOException e) {
      log.info("Without /bin/sh a plugin may outlive a gateway that is killed: {}", e.getMessage());
      return new OrphanWatch(null);
    }
  }

  @Override
  public void close() {
    if (shell == null) {
      return;
    }
    try (OutputStream end = shell.getOutputStream()) {
      end.write("done\n".getBytes(US_ASCII));
    } catch (IOException e) {
      log.debug("the shell that watches ended before: {}", e.getMessage());
    }
  }
}
