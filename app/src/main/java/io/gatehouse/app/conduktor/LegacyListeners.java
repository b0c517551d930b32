package io.gatehouse.app.conduktor;

import io.gatehouse.app.conduktor.ClientSecurity.Protocol;
import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.TreeBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The listeners of the variables that do not name a listener: one for each cluster, with a port for
 * each broker id or with SNI (docs/conduktor.md).
 */
final class LegacyListeners {

  private static final String HOST = "GATEWAY_ADVERTISED_HOST";
  private static final String START = "GATEWAY_PORT_START";
  private static final String COUNT = "GATEWAY_PORT_COUNT";
  private static final String ROUTING = "GATEWAY_ROUTING_MECHANISM";
  private static final String SNI_PORT = "GATEWAY_ADVERTISED_SNI_PORT";
  private static final String PREFIX = "GATEWAY_ADVERTISED_HOST_PREFIX";
  private static final String SEPARATOR = "GATEWAY_SNI_HOST_SEPARATOR";
  private static final String MAIN = "main";
  private static final Origin NAME = new Origin.BuiltIn("default listener of GATEWAY_ variables");

  /** The variables that describe the single listener in legacy mode. */
  static final List<String> VARIABLES =
      List.of(
          HOST,
          "GATEWAY_ADVERTISED_LISTENER",
          "GATEWAY_BIND_HOST",
          ROUTING,
          START,
          "GATEWAY_START_PORT",
          COUNT,
          "GATEWAY_MIN_BROKERID",
          SNI_PORT,
          PREFIX,
          SEPARATOR);

  private final Map<String, String> variables;
  private final Problems problems;

  LegacyListeners(Map<String, String> variables, Problems problems) {
    this.variables = variables;
    this.problems = problems;
  }

  boolean isGiven() {
    return VARIABLES.stream().anyMatch(variables::containsKey);
  }

  Origin origin() {
    return new Origin.Variable(
        VARIABLES.stream().filter(variables::containsKey).findFirst().orElse(HOST));
  }

  /** One listener for each cluster, the main one first. */
  List<Node> describe(ClientSecurity security, Protocol protocol, List<String> clusters) {
    boolean named = isGiven() || security.isGiven();
    boolean sni = isSni();
    if (sni && !protocol.isEncrypted()) {
      problems.add(
          new Origin.Variable(ROUTING),
          "host needs TLS (SSL or SASL_SSL), where clients send the host name, but the protocol is "
              + protocol.name());
      return List.of();
    }
    if (!sni) {
      for (String name : List.of(SNI_PORT, PREFIX, SEPARATOR)) {
        if (variables.containsKey(name)) {
          problems.notice(name + " has no effect: routing is by port");
        }
      }
    }
    List<Node> listeners = new ArrayList<>();
    int most = clusters.size();
    if (most > 1 && !sni && !variables.containsKey(COUNT)) {
      problems.add(
          Origin.DEFAULT,
          COUNT
              + " is missing: with several clusters it determines the first port of each further"
              + " cluster");
      most = 1;
    }
    for (int i = 0; i < most; i++) {
      String cluster = clusters.get(i);
      TreeBuilder listener = new TreeBuilder();
      if (named || i > 0) {
        listener.set(i == 0 ? "DEFAULT" : "DEFAULT-" + cluster, NAME, "name");
      }
      if (i > 0) {
        listener.set(cluster, NAME, "cluster");
      }
      copy(listener, "GATEWAY_BIND_HOST", "host");
      if (sni) {
        names(listener, cluster);
      } else {
        ports(listener, i);
      }
      security.describe(listener, protocol, "");
      Node.Mapping built = listener.build();
      listeners.add(
          built.entries().isEmpty() ? new Node.Mapping(built.entries(), Origin.DEFAULT) : built);
    }
    return listeners;
  }

  private boolean isSni() {
    String given = variables.getOrDefault(ROUTING, "port");
    if (!given.equalsIgnoreCase("port") && !given.equalsIgnoreCase("host")) {
      problems.add(new Origin.Variable(ROUTING), "'" + given + "' is not port or host");
    }
    return given.equalsIgnoreCase("host");
  }

  private void ports(TreeBuilder listener, int slice) {
    copy(listener, either(HOST, "GATEWAY_ADVERTISED_LISTENER"), "advertisedHost");
    if (slice == 0) {
      copy(listener, either(START, "GATEWAY_START_PORT"), "ports", "brokers");
    } else {
      slice(listener, slice);
    }
    copy(listener, COUNT, "ports", "count");
    copy(listener, "GATEWAY_MIN_BROKERID", "ports", "lowestBrokerId");
  }

  /** The ports of each further cluster follow those of the previous cluster. */
  private void slice(TreeBuilder listener, int slice) {
    String count = variables.getOrDefault(COUNT, "");
    String start = variables.getOrDefault(either(START, "GATEWAY_START_PORT"), "6969");
    try {
      int first = Parse.port(start) + slice * Parse.number(count, 1, 65535);
      listener.set(Integer.toString(first), new Origin.Variable(COUNT), "ports", "brokers");
    } catch (IllegalArgumentException e) {
      // The error is reported where the ports of the main cluster are read.
      listener.set("6969", Origin.DEFAULT, "ports", "brokers");
    }
  }

  private void names(TreeBuilder listener, String cluster) {
    String name = either(HOST, "GATEWAY_ADVERTISED_LISTENER");
    String host = variables.get(name);
    if (host == null) {
      problems.add(
          new Origin.Variable(ROUTING),
          "host needs " + HOST + ", the suffix of the brokers' names");
      return;
    }
    Origin origin = new Origin.Variable(name);
    String prefix = variables.getOrDefault(PREFIX, "broker") + cluster;
    String separator = variables.getOrDefault(SEPARATOR, "-");
    listener.set(prefix + "{{nodeId}}" + separator + host, origin, "sni", "brokerHost");
    String bootstrap = cluster.equals(MAIN) ? host : prefix + separator + host;
    listener.set(bootstrap, origin, "sni", "bootstrapHost");
    String startName = either(START, "GATEWAY_START_PORT");
    String local = variables.getOrDefault(startName, "6969");
    String advertised = variables.get(SNI_PORT);
    Origin port =
        advertised != null
            ? new Origin.Variable(SNI_PORT)
            : variables.containsKey(startName) ? new Origin.Variable(startName) : Origin.DEFAULT;
    listener.set(advertised == null ? local : advertised + ":" + local, port, "sni", "port");
    for (String idle : List.of(COUNT, "GATEWAY_MIN_BROKERID")) {
      if (variables.containsKey(idle)) {
        problems.notice(idle + " has no effect: routing is by host name");
      }
    }
  }

  /** Returns the name that is set; if both are set, the first. */
  private String either(String name, String alias) {
    if (variables.containsKey(name) && variables.containsKey(alias)) {
      problems.notice(alias + " has no effect: " + name + " is given");
    }
    return variables.containsKey(name) ? name : alias;
  }

  private void copy(TreeBuilder to, String name, String... path) {
    String value = variables.get(name);
    if (value != null) {
      to.set(value, new Origin.Variable(name), path);
    }
  }
}
