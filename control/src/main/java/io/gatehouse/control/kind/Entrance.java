package io.gatehouse.control.kind;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How clients get into a virtual cluster. The gateway tells it, and nobody sets it.
 *
 * @param bootstrapServers {@code host:port} of each listener, separated by commas
 * @param clientProperties the properties of clients by how they authenticate, with {@code
 *     {{username}}} and {@code {{password}}} in place of theirs
 */
public record Entrance(String bootstrapServers, Map<String, Map<String, String>> clientProperties) {

  /** A virtual cluster as a document, with this. */
  public Map<String, @Nullable Object> addedTo(VirtualCluster cluster) {
    Map<String, @Nullable Object> document = cluster.document(/* defaults= */ true);
    if (document.get("spec") instanceof Map<?, ?> known) {
      Map<String, @Nullable Object> spec = new LinkedHashMap<>();
      known.forEach((name, value) -> spec.put(String.valueOf(name), value));
      spec.put("bootstrapServers", bootstrapServers);
      spec.put("clientProperties", clientProperties);
      document.put("spec", spec);
    }
    return document;
  }
}
