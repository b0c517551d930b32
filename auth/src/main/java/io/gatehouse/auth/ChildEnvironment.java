package io.gatehouse.auth;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Selects the environment variables that the gateway passes to a program it starts: those that
 * programs commonly need for files, locale and network, and those named in addition. All others
 * stay with the gateway, because they may hold passwords and keys.
 *
 * @param more names, or prefixes of names followed by {@code *}
 */
public record ChildEnvironment(Set<String> more) {

  /** Passes no additional variables. */
  public static final ChildEnvironment DEFAULT = new ChildEnvironment(Set.of());

  private static final Set<String> ALWAYS =
      Set.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "HOSTNAME",
          "TMPDIR",
          "TZ",
          "LANG",
          "LANGUAGE",
          "LC_*",
          "LD_LIBRARY_PATH",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR");

  /** In upper and lower case, because programs differ in which one they read. */
  private static final List<String> PROXIES =
      List.of("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY");

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*\\*?");

  /**
   * @throws IllegalArgumentException when a name is not valid for a variable
   */
  public ChildEnvironment {
    more = Set.copyOf(more);
    for (String name : more) {
      if (!NAME.matcher(name).matches()) {
        // The text may be NAME=value, and the value may be a secret.
        throw new IllegalArgumentException(
            "'"
                + name.replaceFirst("=.*", "=...")
                + "' is no name of an environment variable, such as NAME, or NAME_* for all that"
                + " begin so");
      }
    }
  }

  /** Copies the selection with additional names. */
  public ChildEnvironment with(String... names) {
    Set<String> all = new HashSet<>(more);
    all.addAll(List.of(names));
    return new ChildEnvironment(all);
  }

  /** The variables of {@code all} that the program gets. */
  public Map<String, String> filter(Map<String, String> all) {
    Map<String, String> some = new TreeMap<>();
    all.forEach((name, value) -> {
      if (isGiven(name)) {
        some.put(name, value);
      }
    });
    return some;
  }

  private boolean isGiven(String name) {
    return PROXIES.contains(name)
        || PROXIES.stream().anyMatch(one -> one.toLowerCase(Locale.ROOT).equals(name))
        || ALWAYS.stream().anyMatch(one -> fits(one, name))
        || more.stream().anyMatch(one -> fits(one, name));
  }

  private static boolean fits(String pattern, String name) {
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }
}
