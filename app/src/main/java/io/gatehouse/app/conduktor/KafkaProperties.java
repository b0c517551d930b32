package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Node.Scalar;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.TreeBuilder;
import io.gatehouse.auth.Nearest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Properties of a Java Kafka client for the connection to one upstream cluster, from variables or
 * from a cluster file.
 */
public final class KafkaProperties {

  /** The supported properties, with the configuration key that each sets. */
  public static final Map<String, String> EFFECTIVE = effective();

  static final String MAIN = "main";
  static final String VERIFICATION_VARIABLE = "_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM";
  private static final String PROTOCOL = "security.protocol";
  private static final String ROLES = "gateway.roles";
  private static final String JAAS = "sasl.jaas.config";

  /** A complete value in typographic quotation marks. */
  private static final Pattern TYPOGRAPHIC = Pattern.compile("=\\s*[“”]([^\"“”]*)[“”](?=\\s|;|$)");

  /** The properties of {@link #EFFECTIVE} that can differ between clusters. */
  private static final Set<String> OF_EACH =
      Set.of("bootstrap.servers", "client.id", "metadata.max.age.ms");

  private final Map<String, Scalar> properties;
  private final Problems problems;

  /**
   * @param properties by property name, such as {@code client.id}
   */
  KafkaProperties(Map<String, Scalar> properties, Problems problems) {
    this.properties = properties;
    this.problems = problems;
  }

  private static Map<String, String> effective() {
    Map<String, String> effective = new LinkedHashMap<>();
    effective.put("bootstrap.servers", "upstream.bootstrapServers");
    effective.put("client.id", "upstream.clientId");
    effective.put("metadata.max.age.ms", "upstream.refresh");
    effective.put("socket.connection.setup.timeout.ms", "timeouts.connect");
    effective.put("receive.buffer.bytes", "sockets.broker.receiveBuffer");
    effective.put("send.buffer.bytes", "sockets.broker.sendBuffer");
    return effective;
  }

  /** The security protocol of the brokers, or null if it is not set. */
  @Nullable Scalar protocol() {
    return properties.get(PROTOCOL);
  }

  /** Whether this cluster is used only while the main cluster is unavailable. */
  boolean isFailover() {
    Scalar roles = properties.get(ROLES);
    return roles != null && roles.text().strip().equalsIgnoreCase("failover");
  }

  /** Where the role is set. */
  Origin origin() {
    Scalar roles = properties.get(ROLES);
    return roles == null ? Origin.DEFAULT : roles.origin();
  }

  /**
   * @param cluster name of the cluster
   */
  void translate(TreeBuilder tree, String cluster) {
    boolean main = cluster.equals(MAIN);
    SequencedMap<String, Node> security = new LinkedHashMap<>();
    properties.forEach((property, value) -> {
      if (isSecurity(property)) {
        security.put(property, property.equals(JAAS) ? straightened(value) : value);
      } else {
        one(tree, property, value, main ? "upstream" : "upstreams." + cluster);
      }
    });
    if (!security.isEmpty()) {
      Node node = new Node.Mapping(security, security.firstEntry().getValue().origin());
      if (main) {
        tree.set(node, "upstream", "properties");
      } else {
        tree.set(node, "upstreams", cluster, "properties");
      }
    }
  }

  /** Conduktor's documentation shows typographic quotation marks, so copied values contain them. */
  private Scalar straightened(Scalar login) {
    String straight = TYPOGRAPHIC.matcher(login.text()).replaceAll("=\"$1\"");
    if (!straight.equals(login.text())) {
      problems.notice(
          called(JAAS, login.origin()) + ": typographic quotation marks are treated as plain ones");
    }
    return new Scalar(straight, login.origin());
  }

  private static boolean isSecurity(String property) {
    return property.equals(PROTOCOL)
        || property.startsWith("sasl.")
        || property.startsWith("ssl.")
        || property.startsWith("aws.");
  }

  private void one(TreeBuilder tree, String property, Scalar value, String upstream) {
    Origin origin = value.origin();
    String path = EFFECTIVE.get(property);
    if (path != null && !upstream.equals("upstream") && !OF_EACH.contains(property)) {
      problems.notice(
          called(property, origin)
              + " has no effect: the main cluster's value applies to all clusters");
    } else if (path != null) {
      convert(tree, property, value, path.replaceFirst("^upstream(?=\\.)", upstream));
    } else if (property.equals(ROLES)) {
      role(value);
    } else {
      problems.notice(
          called(property, origin)
              + " has no effect: the settings of the clients apply"
              + Nearest.hint(property, EFFECTIVE.keySet()));
    }
  }

  private void role(Scalar value) {
    if (!isFailover() && !value.text().strip().equalsIgnoreCase("upstream")) {
      problems.add(
          value.origin(), ROLES, "'" + value.text() + "' is neither upstream nor failover");
    }
  }

  private void convert(TreeBuilder tree, String property, Scalar value, String path) {
    String[] keys = path.split("\\.", -1);
    try {
      String text =
          switch (property) {
            case "metadata.max.age.ms", "socket.connection.setup.timeout.ms" ->
                Parse.number(value.text(), 0, Integer.MAX_VALUE) + "ms";
            // Java clients use -1 for the default of the operating system; the native keys use 0.
            case "receive.buffer.bytes", "send.buffer.bytes" ->
                Integer.toString(Math.max(0, Parse.number(value.text(), -1, Integer.MAX_VALUE)));
            default -> value.text();
          };
      tree.set(text, value.origin(), keys);
    } catch (IllegalArgumentException e) {
      problems.add(value.origin(), property, String.valueOf(e.getMessage()));
    }
  }

  private static String called(String property, Origin origin) {
    return origin instanceof Origin.Variable variable
        ? variable.name()
        : property + " (" + origin + ")";
  }
}
