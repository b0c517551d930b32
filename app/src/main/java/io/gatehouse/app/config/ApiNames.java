package io.gatehouse.app.config;

import io.gatehouse.auth.Nearest;
import io.gatehouse.wire.schema.Schemas;
import java.util.List;
import java.util.Objects;

/** Kafka's APIs, which users may give by key or by name. */
public final class ApiNames {

  private ApiNames() {}

  /**
   * @param text {@code 20} or {@code DeleteTopics} or {@code DELETE_TOPICS}
   * @throws IllegalArgumentException with a message for the user
   */
  public static int keyOf(String text) {
    String name = text.strip();
    if (!name.isEmpty() && Character.isDigit(name.charAt(0))) {
      return Parse.number(name, 0, Short.MAX_VALUE);
    }
    Schemas schemas = Schemas.get();
    String bare = name.replace("_", "");
    for (int key : schemas.apiKeys()) {
      if (bare.equalsIgnoreCase(schemas.apiName(key))) {
        return key;
      }
    }
    List<String> names =
        schemas.apiKeys().stream().map(schemas::apiName).filter(Objects::nonNull).toList();
    throw new IllegalArgumentException(
        "'" + text + "' is not an API key or name" + Nearest.hint(bare, names));
  }
}
