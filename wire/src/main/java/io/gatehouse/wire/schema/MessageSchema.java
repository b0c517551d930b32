package io.gatehouse.wire.schema;

import java.util.List;

/**
 * One request or response over all its versions.
 *
 * @param name as in the definition, for instance {@code FetchResponse}
 * @param apiKey the api it belongs to, -1 for headers and stored records
 * @param valid versions that clients may use; a version known to be unstable is included
 * @param flexible versions with compact lengths and tagged fields (KIP-482)
 * @param unstableLatest whether the highest valid version is still unstable
 */
public record MessageSchema(
    String name, int apiKey, Versions valid, Versions flexible, boolean unstableLatest, Body body) {

  /** The fields, kept apart because callers work with {@link Layout}. */
  record Body(List<Field> fields) {}

  /**
   * This message in one version. Versions below the valid range are laid out as well as the
   * definition still tells: what it says of the leading fields holds, which is all a gateway needs
   * of versions that a newer broker no longer serves.
   */
  public Layout layout(int version) {
    return Layout.of(this, version);
  }

  public boolean isFlexible(int version) {
    return flexible.contains(version);
  }
}
