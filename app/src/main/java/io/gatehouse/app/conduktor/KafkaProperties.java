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
 * Properties of a Java Kafka client that describe the way to one cluster, whether from variables or
 * from a cluster file.
 */
public final class KafkaProperties {

  /** Properties that have an effect here, with the key they set. */
  public static final Map<String, String> EFFECTIVE = effective();

  static final String MAIN = "main";
  static final String VERIFICATION_VARIABLE = "_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM";
  private static final String PROTOCOL = "security.protocol";
  private static final String JAAS = "sasl.jaas.config";

  /** A whole value in typographic quotation marks, after which the next begins or all ends. */
  private static final Pattern TYPOGRAPHIC = Pattern.compile("=\\s*[“”]([^\"“”]*)[“”](?=\\s|;|$)");

  /** Those of {@link #EFFECTIVE} that each cluster has its own of. */
  private static final Set<String> OF_EACH =
      Set.of("bootstrap.servers", "client.id", "metadata.max.age.ms");

  private final Map<String, Scalar> properties;
  private final Problems problems;

  /**
   * @param properties by their names with dots
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

  /** How the brokers are spoken to, or null if that is not said. */
  @Nullable Scalar protocol() {
    return properties.get(PROTOCOL);
  }

  /** Whether clients are to be led here when the main cluster is gone, and not otherwise. */
  boolean isFailover() {
    Scalar roles = properties.get("gateway.roles");
    return roles != null && roles.text().strip().equalsIgnoreCase("failover");
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

  /** Pages show the quotes of a login as typographic ones, and whoever copies them has them. */
  private Scalar straightened(Scalar login) {
    String straight = TYPOGRAPHIC.matcher(login.text()).replaceAll("=\"$1\"");
    if (!straight.equals(login.text())) {
      problems.notice(
          called(JAAS, login.origin()) + ": typographic quotation marks are taken for plain ones");
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
          called(property, origin) + " has no effect: the main cluster's holds for all");
    } else if (path != null) {
      convert(tree, property, value, path.replaceFirst("^upstream(?=\\.)", upstream));
    } else if (property.equals("gateway.roles")) {
      if (!value.text().equalsIgnoreCase("upstream")) {
        problems.notYet(called(property, origin) + "=" + value.text() + " (only upstream)");
      }
    } else {
      problems.notice(
          called(property, origin)
              + " has no effect: clients' own settings decide"
              + Nearest.hint(property, EFFECTIVE.keySet()));
    }
  }

  private void convert(TreeBuilder tree, String property, Scalar value, String path) {
    String[] keys = path.split("\\.", -1);
    try {
      String text =
          switch (property) {
            case "metadata.max.age.ms", "socket.connection.setup.timeout.ms" ->
                Parse.number(value.text(), 0, Integer.MAX_VALUE) + "ms";
            // A Java client writes "leave it to the system" as -1, we as 0.
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
