package io.gatehouse.gateway.metrics;

import io.gatehouse.wire.schema.Schemas;

/** Numbers the api keys that get a label of their own; all others share the last slot. */
final class ApiSlots {

  private static final int OTHER = 128;

  static final int COUNT = OTHER + 1;

  private ApiSlots() {}

  static int of(int apiKey) {
    return apiKey >= 0 && apiKey < OTHER && Schemas.get().apiName(apiKey) != null ? apiKey : OTHER;
  }

  static String label(int slot) {
    String name = Schemas.get().apiName(slot);
    return slot == OTHER || name == null ? "other" : name;
  }

  static String keyLabel(int slot) {
    return slot == OTHER ? "other" : Integer.toString(slot);
  }
}
