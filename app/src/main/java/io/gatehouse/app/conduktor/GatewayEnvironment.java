package io.gatehouse.app.conduktor;

import static java.util.Objects.requireNonNull;

import io.gatehouse.app.config.Nearest;
import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.ServiceLinks;
import io.gatehouse.app.config.TreeBuilder;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Says in the native form what Conduktor Gateway's variables say. */
public final class GatewayEnvironment {

  private static final String PREFIX = "GATEWAY_";
  private static final int MINUTES_OF_A_YEAR = 365 * 24 * 60;
  private static final String AUDIT_PRODUCER = "GATEWAY_AUDIT_LOG_KAFKA_";

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
      // An empty one means something: hosts in certificates are not verified.
      boolean given = !value.isBlank() || name.endsWith(KafkaProperties.VERIFICATION_VARIABLE);
      if (given && !ServiceLinks.isOne(name, value)) {
        variables.put(name, value.strip());
      }
    });
  }

  /**
   * @param listenersElsewhere whether listeners are described by a file; variables then describe
   *     one only if they say something of it
   * @param problems to which everything wrong is added
   */
  public static Node.Mapping translate(
      Map<String, String> environment, boolean listenersElsewhere, Problems problems) {
    return new GatewayEnvironment(environment, problems).translate(listenersElsewhere);
  }

  private Node.Mapping translate(boolean listenersElsewhere) {
    judge();
    Map<String, KafkaProperties> clusters = clusters();
    listeners(clusters, listenersElsewhere);
    copy("GATEWAY_HTTP_PORT", "http", "port");
    copy("GATEWAY_DOWNSTREAM_THREAD", "sockets", "eventLoops");
    tlsRefresh();
    newGroupProtocol();
    clusters.forEach((name, properties) -> properties.translate(tree, name));
    new Log4jVariables(variables, problems).translate(tree);
    return tree.build();
  }

  /** The clusters behind, by name, the main one first. */
  private Map<String, KafkaProperties> clusters() {
    String selector = variables.get(ClusterFile.SELECTOR);
    KafkaVariables kafka = new KafkaVariables(variables, problems);
    if (selector == null) {
      return kafka.clusters();
    }
    kafka.ignore();
    return ClusterFile.read(selector, environment, problems);
  }

  private void listeners(Map<String, KafkaProperties> clusters, boolean elsewhere) {
    NavigableMap<String, String> listeners = below(ListenerVariables.PREFIX);
    List<String> names =
        clusters.keySet().stream()
            .filter(name -> !requireNonNull(clusters.get(name)).isFailover())
            .toList();
    LegacyListeners legacy = new LegacyListeners(variables, problems);
    ClientSecurity security = new ClientSecurity(variables, problems);
    KafkaProperties main = clusters.get(KafkaProperties.MAIN);
    Node.Scalar behind = main == null ? null : main.protocol();
    if (!listeners.isEmpty()) {
      explicit(listeners, security, names);
    } else if (legacy.isGiven()
        || security.isGiven()
        || (!elsewhere && (behind != null || names.size() > 1))) {
      ClientSecurity.Protocol protocol = security.infer(behind);
      if (protocol != null) {
        List<Node> nodes = legacy.describe(security, protocol, names);
        Origin origin = security.isGiven() ? security.origin() : protocol.origin();
        tree.set(
            new Node.Sequence(nodes, legacy.isGiven() || origin == null ? legacy.origin() : origin),
            "listeners");
        security.tellIdle();
      }
    }
  }

  private void explicit(
      NavigableMap<String, String> listeners, ClientSecurity security, List<String> clusters) {
    for (String name : LegacyListeners.VARIABLES) {
      if (variables.containsKey(name) && !name.equals("GATEWAY_MIN_BROKERID")) {
        problems.notice(name + " has no effect: GATEWAY_LISTENER_ variables are given");
      }
    }
    for (String cluster : clusters) {
      if (!cluster.equals(KafkaProperties.MAIN)) {
        problems.notice(
            "no listener leads to the cluster "
                + cluster
                + ": GATEWAY_LISTENER_ variables lead to"
                + " the main one");
      }
    }
    security.checkExplicit();
    new ListenerVariables(listeners, variables.get("GATEWAY_MIN_BROKERID"), security, problems)
        .translate(tree);
    security.tellIdle();
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

  private void tlsRefresh() {
    String name = "GATEWAY_SSL_UPDATE_CONTEXT_INTERVAL_MINUTES";
    String value = variables.get(name);
    if (value != null) {
      Origin origin = new Origin.Variable(name);
      try {
        tree.set(Parse.number(value, 1, MINUTES_OF_A_YEAR) + "m", origin, "tls", "refresh");
      } catch (IllegalArgumentException e) {
        problems.add(origin, String.valueOf(e.getMessage()));
      }
    }
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
    @Nullable String value = variables.get(name);
    if (value != null) {
      tree.set(value, new Origin.Variable(name), path);
    }
  }
}
