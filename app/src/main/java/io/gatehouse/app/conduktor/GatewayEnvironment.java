package io.gatehouse.app.conduktor;

import static java.util.Objects.requireNonNull;

import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.ServiceLinks;
import io.gatehouse.app.config.TreeBuilder;
import io.gatehouse.auth.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Translates Conduktor Gateway's environment variables to the native configuration. */
public final class GatewayEnvironment {

  private static final String PREFIX = "GATEWAY_";
  private static final String CLUSTER_ID = "GATEWAY_CLUSTER_ID";
  private static final int MINUTES_OF_A_YEAR = 365 * 24 * 60;
  private static final String INTERCEPTORS = "GATEWAY_INTERCEPTOR_CONFIG_LOCATION";

  /**
   * The content of a file without interceptors, ignoring white space. Helm charts may add quotes.
   */
  private static final Set<String> NO_INTERCEPTORS = Set.of("", "[]", "{}", "null", "\"[]\"");

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
      // An empty value of this variable is significant: it turns off the verification of host
      // names.
      boolean given = !value.isBlank() || name.endsWith(KafkaProperties.VERIFICATION_VARIABLE);
      if (given && !ServiceLinks.isServiceLink(name, value)) {
        variables.put(name, value.strip());
      }
    });
  }

  /**
   * @param listenersElsewhere whether a file describes listeners; variables then add a listener
   *     only if one of them sets a property of a listener
   * @param problems receives all problems
   */
  public static Node.Mapping translate(
      Map<String, String> environment, boolean listenersElsewhere, Problems problems) {
    return new GatewayEnvironment(environment, problems).translate(listenersElsewhere);
  }

  /**
   * Values that even the file overrides. Conduktor Gateway serves HTTP on all interfaces, so this
   * sets {@code http.host} if the HTTP port is given.
   */
  public static Node.Mapping defaults(Map<String, String> environment) {
    String port = environment.getOrDefault(HttpVariables.PORT, "");
    return port.isBlank() || ServiceLinks.isServiceLink(HttpVariables.PORT, port)
        ? Node.Mapping.EMPTY
        : new TreeBuilder()
            .set("0.0.0.0", new Origin.Variable(HttpVariables.PORT), "http", "host")
            .build();
  }

  private Node.Mapping translate(boolean listenersElsewhere) {
    checkSupport();
    Map<String, KafkaProperties> clusters = clusters();
    ClientSecurity security = listeners(clusters, listenersElsewhere);
    new HttpVariables(variables, problems).translate(tree);
    copy("GATEWAY_DOWNSTREAM_THREAD", "sockets", "eventLoops");
    copy("GATEWAY_RACK_ID", "nodes", "rack");
    copy("GATEWAY_GROUP_ID", "nodes", "group");
    copy("GATEWAY_FEATURE_FLAGS_INTERNAL_LOAD_BALANCING", "nodes", "loadBalancing");
    copy("GATEWAY_FEATURE_FLAGS_MANDATORY_VCLUSTER", "virtualClusters", "required");
    tlsRefresh();
    newGroupProtocol();
    new AclVariables(variables, problems).translate(tree, security, adminUsers());
    clusters.forEach((name, properties) -> properties.translate(tree, name));
    failover(clusters);
    new Log4jVariables(variables, problems).translate(tree);
    new AuditVariables(variables, problems).translate(tree, variables.get(CLUSTER_ID));
    return tree.build();
  }

  /** The upstream clusters by name, the main cluster first. */
  private Map<String, KafkaProperties> clusters() {
    String selector = variables.get(ClusterFile.SELECTOR);
    KafkaVariables kafka = new KafkaVariables(variables, problems);
    if (selector == null) {
      return kafka.clusters();
    }
    kafka.ignore();
    return ClusterFile.read(selector, environment, problems);
  }

  /** The cluster with this role takes the place of the main cluster. */
  private void failover(Map<String, KafkaProperties> clusters) {
    List<String> names = new ArrayList<>();
    clusters.forEach((name, properties) -> {
      if (properties.isFailover()) {
        names.add(name);
        if (name.equals(KafkaProperties.MAIN)) {
          problems.add(properties.origin(), "the cluster main cannot have the role failover");
        } else if (names.size() > 1) {
          problems.add(
              properties.origin(),
              "only one cluster can have the role failover: " + String.join(", ", names));
        } else {
          tree.set(name, properties.origin(), "upstream", "failover", "to");
          String id = variables.get(CLUSTER_ID);
          if (id != null) {
            tree.set(
                "_gatehouse_" + id + "_failover",
                new Origin.Variable(CLUSTER_ID),
                "upstream",
                "failover",
                "topic");
          }
        }
      }
    });
  }

  private ClientSecurity listeners(Map<String, KafkaProperties> clusters, boolean elsewhere) {
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
        security.noticeUnused();
      }
    }
    store(security.usesTokens());
    return security;
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
            "no listener uses the cluster "
                + cluster
                + ": listeners of GATEWAY_LISTENER_ variables use the main cluster");
      }
    }
    security.checkExplicit();
    new ListenerVariables(listeners, variables.get("GATEWAY_MIN_BROKERID"), security, problems)
        .translate(tree);
    security.noticeUnused();
  }

  /**
   * Reports variables that are unknown or ask for a missing feature, and variables without effect.
   */
  private void checkSupport() {
    below(PREFIX)
        .forEach((name, value) -> {
          if (!name.startsWith(ListenerVariables.PREFIX)) {
            GatewayVariable.of(name)
                .ifPresentOrElse(
                    variable -> checkSupport(variable, name, value), () -> unknown(name));
          }
        });
  }

  private void unknown(String name) {
    List<String> known = GatewayVariable.all().stream().map(GatewayVariable::name).toList();
    problems.add(
        new Origin.Variable(name), "there is no such variable" + Nearest.hint(name, known));
  }

  private void checkSupport(GatewayVariable variable, String name, String value) {
    if (variable.isHarmless(value)) {
      problems.notice(name + "=" + value + " has no effect: " + variable.help());
      return;
    }
    switch (variable.support()) {
      case YES -> {}
      case NO_EFFECT -> problems.notice(name + " has no effect: " + variable.help());
      case NOT_YET -> {
        if (name.equals(INTERCEPTORS)) {
          interceptors(value, variable.help());
        } else if (variable.harmless().isEmpty()) {
          problems.notYet(name);
        } else {
          problems.notYet(
              name + "=" + value + " (only " + String.join(", ", variable.harmless()) + ")");
        }
      }
      case RETIRED -> problems.add(new Origin.Variable(name), variable.help());
    }
  }

  /** The vendor's Helm chart sets the variable even if the file contains no interceptors. */
  private void interceptors(String file, String why) {
    try {
      Path path = Path.of(file);
      if (Files.notExists(path)) {
        problems.notice(INTERCEPTORS + " has no effect: the file " + file + " does not exist");
      } else if (NO_INTERCEPTORS.contains(read(path).replaceAll("\\s", ""))) {
        problems.notice(INTERCEPTORS + " has no effect: " + file + " contains no interceptors");
      } else {
        problems.notYet("the interceptors in " + file + " (" + INTERCEPTORS + ": " + why + ")");
      }
    } catch (IOException | InvalidPathException e) {
      problems.add(
          new Origin.Variable(INTERCEPTORS),
          "cannot read " + file + " to check whether it contains interceptors");
    }
  }

  /**
   * The text of the file; a long file is cut off and marked, so that it does not count as empty.
   */
  private static String read(Path path) throws IOException {
    int most = 1024;
    try (InputStream in = Files.newInputStream(path)) {
      byte[] text = in.readNBytes(most);
      return new String(text, StandardCharsets.UTF_8) + (in.read() < 0 ? "" : "...");
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

  /** Returns their names. */
  private List<String> adminUsers() {
    String value = variables.get(AdminUsersVariable.NAME);
    return value == null
        ? List.of()
        : new AdminUsersVariable(environment, problems).translate(value, tree);
  }

  /** The replaced product keeps service accounts in Kafka unless told otherwise. */
  private void store(boolean tokens) {
    String id = variables.get(CLUSTER_ID);
    if (id != null || tokens) {
      tree.set(
          "_gatehouse_%s_state".formatted(id == null ? "gateway" : id),
          new Origin.Variable(id == null ? ClientSecurity.USER_POOL : CLUSTER_ID),
          "admin",
          "store",
          "topic");
    }
    String replicas = "GATEWAY_TOPIC_STORE_KCACHE_REPLICATION_FACTOR";
    if (!"-1".equals(variables.get(replicas))) {
      copy(replicas, "admin", "store", "replicationFactor");
    }
  }

  private void copy(String name, String... path) {
    @Nullable String value = variables.get(name);
    if (value != null) {
      tree.set(value, new Origin.Variable(name), path);
    }
  }
}
