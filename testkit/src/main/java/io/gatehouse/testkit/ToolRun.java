package io.gatehouse.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a Java program until it ends, with its input and output in files. */
final class ToolRun {

  private static final int MAX_OUTPUT = 64 << 20;

  private ToolRun() {}

  static ToolResult of(
      KafkaJars jars, String mainClass, List<String> arguments, String input, Duration limit) {
    List<String> jvm = List.of("-Xmx256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    try {
      Path folder = Files.createTempDirectory("gatehouse-tool-");
      try {
        JavaCommand command =
            new JavaCommand(jars, mainClass, jvm, arguments, Path.of("").toAbsolutePath());
        return run(command, folder, input, limit);
      } finally {
        ClusterFolder.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + mainClass, e);
    }
  }

  private static ToolResult run(JavaCommand command, Path folder, String input, Duration limit)
      throws IOException {
    Path in = Files.writeString(folder.resolve("in"), input);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        command
            .builder(List.of())
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    boolean ended;
    try {
      ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + command.mainClass(), e);
    } finally {
      process.destroyForcibly();
    }
    if (!ended) {
      throw new IllegalStateException(
          command.mainClass() + " has not ended after " + limit + "\n" + text(out) + text(err));
    }
    return new ToolResult(command.mainClass(), process.exitValue(), text(out), text(err));
  }

  private static String text(Path file) throws IOException {
    if (Files.size(file) > MAX_OUTPUT) {
      throw new IOException("a tool wrote over " + MAX_OUTPUT + " bytes");
    }
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
