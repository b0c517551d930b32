package io.gatehouse.app.config;

import io.gatehouse.auth.Nearest;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The {@code GATEHOUSE_} variables, one for each configuration key: {@code http.healthPath} is
 * {@code GATEHOUSE_HTTP_HEALTH_PATH}, {@code listeners[0].name} is {@code
 * GATEHOUSE_LISTENERS_0_NAME}. An empty variable counts as not set.
 */
final class NativeVariables {

  static final String PREFIX = "GATEHOUSE_";

  /** Variables that the command line and the launcher read. */
  static final Set<String> RESERVED =
      Set.of(
          "GATEHOUSE_CONFIG",
          "GATEHOUSE_HEAP",
          "GATEHOUSE_JAVA_HOME",
          "GATEHOUSE_JAVA_OPTS",
          "GATEHOUSE_AOT",
          "GATEHOUSE_AOT_OUTPUT",
          "GATEHOUSE_API_URL",
          "GATEHOUSE_API_USER",
          "GATEHOUSE_API_PASSWORD",
          "GATEHOUSE_API_CACERT",
          "GATEHOUSE_API_CERT",
          "GATEHOUSE_API_KEY",
          "GATEHOUSE_STATE_PASSPHRASE");

  private final TreeMap<String, String> left = new TreeMap<>();
  private final Set<String> asked = new TreeSet<>();

  NativeVariables(Map<String, String> environment) {
    environment.forEach((name, value) -> {
      if (name.startsWith(PREFIX)
          && !RESERVED.contains(name)
          && !value.isEmpty()
          && !ServiceLinks.isServiceLink(name, value)) {
        left.put(name, value);
      }
    });
  }

  static String nameOf(String path) {
    StringBuilder name = new StringBuilder(PREFIX);
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '.' || c == '[') {
        name.append('_');
      } else if (c != ']') {
        boolean hump =
            Character.isUpperCase(c) && i > 0 && !Character.isUpperCase(path.charAt(i - 1));
        name.append(hump ? "_" : "").append(Character.toUpperCase(c));
      }
    }
    return name.toString();
  }

  /**
   * Removes and returns the value of the variable, or null. Variables that are never asked for are
   * reported as unknown.
   */
  @Nullable String take(String name) {
    asked.add(name);
    return left.remove(name);
  }

  /** Whether a variable sets this path itself. */
  boolean has(String path) {
    return left.containsKey(nameOf(path));
  }

  /** Whether a variable sets a key below this path. */
  boolean anyBelow(String path) {
    String prefix = nameOf(path) + "_";
    String next = left.ceilingKey(prefix);
    return next != null && next.startsWith(prefix);
  }

  /** All names that were asked for. */
  Set<String> asked() {
    return Collections.unmodifiableSet(asked);
  }

  void reportUnknown(Problems problems) {
    for (String name : left.keySet()) {
      problems.add(
          new Origin.Variable(name), "there is no such setting" + Nearest.hint(name, asked));
    }
  }
}
