package io.gatehouse.app.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Makes a {@link Node.Mapping} from single values, for sources that are not trees themselves. */
public final class TreeBuilder {

  private final SequencedMap<String, Object> root = new LinkedHashMap<>();

  /** Puts one value at a path of keys; a later value at the same path replaces an earlier one. */
  public TreeBuilder set(String value, Origin origin, String... path) {
    return set(new Node.Scalar(value, origin), path);
  }

  /** Puts a list of single values at a path of keys. */
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

  @SuppressWarnings("unchecked") // the map holds nodes and maps of its own kind only
  private static SequencedMap<String, Object> branch(Object child, String key) {
    if (child instanceof Node) {
      throw new IllegalStateException("'" + key + "' is a value already, and cannot hold others");
    }
    return (SequencedMap<String, Object>) child;
  }
}
