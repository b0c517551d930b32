package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.YamlSource;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The file that describes clusters instead of variables (docs/conduktor.md): {@code config:}
 * contains the clusters by name, and each cluster contains properties of a Java client.
 */
final class ClusterFile {

  static final String SELECTOR = "GATEWAY_BACKEND_KAFKA_SELECTOR";

  private ClusterFile() {}

  /**
   * @param selector inline YAML, {@code file : { path: /x.yaml }}
   */
  static Map<String, KafkaProperties> read(
      String selector, Map<String, String> environment, Problems problems) {
    Map<String, Map<String, Node.Scalar>> properties = new LinkedHashMap<>();
    properties.put(KafkaProperties.MAIN, new LinkedHashMap<>());
    Node.Mapping inline = YamlSource.inline(SELECTOR, selector, environment, problems);
    if (inline.entries().get("file") instanceof Node.Mapping file
        && file.entries().get("path") instanceof Node.Scalar(String path, _)
        && inline.entries().size() == 1
        && file.entries().size() == 1) {
      try {
        Node.Mapping root = YamlSource.file(Path.of(path), environment, problems);
        clusters(root, properties, problems);
      } catch (InvalidPathException e) {
        problems.add(new Origin.Variable(SELECTOR), "'" + path + "' is not a path");
      }
    } else {
      problems.add(
          new Origin.Variable(SELECTOR),
          "'" + selector + "' is not of the form  file : { path: /clusters.yaml }");
    }
    Map<String, KafkaProperties> clusters = new LinkedHashMap<>();
    properties.forEach((name, own) -> clusters.put(name, new KafkaProperties(own, problems)));
    return clusters;
  }

  private static void clusters(
      Node.Mapping root, Map<String, Map<String, Node.Scalar>> properties, Problems problems) {
    root.entries()
        .forEach((key, node) -> {
          if (!key.equals("config")) {
            problems.add(node.origin(), "there is no key " + key + ", did you mean config?");
          } else if (node instanceof Node.Mapping clusters) {
            clusters
                .entries()
                .forEach((name, cluster) ->
                    flatten(
                        name,
                        "",
                        cluster,
                        properties.computeIfAbsent(name, _ -> new LinkedHashMap<>()),
                        problems));
          } else {
            problems.add(
                node.origin(), "config", "expected a mapping of cluster names to properties");
          }
        });
    properties.forEach((name, own) -> {
      if (!own.containsKey("bootstrap.servers") && !root.entries().isEmpty()) {
        problems.add(root.origin(), "config." + name + " has no bootstrap.servers");
      }
    });
  }

  /** Properties may be written with dots or as nested keys. */
  private static void flatten(
      String cluster,
      String prefix,
      Node node,
      Map<String, Node.Scalar> properties,
      Problems problems) {
    switch (node) {
      case Node.Mapping mapping ->
          mapping
              .entries()
              .forEach((key, value) ->
                  flatten(
                      cluster,
                      prefix.isEmpty() ? key : prefix + "." + key,
                      value,
                      properties,
                      problems));
      case Node.Scalar scalar -> properties.put(prefix, scalar);
      case Node.Nothing _ -> {}
      case Node.Sequence list ->
          problems.add(
              list.origin(),
              "config." + cluster + "." + prefix,
              "a Kafka property cannot be a list");
    }
  }
}
