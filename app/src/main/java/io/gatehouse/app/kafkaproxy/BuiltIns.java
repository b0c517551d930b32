package io.gatehouse.app.kafkaproxy;

import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Node.Scalar;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.TreeBuilder;
import io.gatehouse.auth.Nearest;
import io.gatehouse.auth.RedactedArguments;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The plugins of kafka-proxy that are built into the gateway (docs/kafka-proxy.md), with the
 * configuration key that each argument sets.
 */
final class BuiltIns {

  static final List<String> PASSWORDS = List.of("auth-user", "auth-ldap");
  static final List<String> TOKENS = List.of("google-id-info", "unsecured-jwt-info", "oidc-info");

  /**
   * The key that each argument of a built-in sets. A suffix marks the type: {@code *} a list,
   * {@code #} a number of seconds, {@code ?} a boolean.
   */
  private static final Map<String, Map<String, String>> ARGUMENTS =
      Map.of(
          "auth-user",
          Map.of("username", "user", "password", "password"),
          "auth-ldap",
          Map.ofEntries(
              Map.entry("url", "url"),
              Map.entry("ldap-ca-cert-file", "trust"),
              Map.entry("ldap-insecure-skip-verify", "insecureSkipVerify?"),
              Map.entry("start-tls", "startTls?"),
              Map.entry("upn-domain", "domain"),
              Map.entry("user-dn", "userDn"),
              Map.entry("user-attr", "userAttribute"),
              Map.entry("search-ldap", "search?"),
              Map.entry("bind-dn", "bindDn"),
              Map.entry("bind-passwd", "bindPassword"),
              Map.entry("user-search-base", "searchBase"),
              Map.entry("user-filter", "searchFilter")),
          "google-id-info",
          Map.of(
              "timeout", "timeout#",
              "certs-refresh-interval", "refresh#",
              "audience", "audiences*",
              "email-regex", "emails*"),
          "unsecured-jwt-info",
          Map.of("claim-sub", "subjects*", "algorithm", "algorithms*"),
          "oidc-info",
          Map.of(
              "jwks-url", "url",
              "issuer", "issuer",
              "audience", "audiences*",
              "algorithm", "algorithms*",
              "subject-claim", "subjectClaim",
              "scope-claim", "scopeClaim",
              "jwks-refresh-interval", "refresh#",
              "timeout", "timeout#"));

  private BuiltIns() {}

  /**
   * The built-in with this name, or null. A path that ends in the name also counts if the file does
   * not exist, so that command lines for kafka-proxy's own plugin programs work without those
   * programs.
   */
  static @Nullable String named(String command, List<String> builtIns) {
    try {
      Path path = Path.of(command);
      String name = String.valueOf(path.getFileName());
      boolean program = command.contains("/") && Files.exists(path);
      return builtIns.contains(name) && !program ? name : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  static String[] at(String[] path, String last) {
    String[] whole = path.clone();
    whole[whole.length - 1] = last;
    return whole;
  }

  /**
   * Adds the settings of a plugin program.
   *
   * @param prefix prefix of the flags that describe the plugin
   * @param path path of the keys; its last element is a placeholder
   */
  static void plugin(
      GivenFlags flags, TreeBuilder tree, String prefix, Scalar command, String... path) {
    tree.set(command, at(path, "program"));
    List<Scalar> parameters = flags.parameters(prefix + "param");
    if (!parameters.isEmpty()) {
      Origin origin = parameters.getFirst().origin();
      tree.set(new Node.Sequence(new ArrayList<>(parameters), origin), at(path, "parameters"));
    }
    flags.copy(tree, prefix + "log-level", at(path, "logLevel"));
    flags.copy(tree, prefix + "timeout", at(path, "timeout"));
  }

  /** The keys that the arguments of a built-in set. */
  static Node.Mapping keys(GivenFlags flags, String name, List<Scalar> arguments) {
    Map<String, String> known = ARGUMENTS.getOrDefault(name, Map.of());
    TreeBuilder tree = new TreeBuilder();
    Map<String, List<Node>> lists = new LinkedHashMap<>();
    for (int i = 0; i < arguments.size(); i++) {
      Scalar argument = arguments.get(i);
      String text = argument.text().replaceFirst("^--?", "");
      int equals = text.indexOf('=');
      String parameter = equals < 0 ? text : text.substring(0, equals);
      String key = argument.text().startsWith("-") ? known.get(parameter) : null;
      if (key == null) {
        flags
            .problems()
            .add(
                argument.origin(),
                name
                    + " has no argument "
                    + (argument.text().startsWith("-")
                        ? RedactedArguments.one(argument.text()).replaceFirst("=.*", "")
                        : "without dashes")
                    + Nearest.hintOrAll(parameter, known.keySet()));
        continue;
      }
      String value;
      if (equals >= 0) {
        value = text.substring(equals + 1);
      } else if (key.endsWith("?")) {
        value = "true";
      } else if (i + 1 < arguments.size()) {
        value = arguments.get(++i).text();
      } else {
        flags.problems().add(argument.origin(), name + ": --" + parameter + " has no value");
        continue;
      }
      set(tree, lists, key, new Scalar(value, argument.origin()));
    }
    lists.forEach(
        (key, items) -> tree.set(new Node.Sequence(items, items.getFirst().origin()), key));
    return tree.build();
  }

  private static void set(
      TreeBuilder tree, Map<String, List<Node>> lists, String key, Scalar value) {
    String bare = key.substring(0, key.length() - 1);
    switch (key.charAt(key.length() - 1)) {
      case '*' -> lists.computeIfAbsent(bare, _ -> new ArrayList<>()).add(value);
      case '#' -> tree.set(value.text() + "s", value.origin(), bare);
      case '?' -> tree.set(value, bare);
      default -> tree.set(value, key);
    }
  }
}
