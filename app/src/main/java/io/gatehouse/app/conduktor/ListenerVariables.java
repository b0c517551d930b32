package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.PortSpec;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.TreeBuilder;
import io.gatehouse.auth.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code GATEWAY_LISTENER_<NAME>_<WHAT>} (docs/conduktor.md). A listener name with an underscore is
 * refused; Conduktor Gateway ignores such variables without a message.
 */
public final class ListenerVariables {

  static final String PREFIX = "GATEWAY_LISTENER_";
  private static final String NAMES = "GATEWAY_LISTENER_NAMES";

  /**
   * The suffixes of listener variables with their help texts. Longer suffixes come first, because
   * {@code HOST} is also the end of others.
   */
  public static final Map<String, String> SUFFIXES = suffixes();

  private static final Pattern VARIABLE =
      Pattern.compile(PREFIX + "(.*?)_(" + String.join("|", SUFFIXES.keySet()) + ")");
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9]*");

  private final NavigableMap<String, String> variables;
  private final @Nullable String lowestBrokerId;
  private final ClientSecurity security;
  private final Problems problems;
  private final Map<String, Map<String, String>> listeners = new TreeMap<>();

  ListenerVariables(
      NavigableMap<String, String> variables,
      @Nullable String lowestBrokerId,
      ClientSecurity security,
      Problems problems) {
    this.variables = variables;
    this.security = security;
    this.lowestBrokerId = lowestBrokerId;
    this.problems = problems;
  }

  private static Map<String, String> suffixes() {
    Map<String, String> suffixes = new LinkedHashMap<>();
    suffixes.put("SECURITY_PROTOCOL", "required: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL");
    suffixes.put("ROUTING", "required: port or sni");
    suffixes.put(
        "PORTS",
        "required: ports.brokers, with ports.count 1 for a single port; with ROUTING sni:"
            + " sni.port");
    suffixes.put(
        "ADVERTISED_HOST_PATTERN",
        "sni.brokerHost; must contain {{nodeId}}, may contain {{advertisedHost}} and"
            + " {{physicalCluster}}");
    suffixes.put(
        "BOOTSTRAP_HOST_PATTERN",
        "sni.bootstrapHost; default: ADVERTISED_HOST, else the part of ADVERTISED_HOST_PATTERN"
            + " after its first dot");
    suffixes.put("ADVERTISED_HOST", "advertisedHost");
    suffixes.put("HOST", "former name of ADVERTISED_HOST");
    suffixes.put("BIND_ADDRESS", "host");
    suffixes.put(
        "SSL_CLIENT_AUTH",
        "tls.clientAuth: NONE, OPTIONAL or REQUIRE; default: GATEWAY_SSL_CLIENT_AUTH");
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
            "it does not end with a property of a listener"
                + Nearest.hintOrAll(last, SUFFIXES.keySet()));
      } else if (!NAME.matcher(parts.group(1)).matches()) {
        problems.add(
            new Origin.Variable(variable),
            "'"
                + parts.group(1)
                + "' is not a valid listener name: it must start with a letter and contain only"
                + " letters and digits");
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
    copy(listener, name, given, "BIND_ADDRESS", "host");
    copy(listener, name, given, "HOST", "advertisedHost");
    copy(listener, name, given, "ADVERTISED_HOST", "advertisedHost");
    String protocol = given.get("SECURITY_PROTOCOL");
    if (protocol == null) {
      missing(name, "SECURITY_PROTOCOL", "PLAINTEXT");
    } else {
      ClientSecurity.Protocol known =
          security.explicit(variable(name, "SECURITY_PROTOCOL"), protocol);
      if (known != null) {
        security.describe(listener, known, variable(name, "SSL_CLIENT_AUTH"));
      }
    }
    String routing = given.getOrDefault("ROUTING", "");
    switch (routing.toLowerCase(Locale.ROOT)) {
      case "" -> missing(name, "ROUTING", "port");
      case "port", "sni" -> {}
      default -> problems.add(origin(name, "ROUTING"), "'" + routing + "' is not port or sni");
    }
    if (routing.equalsIgnoreCase("sni")) {
      names(listener, name, given);
    } else {
      ports(listener, name, given);
    }
    return listener.build();
  }

  private void ports(TreeBuilder listener, String name, Map<String, String> given) {
    for (String sni : List.of("ADVERTISED_HOST_PATTERN", "BOOTSTRAP_HOST_PATTERN")) {
      if (given.containsKey(sni)) {
        problems.notice(variable(name, sni) + " has no effect: routing is by port");
      }
    }
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
  }

  private void names(TreeBuilder listener, String name, Map<String, String> given) {
    if (given.containsKey("PORTS")) {
      copy(listener, name, given, "PORTS", "sni", "port");
    } else {
      missing(name, "PORTS", "one port such as 443:9092");
    }
    String pattern = given.get("ADVERTISED_HOST_PATTERN");
    if (pattern == null) {
      missing(name, "ADVERTISED_HOST_PATTERN", "broker-{{nodeId}}.kafka.example.com");
      return;
    }
    filled(listener, name, given, "ADVERTISED_HOST_PATTERN", "brokerHost");
    int dot = pattern.indexOf('.', Math.max(0, pattern.indexOf("}}")));
    if (given.containsKey("BOOTSTRAP_HOST_PATTERN")) {
      filled(listener, name, given, "BOOTSTRAP_HOST_PATTERN", "bootstrapHost");
    } else if (!given.containsKey("ADVERTISED_HOST") && dot > 0) {
      listener.set(
          pattern.substring(dot + 1),
          origin(name, "ADVERTISED_HOST_PATTERN"),
          "sni",
          "bootstrapHost");
    }
  }

  /**
   * Native host patterns have a placeholder for the node id only, so the other placeholders are
   * filled in here.
   */
  private static void filled(
      TreeBuilder listener, String name, Map<String, String> given, String suffix, String key) {
    String host =
        given
            .getOrDefault(suffix, "")
            .replace("{{physicalCluster}}", KafkaProperties.MAIN)
            .replace(
                "{{advertisedHost}}",
                given.getOrDefault("ADVERTISED_HOST", given.getOrDefault("HOST", "")));
    listener.set(host, origin(name, suffix), "sni", key);
  }

  /**
   * Whether the value is a single port. In the native configuration a single port is the first of a
   * range.
   */
  private static boolean isSingle(String ports) {
    try {
      return PortSpec.parse(ports).size() == 1;
    } catch (IllegalArgumentException e) {
      return false; // reported where the value is read
    }
  }

  private void missing(String name, String suffix, String valid) {
    problems.add(
        Origin.DEFAULT,
        variable(name, suffix)
            + " is missing: the listener "
            + name
            + " needs it, for example "
            + valid);
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
