package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Node.Scalar;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Problems;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code KAFKA_<PROPERTY>} and {@code KAFKA_<CLUSTER>_<PROPERTY>} variables (docs/conduktor.md).
 * Those of the main cluster may contain the name MAIN.
 */
final class KafkaVariables {

  private static final String PREFIX = "KAFKA_";
  private static final String MAIN = "MAIN";
  private static final Pattern CLUSTER =
      Pattern.compile("KAFKA_([A-Z0-9]+)_(BOOTSTRAP_SERVERS|GATEWAY_ROLES)");

  /** Variables of Kafka's own scripts, which have the same prefix. */
  private static final Set<String> OF_SCRIPTS =
      Set.of(
          "KAFKA_HOME",
          "KAFKA_OPTS",
          "KAFKA_HEAP_OPTS",
          "KAFKA_JMX_OPTS",
          "KAFKA_JVM_PERFORMANCE_OPTS",
          "KAFKA_LOG4J_OPTS",
          "KAFKA_GC_LOG_OPTS",
          "KAFKA_DEBUG",
          "KAFKA_VERSION");

  private final NavigableMap<String, String> variables;
  private final Problems problems;

  KafkaVariables(NavigableMap<String, String> variables, Problems problems) {
    this.variables = variables.subMap(PREFIX, true, PREFIX + Character.MAX_VALUE, false);
    this.problems = problems;
  }

  /** Adds a notice for each variable, since a cluster file replaces them. */
  void ignore() {
    for (String name : variables.keySet()) {
      if (!OF_SCRIPTS.contains(name)) {
        problems.notice(name + " has no effect: " + ClusterFile.SELECTOR + " is given");
      }
    }
  }

  /** The clusters' properties by name, the main one first. */
  Map<String, KafkaProperties> clusters() {
    Set<String> names = names();
    Map<String, Scalar> main = new LinkedHashMap<>();
    Map<String, Scalar> mainByName = new LinkedHashMap<>();
    Map<String, Map<String, Scalar>> others = new TreeMap<>();
    variables.forEach((name, value) -> {
      if (OF_SCRIPTS.contains(name)) {
        return;
      }
      Scalar scalar = new Scalar(value, new Origin.Variable(name));
      String rest = name.substring(PREFIX.length());
      String cluster = rest.substring(0, Math.max(0, rest.indexOf('_')));
      if (cluster.equals(MAIN)) {
        mainByName.put(property(rest.substring(MAIN.length() + 1)), scalar);
      } else if (names.contains(cluster)) {
        others
            .computeIfAbsent(cluster.toLowerCase(Locale.ROOT), _ -> new LinkedHashMap<>())
            .put(property(rest.substring(cluster.length() + 1)), scalar);
      } else {
        main.put(property(rest), scalar);
      }
    });
    main.putAll(mainByName);
    Map<String, KafkaProperties> all = new LinkedHashMap<>();
    all.put(KafkaProperties.MAIN, new KafkaProperties(main, problems));
    others.forEach((name, properties) -> all.put(name, new KafkaProperties(properties, problems)));
    return all;
  }

  /** The names of the clusters other than the main cluster. */
  private Set<String> names() {
    Set<String> clusters = new TreeSet<>();
    for (String name : variables.keySet()) {
      Matcher cluster = CLUSTER.matcher(name);
      if (cluster.matches() && !cluster.group(1).equals(MAIN)) {
        clusters.add(cluster.group(1));
      }
    }
    return clusters;
  }

  private static String property(String upper) {
    return upper.toLowerCase(Locale.ROOT).replace('_', '.');
  }
}
