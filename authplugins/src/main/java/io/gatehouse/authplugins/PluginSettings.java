package io.gatehouse.authplugins;

import io.gatehouse.auth.ChildEnvironment;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.event.Level;

/**
 * Which program a plugin is, and how long it may take.
 *
 * @param program a path, or a name that is searched in {@code PATH}
 * @param arguments passed unchanged, without a shell
 * @param environment which variables of the gateway the program gets
 * @param logLevel the lowest level at which its log lines are passed on
 * @param startTimeout from the start to the first answer
 * @param callTimeout of a call, including the wait for one of the concurrent calls to end
 */
public record PluginSettings(
    String program,
    List<String> arguments,
    ChildEnvironment environment,
    Level logLevel,
    Duration startTimeout,
    Duration callTimeout) {

  /** The default of go-plugin's own hosts. */
  private static final Duration START = Duration.ofMinutes(1);

  private static final Duration CALL = Duration.ofSeconds(10);

  /**
   * @throws IllegalArgumentException when no program is named, or a timeout is not positive
   */
  public PluginSettings {
    if (program.isBlank()) {
      throw new IllegalArgumentException("No plugin is named: give the path of its program");
    }
    for (Duration time : List.of(startTimeout, callTimeout)) {
      if (!time.isPositive()) {
        throw new IllegalArgumentException("A plugin needs more time than " + time);
      }
    }
    arguments = List.copyOf(arguments);
  }

  /**
   * Settings with no additional variable, every log line, one minute to start, and ten seconds for
   * a call.
   */
  public static PluginSettings of(String program, List<String> arguments) {
    return new PluginSettings(
        program, arguments, ChildEnvironment.DEFAULT, Level.TRACE, START, CALL);
  }

  /**
   * The level of kafka-proxy's {@code --...-log-level} flags.
   *
   * @throws IllegalArgumentException for an unknown level
   */
  public static Level level(String name) {
    return switch (name.strip().toLowerCase(Locale.ROOT)) {
      case "trace" -> Level.TRACE;
      case "debug" -> Level.DEBUG;
      case "info" -> Level.INFO;
      case "warn", "warning" -> Level.WARN;
      case "error" -> Level.ERROR;
      default ->
          throw new IllegalArgumentException(
              "'" + name + "' is no log level of a plugin: trace, debug, info, warn or error");
    };
  }

  public PluginSettings with(ChildEnvironment other) {
    return new PluginSettings(program, arguments, other, logLevel, startTimeout, callTimeout);
  }

  /** Copies the settings with another log level. */
  public PluginSettings loggedFrom(Level least) {
    return new PluginSettings(program, arguments, environment, least, startTimeout, callTimeout);
  }

  /** Copies the settings with another timeout of calls. */
  public PluginSettings within(Duration call) {
    return new PluginSettings(program, arguments, environment, logLevel, startTimeout, call);
  }

  /** Without the arguments, which may hold a password. */
  @Override
  public String toString() {
    return program + " with " + arguments.size() + " arguments";
  }

  /**
   * Why the program cannot be started, as far as the file system tells; empty if nothing is wrong.
   */
  public Optional<String> problem() {
    List<Path> places = new ArrayList<>();
    if (program.contains("/")) {
      places.add(Path.of(program));
    } else {
      String path = System.getenv("PATH");
      for (String folder : path == null ? new String[0] : path.split(File.pathSeparator, -1)) {
        places.add(Path.of(folder, program));
      }
    }
    if (places.stream().anyMatch(one -> Files.isRegularFile(one) && Files.isExecutable(one))) {
      return Optional.empty();
    }
    return Optional.of(
        !program.contains("/")
            ? "there is no program " + program + " in PATH"
            : Files.exists(Path.of(program))
                ? program + " is no program that may be run here"
                : "there is no file " + program);
  }

  /** The program's file name, for log lines and messages. */
  String name() {
    Path file = Path.of(program).getFileName();
    return file == null ? program : file.toString();
  }
}
