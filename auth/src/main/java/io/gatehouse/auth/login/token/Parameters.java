package io.gatehouse.auth.login.token;

import io.gatehouse.auth.RedactedArguments;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Parses a provider's parameters like Go's flag package: {@code --name=value}, {@code --name value}
 * in two texts, {@code --name} alone for a switch; one dash is accepted too.
 */
final class Parameters {

  private final String provider;
  private final Map<String, String> values = new HashMap<>();

  /**
   * @param named the parameters with a value
   * @param switches those that are true or false
   */
  Parameters(String provider, List<String> given, Set<String> named, Set<String> switches) {
    this.provider = provider;
    for (int i = 0; i < given.size(); i++) {
      String text = given.get(i);
      String name = text.replaceFirst("^--?", "").replaceFirst("=.*", "");
      if (!text.startsWith("-") || !(named.contains(name) || switches.contains(name))) {
        throw new IllegalArgumentException(
            provider
                + " has no parameter "
                + RedactedArguments.one(text).replaceFirst("=.*", "")
                + "; it has --"
                + Stream.concat(named.stream(), switches.stream())
                    .sorted()
                    .collect(Collectors.joining(", --")));
      }
      int equals = text.indexOf('=');
      if (equals > 0) {
        values.put(name, text.substring(equals + 1));
      } else if (switches.contains(name)) {
        values.put(name, "true");
      } else if (i + 1 < given.size()) {
        values.put(name, given.get(++i));
      } else {
        throw new IllegalArgumentException(provider + ": --" + name + " has no value");
      }
    }
  }

  @Nullable String text(String name) {
    String value = values.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  String needed(String name) {
    String value = text(name);
    if (value == null) {
      throw new IllegalArgumentException(provider + " needs --" + name);
    }
    return value;
  }

  boolean isOn(String name, boolean byDefault) {
    String value = text(name);
    if (value == null) {
      return byDefault;
    }
    return switch (value) {
      case "true", "1", "t", "T", "TRUE", "True" -> true;
      case "false", "0", "f", "F", "FALSE", "False" -> false;
      default ->
          throw new IllegalArgumentException(
              provider + ": --" + name + " is neither true nor false: " + value);
    };
  }

  /** A positive number of seconds. */
  Duration seconds(String name, int byDefault) {
    String value = text(name);
    try {
      int seconds = value == null ? byDefault : Integer.parseInt(value);
      if (seconds > 0) {
        return Duration.ofSeconds(seconds);
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new IllegalArgumentException(
        provider + ": --" + name + " is no number of seconds above 0: " + value);
  }

  Path file(String name) {
    return Path.of(needed(name));
  }
}
