package io.gatehouse.app.kafkaproxy;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.config.Node.Scalar;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.TreeBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of flags, including the files and environment variables that can replace them. */
record GivenFlags(Arguments arguments, Map<String, String> environment, Problems problems) {

  private static final int MOST_BYTES = 1 << 20;

  boolean isSet(String flag) {
    return arguments.isSet(flag);
  }

  /** The value of the flag, or null if it is missing or empty. */
  @Nullable Scalar value(String flag) {
    String value = arguments.last(flag);
    return value == null || value.isEmpty() ? null : new Scalar(value, Arguments.origin(flag));
  }

  /** The value of the flag, else of its file, else of its variable. */
  @Nullable Scalar secret(String flag) {
    Scalar direct = value(flag);
    Scalar file = value(flag + "-file");
    if (direct != null && file != null) {
      problems.add(file.origin(), "--" + flag + " is given as well");
    }
    if (direct != null) {
      return direct;
    }
    if (file != null) {
      return new Scalar(read(file).strip(), file.origin());
    }
    String variable = variable(flag);
    String value = environment.getOrDefault(variable, "");
    return value.isEmpty() ? null : new Scalar(value, new Origin.Variable(variable));
  }

  /**
   * A list of arguments, which may contain secrets, from the flag and its files, else from the
   * variable.
   */
  List<Scalar> parameters(String flag) {
    List<Scalar> all = new ArrayList<>();
    for (String value : arguments.all(flag)) {
      all.add(new Scalar(value, Arguments.origin(flag)));
    }
    for (String file : arguments.all(flag + "-file")) {
      Origin origin = Arguments.origin(flag + "-file");
      lines(read(new Scalar(file, origin))).forEach(line -> all.add(new Scalar(line, origin)));
    }
    if (all.isEmpty()) {
      Origin origin = new Origin.Variable(variable(flag));
      lines(environment.getOrDefault(variable(flag), ""))
          .forEach(line -> all.add(new Scalar(line, origin)));
    }
    return all;
  }

  private static List<String> lines(String text) {
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  private static String variable(String flag) {
    return flag.replace('-', '_').toUpperCase(Locale.ROOT);
  }

  private String read(Scalar file) {
    try (var in = Files.newInputStream(Parse.path(file.text()))) {
      return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
    } catch (IOException | IllegalArgumentException e) {
      String reason =
          Files.exists(Path.of(file.text())) ? "it cannot be read" : "there is no such file";
      problems.add(file.origin(), file.text() + ": " + reason);
      return "";
    }
  }

  /** Adds a notice for each given flag that has no effect without the flag {@code needed}. */
  void idleWithout(String needed, List<String> flags) {
    for (String flag : flags) {
      if (value(flag) != null) {
        problems.notice("--" + flag + " has no effect without --" + needed);
      }
    }
  }

  void copy(TreeBuilder to, String flag, String... path) {
    put(to, value(flag), path);
  }

  void copySecret(TreeBuilder to, String flag, String... path) {
    put(to, secret(flag), path);
  }

  static void put(TreeBuilder to, @Nullable Scalar value, String... path) {
    if (value != null) {
      to.set(value, path);
    }
  }

  void problem(String flag, String message) {
    problems.add(Arguments.origin(flag), message);
  }

  Origin origin(String flag) {
    return Arguments.origin(flag);
  }
}
