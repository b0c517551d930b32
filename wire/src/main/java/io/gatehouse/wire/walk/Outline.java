package io.gatehouse.wire.walk;

import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import java.util.Set;

/**
 * Which arrays and structs a walk tells the beginning and the end of, besides the fields of
 * interest. A walk pays for those only.
 */
@FunctionalInterface
public interface Outline {

  /** Fields only. */
  Outline NONE = (path, field) -> false;

  /**
   * @param path the names of the fields that lead there from the message's root, as in {@code
   *     Topics.Partitions}
   * @param field an array of any type, or a struct
   */
  boolean includes(String path, FieldLayout field);

  /** The arrays and structs with these paths. */
  static Outline of(String... paths) {
    Set<String> all = Set.of(paths);
    return (path, field) -> all.contains(path);
  }

  /** The arrays of which an element is, or holds at any depth, a field of one of these kinds. */
  static Outline arraysOf(Set<FieldKind> kinds) {
    return (path, field) -> field.array() && ProgramCompiler.holds(field, kinds);
  }
}
