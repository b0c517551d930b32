package io.gatehouse.app.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Builds a {@link Node.Mapping} from single values, for sources that are not trees. */
public final class TreeBuilder {

  private final SequencedMap<String, Object> root = new LinkedHashMap<>();

  /** Sets a value at a path of keys and replaces an earlier value there. */
  public TreeBuilder set(String value, Origin origin, String... path) {
    return set(new Node.Scalar(value, origin), path);
  }

  /** Sets a list of values at a path of keys. */
  public TreeBuilder set(List<String> values, Origin origin, String... path) {
    List<Node> items = new ArrayList<>();
    for (String value : values) {
      items.add(new Node.Scalar(value, origin));
    }
    return set(new Node.Sequence(items, origin), path);
  }

  public TreeBuilder set(Node node, String... path) {
    SequencedMap<String, Object> parent = root;
    for (int i = 0; i < path.length - 1; i++) {
      Object child = parent.computeIfAbsent(path[i], _ -> new LinkedHashMap<String, Object>());
      parent = branch(child, path[i]);
    }
    parent.put(path[path.length - 1], node);
    return this;
  }

  public Node.Mapping build() {
    return build(root);
  }

  private static Node.Mapping build(SequencedMap<String, Object> branch) {
    SequencedMap<String, Node> entries = new LinkedHashMap<>();
    branch.forEach(
        (key, child) -> entries.put(key, child instanceof Node n ? n : build(branch(child, key))));
    Origin origin = entries.isEmpty() ? Origin.DEFAULT : entries.firstEntry().getValue().origin();
    return new Node.Mapping(entries, origin);
  }

  @SuppressWarnings("unchecked") // the map contains only nodes and maps of this type
  private static SequencedMap<String, Object> branch(Object child, String key) {
    if (child instanceof Node) {
      throw new IllegalStateException(
          "'" + key + "' already has a value and cannot contain other keys");
    }
    return (SequencedMap<String, Object>) child;
  }
}
