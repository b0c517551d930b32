package io.gatehouse.auth.login.aws;

import io.gatehouse.auth.login.LoginFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Profiles of the files {@code ~/.aws/config} and {@code ~/.aws/credentials}, or of those that
 * {@code AWS_CONFIG_FILE} and {@code AWS_SHARED_CREDENTIALS_FILE} name. The credentials file takes
 * precedence.
 */
record Profiles(Map<String, Map<String, String>> byName) {

  private static final String IN_CONFIG = "profile ";

  static Profiles read(AwsEnvironment environment) throws LoginFailure {
    Map<String, Map<String, String>> byName = new HashMap<>();
    Path folder = environment.home().resolve(".aws");
    load(file(environment, "AWS_CONFIG_FILE", folder.resolve("config")), true, byName);
    load(
        file(environment, "AWS_SHARED_CREDENTIALS_FILE", folder.resolve("credentials")),
        false,
        byName);
    return new Profiles(byName);
  }

  @Nullable Map<String, String> get(String name) {
    return byName.get(name);
  }

  private static Path file(AwsEnvironment environment, String variable, Path byDefault) {
    String named = environment.variable(variable);
    return named == null ? byDefault : Path.of(named);
  }

  private static void load(Path file, boolean config, Map<String, Map<String, String>> byName)
      throws LoginFailure {
    if (!Files.isRegularFile(file)) {
      return;
    }
    try {
      Map<String, String> section = new HashMap<>();
      for (String line : Files.readAllLines(file)) {
        String text = line.strip();
        // Indented lines are nested settings, which are not needed.
        if (text.isEmpty()
            || text.startsWith("#")
            || text.startsWith(";")
            || Character.isWhitespace(line.charAt(0))) {
          continue;
        }
        int equals = text.indexOf('=');
        if (text.startsWith("[")) {
          String name = profile(text, config);
          section =
              name == null ? new HashMap<>() : byName.computeIfAbsent(name, any -> new HashMap<>());
        } else if (equals > 0) {
          section.put(
              text.substring(0, equals).strip(), withoutComment(text.substring(equals + 1)));
        }
      }
    } catch (IOException e) {
      throw new LoginFailure(
          "the AWS profiles in " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** The profile's name; null for a section of another kind. */
  private static @Nullable String profile(String heading, boolean config) {
    int end = heading.indexOf(']');
    String name = heading.substring(1, end < 0 ? heading.length() : end).strip();
    if (!config || name.equals("default")) {
      return name;
    }
    return name.startsWith(IN_CONFIG) ? name.substring(IN_CONFIG.length()).strip() : null;
  }

  private static String withoutComment(String value) {
    return value.split("\\s[#;]", 2)[0].strip();
  }
}
