package io.gatehouse.wire.walk;

import io.gatehouse.wire.schema.Layout.FieldLayout;
import java.util.Set;

/**
 * Selects the arrays and structs whose beginning and end a walk reports, in addition to the fields
 * of interest. Other ones cost nothing.
 */
@FunctionalInterface
public interface Outline {

  /** Selects none. */
  Outline NONE = (path, field) -> false;

  /**
   * @param path the names of the fields from the message's root, as in {@code Topics.Partitions}
   * @param field an array of any type, or a struct
   */
  boolean includes(String path, FieldLayout field);

  /** Selects the arrays and structs with these paths. */
  static Outline of(String... paths) {
    Set<String> all = Set.of(paths);
    return (path, field) -> all.contains(path);
  }
}
