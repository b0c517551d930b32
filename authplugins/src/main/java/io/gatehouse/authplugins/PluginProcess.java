package io.gatehouse.authplugins;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a plugin's program, from its start to its end. */
final class PluginProcess {

  private static final Logger log = LoggerFactory.getLogger(PluginProcess.class);

  /** How long output is read after the program's end. */
  private static final Duration LAST_WORDS = Duration.ofMillis(500);

  private static final Duration GRACE = Duration.ofSeconds(2);

  /** The range of TCP ports in which plugins may listen: the default of go-plugin's own hosts. */
  private static final Map<String, String> PORTS =
      Map.of("PLUGIN_MIN_PORT", "10000", "PLUGIN_MAX_PORT", "25000");

  private final Process process;
  private final PluginLog output;
  private final OrphanWatch watch;
  private final CompletableFuture<String> firstLine = new CompletableFuture<>();
  private final Thread listening;
  private volatile @Nullable Path socket;

  private PluginProcess(Process process, PluginLog output, String name) {
    this.process = process;
    this.output = output;
    this.watch = OrphanWatch.over(process.pid());
    // Platform threads, because reads of pipes block as long as the program lives.
    this.listening =
        Thread.ofPlatform()
            .daemon()
            .name("plugin-stderr-" + name)
            .start(() -> output.follow(process.getErrorStream()));
    Thread.ofPlatform().daemon().name("plugin-stdout-" + name).start(this::readOutput);
    process.onExit().thenRun(watch::close);
    // Delayed, because what the program wrote before its end explains more.
    process
        .onExit()
        .thenRunAsync(
            () -> firstLine.completeExceptionally(new IOException("ended")),
            CompletableFuture.delayedExecutor(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS));
  }

  /**
   * Starts the program.
   *
   * @throws PluginFailure FAILED_PRECONDITION when that fails
   */
  static PluginProcess begin(PluginKind kind, PluginSettings settings, PluginLog output)
      throws PluginFailure {
    List<String> command = new ArrayList<>();
    command.add(settings.program());
    command.addAll(settings.arguments());
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
    Map<String, String> environment = builder.environment();
    Map<String, String> given = settings.environment().filter(environment);
    environment.clear();
    environment.putAll(given);
    log.debug("the plugin {} gets the variables {}", settings.program(), given.keySet());
    environment.putAll(PORTS);
    environment.put("PLUGIN_PROTOCOL_VERSIONS", Handshake.VERSION);
    environment.put(kind.cookie, PluginKind.COOKIE_VALUE);
    try {
      return new PluginProcess(builder.start(), output, settings.name());
    } catch (IOException e) {
      throw new PluginFailure(
          GrpcStatus.FAILED_PRECONDITION, "it cannot be started: " + e.getMessage(), e);
    }
  }

  /**
   * Reads the handshake from the first line, and discards the rest so that the pipe does not fill
   * up.
   */
  private void readOutput() {
    try (InputStream stdout = process.getInputStream()) {
      LineReader lines = new LineReader(stdout, Handshake.MAX_LINE);
      for (String line = lines.next(); line != null; line = lines.next()) {
        if (!firstLine.complete(line)) {
          log.trace("a plugin writes on its stdout: {}", line);
        }
      }
    } catch (IOException e) {
      log.debug("a plugin's stdout ended: {}", e.getMessage());
    }
  }

  /**
   * Waits for the handshake.
   *
   * @throws PluginFailure FAILED_PRECONDITION when it does not arrive in time or is no handshake
   */
  Handshake handshake(Duration timeout) throws PluginFailure {
    try {
      String line = firstLine.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      socket = Handshake.socket(line);
      return Handshake.parse(line);
    } catch (TimeoutException e) {
      throw new PluginFailure(
          GrpcStatus.FAILED_PRECONDITION,
          "it does not say within " + timeout.toMillis() + " ms where it listens",
          e);
    } catch (ExecutionException e) {
      throw new PluginFailure(
          GrpcStatus.FAILED_PRECONDITION,
          end()
              + " before it said where it listens (of the environment it gets few variables, and"
              + " those that its key environment names)",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PluginFailure(GrpcStatus.CANCELLED, "interrupted while it started", e);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  CompletableFuture<Process> onExit() {
    return process.onExit();
  }

  /**
   * How the program ended, with its last line of output; continues a sentence that begins with its
   * name.
   */
  String end() {
    awaitEnd(LAST_WORDS);
    try {
      listening.join(LAST_WORDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String how =
        process.isAlive() ? "cannot be talked to" : "ended with exit code " + process.exitValue();
    String last = output.last();
    return last.isEmpty() ? how : how + " (its last words: " + last + ")";
  }

  /** Waits for the end of the program; false if the given time passes first. */
  boolean awaitEnd(Duration most) {
    // Not interruptible, so that no started process is left behind.
    process.onExit().completeOnTimeout(process, most.toMillis(), TimeUnit.MILLISECONDS).join();
    return !process.isAlive();
  }

  /** Ends the program by SIGTERM, or else by SIGKILL. */
  void end(boolean gently) {
    List<ProcessHandle> below = process.descendants().toList();
    if (gently && process.isAlive()) {
      process.destroy();
      awaitEnd(GRACE);
    }
    process.destroyForcibly();
    // A script may have started the plugin as a child instead of replacing itself by exec.
    below.forEach(ProcessHandle::destroyForcibly);
    if (!awaitEnd(GRACE)) {
      log.error("the plugin with process id {} does not end", process.pid());
    }
    removeSocket();
  }

  /** Removes the socket, which a plugin leaves behind when it is killed. */
  private void removeSocket() {
    Path left = socket;
    if (left == null) {
      return;
    }
    try {
      if (Files.readAttributes(left, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isOther()) {
        Files.deleteIfExists(left);
      }
    } catch (IOException e) {
      log.trace("the plugin's socket is gone already: {}", e.getMessage());
    }
  }
}
