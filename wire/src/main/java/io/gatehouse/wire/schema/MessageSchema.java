package io.gatehouse.wire.schema;

import java.util.List;

/**
 * One request or response over all its versions.
 *
 * @param name as in the definition, for instance {@code FetchResponse}
 * @param apiKey the API it belongs to, -1 for headers and stored records
 * @param valid versions that clients may use, including an unstable one
 * @param flexible versions with compact lengths and tagged fields (KIP-482)
 * @param unstableLatest whether the highest valid version is unstable
 */
public record MessageSchema(
    String name, int apiKey, Versions valid, Versions flexible, boolean unstableLatest, Body body) {

  /** The fields, which only this package reads; others use {@link Layout}. */
  record Body(List<Field> fields) {}

  /**
   * The layout of one version. For versions below the valid range it follows what is left in the
   * definition, which is right for the leading fields. That is enough for versions that newer
   * brokers do not support.
   */
  public Layout layout(int version) {
    return Layout.of(this, version);
  }

  public boolean isFlexible(int version) {
    return flexible.contains(version);
  }
}
