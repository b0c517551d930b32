package io.gatehouse.gateway.plan;

import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;

/** Maps each API and version that the message definitions contain to an index, without gaps. */
final class ApiIndex {

  private static final int API_KEYS = 128;

  /** The index of version 0 of each API, up to the first index of the next API. */
  private static final int[] FIRST = new int[API_KEYS + 1];

  static final int SIZE;

  static {
    int next = 0;
    for (int apiKey = 0; apiKey < API_KEYS; apiKey++) {
      FIRST[apiKey] = next;
      MessageSchema request = Schemas.get().request(apiKey);
      if (request != null && !request.valid().isEmpty()) {
        next += request.valid().highest() + 1;
      }
    }
    FIRST[API_KEYS] = next;
    SIZE = next;
  }

  private ApiIndex() {}

  /** The index of a version of an API, or -1 if the message definitions do not contain it. */
  static int of(int apiKey, int version) {
    if (apiKey < 0 || apiKey >= API_KEYS || version < 0) {
      return -1;
    }
    int index = FIRST[apiKey] + version;
    return index < FIRST[apiKey + 1] ? index : -1;
  }
}
