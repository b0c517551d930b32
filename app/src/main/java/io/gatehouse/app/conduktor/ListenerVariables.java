package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Nearest;
import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.PortSpec;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.TreeBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code GATEWAY_LISTENER_<NAME>_<WHAT>} (contracts/conduktor-config.md §3). A name with an
 * underscore, which Conduktor Gateway ignores in silence, is refused.
 */
public final class ListenerVariables {

  static final String PREFIX = "GATEWAY_LISTENER_";
  private static final String NAMES = "GATEWAY_LISTENER_NAMES";

  /**
   * What can be said of a listener, longest first since {@code HOST} ends other names too.
   *
   * <p>The value is what documentation says of it.
   */
  public static final Map<String, String> SUFFIXES = suffixes();

  private static final Pattern VARIABLE =
      Pattern.compile(PREFIX + "(.*?)_(" + String.join("|", SUFFIXES.keySet()) + ")");
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9]*");

  private final NavigableMap<String, String> variables;
  private final @Nullable String lowestBrokerId;
  private final Problems problems;
  private final Map<String, Map<String, String>> listeners = new TreeMap<>();

  ListenerVariables(
      NavigableMap<String, String> variables, @Nullable String lowestBrokerId, Problems problems) {
    this.variables = variables;
    this.lowestBrokerId = lowestBrokerId;
    this.problems = problems;
  }

  private static Map<String, String> suffixes() {
    Map<String, String> suffixes = new LinkedHashMap<>();
    suffixes.put("SECURITY_PROTOCOL", "required; only PLAINTEXT yet");
    suffixes.put("ROUTING", "required; only port yet, not sni");
    suffixes.put("PORTS", "required; ports.brokers, and ports.count 1 for a single port");
    suffixes.put("ADVERTISED_HOST_PATTERN", "not yet: SNI");
    suffixes.put("BOOTSTRAP_HOST_PATTERN", "not yet: SNI");
    suffixes.put("ADVERTISED_HOST", "advertisedHost");
    suffixes.put("HOST", "early name of ADVERTISED_HOST");
    suffixes.put("BIND_ADDRESS", "host");
    suffixes.put("SSL_CLIENT_AUTH", "only NONE yet");
    return suffixes;
  }

  void translate(TreeBuilder tree) {
    split();
    List<Node> nodes = new ArrayList<>();
    for (String name : names()) {
      nodes.add(listener(name, listeners.getOrDefault(name, Map.of())));
    }
    tree.set(new Node.Sequence(nodes, new Origin.Variable(variables.firstKey())), "listeners");
  }

  private void split() {
    for (Map.Entry<String, String> entry : variables.entrySet()) {
      String variable = entry.getKey();
      if (variable.equals(NAMES)) {
        continue;
      }
      Matcher parts = VARIABLE.matcher(variable);
      if (!parts.matches()) {
        String last = variable.substring(variable.indexOf('_', PREFIX.length()) + 1);
        problems.add(
            new Origin.Variable(variable),
            "it does not end as a listener's variable does"
                + Nearest.hintOrAll(last, SUFFIXES.keySet()));
      } else if (!NAME.matcher(parts.group(1)).matches()) {
        problems.add(
            new Origin.Variable(variable),
            "'"
                + parts.group(1)
                + "' is not a listener's name: it needs a letter first, then letters and digits"
                + " only");
      } else {
        listeners
            .computeIfAbsent(parts.group(1), _ -> new LinkedHashMap<>())
            .put(parts.group(2), entry.getValue());
      }
    }
  }

  private List<String> names() {
    String given = variables.get(NAMES);
    if (given == null) {
      return List.copyOf(listeners.keySet());
    }
    List<String> names = Parse.commas(given);
    for (String listener : listeners.keySet()) {
      if (!names.contains(listener)) {
        problems.add(
            new Origin.Variable(NAMES),
            "'" + given + "' does not name the listener " + listener + ", which has variables");
      }
    }
    return names;
  }

  private Node listener(String name, Map<String, String> given) {
    TreeBuilder listener = new TreeBuilder();
    listener.set(name, origin(name, "PORTS"), "name");
    only(name, given, "SECURITY_PROTOCOL", "PLAINTEXT", true);
    only(name, given, "ROUTING", "port", true);
    only(name, given, "SSL_CLIENT_AUTH", "NONE", false);
    for (String sni : List.of("ADVERTISED_HOST_PATTERN", "BOOTSTRAP_HOST_PATTERN")) {
      if (given.containsKey(sni)) {
        problems.notYet(variable(name, sni));
      }
    }
    copy(listener, name, given, "BIND_ADDRESS", "host");
    copy(listener, name, given, "HOST", "advertisedHost");
    copy(listener, name, given, "ADVERTISED_HOST", "advertisedHost");
    String ports = given.get("PORTS");
    if (ports == null) {
      missing(name, "PORTS", "ports such as 9092-9095");
    } else {
      listener.set(ports, origin(name, "PORTS"), "ports", "brokers");
      if (isSingle(ports)) {
        listener.set("1", origin(name, "PORTS"), "ports", "count");
      }
    }
    if (lowestBrokerId != null) {
      Origin origin = new Origin.Variable("GATEWAY_MIN_BROKERID");
      listener.set(lowestBrokerId, origin, "ports", "lowestBrokerId");
    }
    return listener.build();
  }

  /** A lone port means just that port, where the native form would go on from it. */
  private static boolean isSingle(String ports) {
    try {
      return PortSpec.parse(ports).size() == 1;
    } catch (IllegalArgumentException e) {
      return false; // told where the value is read
    }
  }

  private void only(
      String name, Map<String, String> given, String suffix, String valid, boolean required) {
    String value = given.get(suffix);
    if (value == null) {
      if (required) {
        missing(name, suffix, valid);
      }
    } else if (!value.equalsIgnoreCase(valid)) {
      problems.notYet(variable(name, suffix) + "=" + value + " (only " + valid + ")");
    }
  }

  private void missing(String name, String suffix, String valid) {
    problems.add(
        Origin.DEFAULT,
        variable(name, suffix) + " is missing: the listener " + name + " needs it, e.g. " + valid);
  }

  private static void copy(
      TreeBuilder to, String name, Map<String, String> given, String suffix, String... path) {
    String value = given.get(suffix);
    if (value != null) {
      to.set(value, origin(name, suffix), path);
    }
  }

  private static Origin origin(String name, String suffix) {
    return new Origin.Variable(variable(name, suffix));
  }

  private static String variable(String name, String suffix) {
    return PREFIX + name + "_" + suffix;
  }
}
