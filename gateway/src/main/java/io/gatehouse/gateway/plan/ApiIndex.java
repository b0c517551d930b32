package io.gatehouse.gateway.plan;

import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;

/** Numbers the versions of all apis that the message definitions know, without gaps. */
final class ApiIndex {

  private static final int API_KEYS = 128;

  /** The number of each api's version 0; the next api's is where its versions end. */
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

  /** The number of an api's version, or -1 if the definitions do not know it. */
  static int of(int apiKey, int version) {
    if (apiKey < 0 || apiKey >= API_KEYS || version < 0) {
      return -1;
    }
    int index = FIRST[apiKey] + version;
    return index < FIRST[apiKey + 1] ? index : -1;
  }
}
