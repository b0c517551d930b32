package io.gatehouse.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Java server other than a broker, in its own process and with its own folder. Both end with this
 * JVM.
 */
public final class JavaServer implements AutoCloseable {

  /**
   * The command line of a server.
   *
   * @param classPath the jars
   * @param mainClass the full name of the main class
   * @param jvmArguments the arguments before the main class
   * @param arguments the arguments after the main class
   */
  public record Launch(
      List<Path> classPath, String mainClass, List<String> jvmArguments, List<String> arguments) {}

  private final String name;
  private final ClusterFolder folder;
  private @Nullable NodeProcess process;

  private JavaServer(String name, ClusterFolder folder) {
    this.name = name;
    this.folder = folder;
  }

  /** Creates a server with its folder, without starting it. */
  public static JavaServer prepare(String name) {
    return new JavaServer(name, ClusterFolder.create());
  }

  /**
   * The folder that the build unpacked below {@code testkit/MODULE/target}.
   *
   * @param prefix the name of the folder without the version
   * @throws IllegalStateException if it does not exist, or in several versions
   */
  public static Path unpacked(String module, String prefix) {
    Path root = KafkaJars.root(System.getProperty("gatehouse.root"), Path.of("").toAbsolutePath());
    Path target = root.resolve("testkit").resolve(module).resolve("target");
    List<Path> found = List.of();
    if (Files.isDirectory(target)) {
      try (Stream<Path> files = Files.list(target)) {
        found =
            files
                .filter(Files::isDirectory)
                .filter(file -> String.valueOf(file.getFileName()).startsWith(prefix))
                .toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    if (found.size() != 1) {
      throw new IllegalStateException(
          "%s instead of one folder %s* in %s; unpack it anew: ./mvnw -pl testkit/%s clean process-resources"
              .formatted(found.isEmpty() ? "none" : found, prefix, target, module));
    }
    return found.getFirst();
  }

  /** The folder for its files. */
  public Path folder() {
    return folder.path();
  }

  /**
   * Starts it and does not wait.
   *
   * @throws IllegalStateException if it is running
   */
  public void launch(Launch how) {
    if (process != null && process.isAlive()) {
      throw new IllegalStateException(name + " runs already, as process " + process.pid());
    }
    JavaCommand command =
        new JavaCommand(
            new KafkaJars(name, folder(), how.classPath()),
            how.mainClass(),
            how.jvmArguments(),
            how.arguments(),
            folder());
    NodeProcess started = new NodeProcess(name, command, folder().resolve("server.log"));
    started.launch(List.of());
    process = started;
  }

  /**
   * Waits until it is ready.
   *
   * @throws IllegalStateException if it ends or takes longer, with the end of its output
   */
  public void awaitReady(BooleanSupplier ready, Duration limit) {
    Deadline deadline = Deadline.in(limit);
    while (!ready.getAsBoolean()) {
      if (!launched().isAlive()) {
        throw new IllegalStateException(name + " ended\n" + launched().logExtract());
      }
      if (deadline.isOver()) {
        throw new IllegalStateException(
            name + " is not ready after " + limit + "\n" + launched().logExtract());
      }
      Deadline.pause();
    }
  }

  /**
   * Waits until it has ended.
   *
   * @throws IllegalStateException if it takes longer, with the end of its output
   */
  public void awaitEnd(Duration limit) {
    Deadline deadline = Deadline.in(limit);
    while (launched().isAlive()) {
      if (deadline.isOver()) {
        throw new IllegalStateException(
            name + " still runs after " + limit + "\n" + launched().logExtract());
      }
      Deadline.pause();
    }
  }

  /** Its output so far. */
  public List<String> log() {
    try {
      return Files.readAllLines(launched().log(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first error in its output and the last lines. */
  public String logExtract() {
    return launched().logExtract();
  }

  private NodeProcess launched() {
    NodeProcess current = process;
    if (current == null) {
      throw new IllegalStateException(name + " was never started");
    }
    return current;
  }

  /** Kills it and deletes its folder. */
  @Override
  public void close() {
    try (folder) {
      if (process != null) {
        process.kill();
      }
    }
  }
}
