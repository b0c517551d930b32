package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Nearest;
import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.ServiceLinks;
import io.gatehouse.app.config.TreeBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Says in the native form what Conduktor Gateway's variables say. */
public final class GatewayEnvironment {

  private static final String PREFIX = "GATEWAY_";
  private static final String AUDIT_PRODUCER = "GATEWAY_AUDIT_LOG_KAFKA_";

  /** Those that describe the one listener of the legacy mode. */
  private static final List<String> NETWORK =
      List.of(
          "GATEWAY_ADVERTISED_HOST",
          "GATEWAY_ADVERTISED_LISTENER",
          "GATEWAY_BIND_HOST",
          "GATEWAY_PORT_START",
          "GATEWAY_START_PORT",
          "GATEWAY_PORT_COUNT",
          "GATEWAY_MIN_BROKERID");

  /** Keys of ConsumerGroupHeartbeat and ConsumerGroupDescribe (KIP-848). */
  private static final List<String> NEW_GROUP_APIS = List.of("68", "69");

  private final NavigableMap<String, String> variables = new TreeMap<>();
  private final Map<String, String> environment;
  private final Problems problems;
  private final TreeBuilder tree = new TreeBuilder();

  private GatewayEnvironment(Map<String, String> environment, Problems problems) {
    this.environment = environment;
    this.problems = problems;
    environment.forEach((name, value) -> {
      if (!value.isBlank() && !ServiceLinks.isOne(name, value)) {
        variables.put(name, value.strip());
      }
    });
  }

  /**
   * @param problems to which everything wrong is added
   */
  public static Node.Mapping translate(Map<String, String> environment, Problems problems) {
    return new GatewayEnvironment(environment, problems).translate();
  }

  private Node.Mapping translate() {
    judge();
    NavigableMap<String, String> listeners = below(ListenerVariables.PREFIX);
    if (listeners.isEmpty()) {
      legacyListener();
    } else {
      List<String> idle = NETWORK.stream().filter(variables::containsKey).toList();
      for (String name : idle.stream().filter(n -> !n.equals("GATEWAY_MIN_BROKERID")).toList()) {
        problems.notice(name + " has no effect: GATEWAY_LISTENER_ variables are given");
      }
      new ListenerVariables(listeners, variables.get("GATEWAY_MIN_BROKERID"), problems)
          .translate(tree);
    }
    copy("GATEWAY_HTTP_PORT", "http", "port");
    copy("GATEWAY_DOWNSTREAM_THREAD", "sockets", "eventLoops");
    newGroupProtocol();
    String selector = variables.get(ClusterFile.SELECTOR);
    KafkaVariables kafka = new KafkaVariables(variables, problems);
    if (selector == null) {
      kafka.translate(tree);
    } else {
      kafka.ignore();
      ClusterFile.read(selector, environment, problems).translate(tree);
    }
    new Log4jVariables(variables, problems).translate(tree);
    return tree.build();
  }

  /** Refuses what is unknown or cannot be done yet, and says what is done without effect. */
  private void judge() {
    Map<String, GatewayVariable> known = GatewayVariable.byName();
    below(PREFIX)
        .forEach((name, value) -> {
          if (name.startsWith(ListenerVariables.PREFIX)) {
            return;
          }
          GatewayVariable variable = known.get(name);
          if (variable != null) {
            judge(variable, value);
          } else if (name.startsWith(AUDIT_PRODUCER)) {
            problems.notYet(name);
          } else {
            problems.add(
                new Origin.Variable(name),
                "there is no such variable" + Nearest.hint(name, known.keySet()));
          }
        });
  }

  private void judge(GatewayVariable variable, String value) {
    String name = variable.name();
    switch (variable.support()) {
      case YES -> {}
      case NO_EFFECT -> problems.notice(name + " has no effect: " + variable.help());
      case NOT_YET -> {
        if (variable.harmless().isEmpty()) {
          problems.notYet(name);
        } else if (!variable.isHarmless(value)) {
          problems.notYet(
              name + "=" + value + " (only " + String.join(", ", variable.harmless()) + ")");
        }
      }
      case RETIRED -> problems.add(new Origin.Variable(name), variable.help());
    }
  }

  private NavigableMap<String, String> below(String prefix) {
    return variables.subMap(prefix, true, prefix + Character.MAX_VALUE, false);
  }

  /** One listener called DEFAULT, if any variable describes it. */
  private void legacyListener() {
    List<String> given = NETWORK.stream().filter(variables::containsKey).toList();
    if (given.isEmpty()) {
      return;
    }
    Origin origin = new Origin.Variable(given.getFirst());
    TreeBuilder listener = new TreeBuilder();
    listener.set("DEFAULT", new Origin.BuiltIn("name of the listener of the variables"), "name");
    copy(listener, "GATEWAY_BIND_HOST", "host");
    copy(
        listener,
        either("GATEWAY_ADVERTISED_HOST", "GATEWAY_ADVERTISED_LISTENER"),
        "advertisedHost");
    copy(listener, either("GATEWAY_PORT_START", "GATEWAY_START_PORT"), "ports", "brokers");
    copy(listener, "GATEWAY_PORT_COUNT", "ports", "count");
    copy(listener, "GATEWAY_MIN_BROKERID", "ports", "lowestBrokerId");
    Node.Mapping built = listener.build();
    tree.set(
        new Node.Sequence(
            new ArrayList<>(List.of(new Node.Mapping(built.entries(), origin))), origin),
        "listeners");
  }

  /** The name of two for one thing that is given; the first if both are. */
  private String either(String name, String alias) {
    if (variables.containsKey(name) && variables.containsKey(alias)) {
      problems.notice(alias + " has no effect: " + name + " is given");
    }
    return variables.containsKey(name) ? name : alias;
  }

  private void newGroupProtocol() {
    String name = "GATEWAY_FEATURE_FLAGS_CONSUMER_GROUP_PROTOCOL";
    String value = variables.get(name);
    if (value == null || value.equalsIgnoreCase("true")) {
      return;
    }
    if (value.equalsIgnoreCase("false")) {
      tree.set(NEW_GROUP_APIS, new Origin.Variable(name), "rules", "forbiddenApis");
    } else {
      problems.add(new Origin.Variable(name), "'" + value + "' is not true or false");
    }
  }

  private void copy(String name, String... path) {
    copy(tree, name, path);
  }

  private void copy(TreeBuilder to, String name, String... path) {
    @Nullable String value = variables.get(name);
    if (value != null) {
      to.set(value, new Origin.Variable(name), path);
    }
  }
}
