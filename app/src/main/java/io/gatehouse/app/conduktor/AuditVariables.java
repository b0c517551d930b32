package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.TreeBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Translates the variables of the topic for audit events. */
final class AuditVariables {

  private static final String FLAG = "GATEWAY_FEATURE_FLAGS_AUDIT";
  private static final String PREFIX = "GATEWAY_AUDIT_LOG_";
  private static final String TOPIC = PREFIX + "TOPIC";
  private static final String OLD_TOPIC = PREFIX + "SERVICE_BACKING_TOPIC";
  private static final String TYPES = PREFIX + "EVENT_TYPES";
  private static final String PRODUCER = PREFIX + "KAFKA_";

  private final NavigableMap<String, String> variables;
  private final Problems problems;

  AuditVariables(NavigableMap<String, String> variables, Problems problems) {
    this.variables = variables;
    this.problems = problems;
  }

  /**
   * @param clusterId the gateway cluster's id, which is a part of the topic's name; null for none
   */
  void translate(TreeBuilder tree, @Nullable String clusterId) {
    if (!isOn()) {
      for (String name : variables.subMap(PREFIX, PREFIX + Character.MAX_VALUE).keySet()) {
        problems.notice(name + " has no effect without " + FLAG + "=true");
      }
      return;
    }
    String given = variables.containsKey(TOPIC) ? TOPIC : OLD_TOPIC;
    String topic = variables.get(given);
    tree.set(
        topic != null
            ? topic
            : "_conduktor_%s_auditlogs".formatted(clusterId == null ? "gateway" : clusterId),
        new Origin.Variable(topic == null ? FLAG : given),
        path("name"));
    copy(tree, PREFIX + "REPLICATION_FACTOR_OF_TOPIC", "replicationFactor");
    copy(tree, PREFIX + "NUM_PARTITIONS_OF_TOPIC", "partitions");
    copy(tree, PREFIX + "CONFIG_SPEC_VERSION", "specVersion");
    types(tree);
    producer(tree);
  }

  /** A name of the topic asks for the events, too. */
  private boolean isOn() {
    String flag = variables.get(FLAG);
    if (flag == null) {
      return variables.containsKey(TOPIC) || variables.containsKey(OLD_TOPIC);
    }
    try {
      return Parse.flag(flag);
    } catch (IllegalArgumentException e) {
      problems.add(new Origin.Variable(FLAG), String.valueOf(e.getMessage()));
      return false;
    }
  }

  private void types(TreeBuilder tree) {
    String given = variables.get(TYPES);
    if (given == null) {
      return;
    }
    List<String> types = new ArrayList<>();
    for (String type : Parse.commas(given)) {
      types.add(type.toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    if (!types.contains("all")) {
      tree.set(types, new Origin.Variable(TYPES), path("events"));
    }
  }

  private void producer(TreeBuilder tree) {
    SequencedMap<String, Node> properties = new LinkedHashMap<>();
    variables
        .subMap(PRODUCER, PRODUCER + Character.MAX_VALUE)
        .forEach((name, value) -> {
          String property =
              name.substring(PRODUCER.length()).toLowerCase(Locale.ROOT).replace('_', '.');
          properties.put(property, new Node.Scalar(value, new Origin.Variable(name)));
        });
    if (!properties.isEmpty()) {
      tree.set(
          new Node.Mapping(properties, properties.firstEntry().getValue().origin()),
          path("properties"));
    }
  }

  /** -1 stands for the default. */
  private void copy(TreeBuilder tree, String name, String key) {
    String value = variables.get(name);
    if (value != null && !value.equals("-1")) {
      tree.set(value, new Origin.Variable(name), path(key));
    }
  }

  private static String[] path(String key) {
    return new String[] {"log", "audit", "topic", key};
  }
}
