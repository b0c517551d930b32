package io.gatehouse.auth;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Which environment variables of the gateway a program that it starts gets: those that programs
 * need to run, find files, speak the user's language and reach the network, and those that are
 * named in addition. The rest stays with the gateway, for passwords and keys are among it.
 *
 * @param more names, or beginnings of names with a {@code *} behind
 */
public record ChildEnvironment(Set<String> more) {

  /** Nothing in addition. */
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

  /** In capitals and in small letters: programs look for one or the other. */
  private static final List<String> PROXIES =
      List.of("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY");

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*\\*?");

  /**
   * @throws IllegalArgumentException when one is no name of a variable
   */
  public ChildEnvironment {
    more = Set.copyOf(more);
    for (String name : more) {
      if (!NAME.matcher(name).matches()) {
        // It may be NAME=value, and a value may be a secret.
        throw new IllegalArgumentException(
            "'"
                + name.replaceFirst("=.*", "=...")
                + "' is no name of an environment variable, such as NAME, or NAME_* for all that"
                + " begin so");
      }
    }
  }

  /** With these as well. */
  public ChildEnvironment with(String... names) {
    Set<String> all = new HashSet<>(more);
    all.addAll(List.of(names));
    return new ChildEnvironment(all);
  }

  /** Of all variables those that the program gets. */
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
