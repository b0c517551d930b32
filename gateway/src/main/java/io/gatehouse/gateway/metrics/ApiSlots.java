package io.gatehouse.gateway.metrics;

import io.gatehouse.wire.schema.Schemas;

/** Maps API keys to array indexes: known ones to their own slot, all others to the last. */
final class ApiSlots {

  private static final int OTHER = 128;

  static final int COUNT = OTHER + 1;

  private static final boolean[] NAMED = new boolean[OTHER];

  static {
    for (int apiKey = 0; apiKey < OTHER; apiKey++) {
      NAMED[apiKey] = Schemas.get().apiName(apiKey) != null;
    }
  }

  private ApiSlots() {}

  /** The slot of an API key. */
  static int of(int apiKey) {
    return apiKey >= 0 && apiKey < OTHER && NAMED[apiKey] ? apiKey : OTHER;
  }

  /** The label {@code api} of a slot: the name of the API, or {@code other}. */
  static String label(int slot) {
    String name = Schemas.get().apiName(slot);
    return slot == OTHER || name == null ? "other" : name;
  }

  /** The label {@code api_key} of a slot: the API key, or {@code other}. */
  static String keyLabel(int slot) {
    return slot == OTHER ? "other" : Integer.toString(slot);
  }
}
