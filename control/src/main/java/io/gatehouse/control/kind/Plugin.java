package io.gatehouse.control.kind;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What interceptors can be made of. Comes with the gateway, so it is no resource.
 *
 * @param pluginClass the name by which interceptors refer to it
 * @param readme in Markdown
 * @param facts title, version, description, license and parent, as far as they are known
 */
public record Plugin(String pluginClass, String readme, Map<String, String> facts) {

  public Plugin {
    facts = Map.copyOf(facts);
  }

  /** The plugin as the HTTP API lists it. */
  public Map<String, @Nullable Object> document() {
    Map<String, @Nullable Object> document =
        Fields.map("plugin", pluginClass, "pluginId", pluginClass, "readme", readme);
    for (String name : List.of("parent", "license", "description", "title", "version")) {
      if (facts.containsKey(name)) {
        document.put(name, facts.get(name));
      }
    }
    return document;
  }
}
