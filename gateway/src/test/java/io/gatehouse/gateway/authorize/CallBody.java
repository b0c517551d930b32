package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.gatehouse.wire.tree.Struct;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request in the making, whose fields are set if its version has them.
 *
 * @param names those of all versions, so that a field with a wrong name is noticed
 */
record CallBody(int api, int version, Struct struct, Set<String> names) {

  CallBody set(String name, @Nullable Object value) {
    check(name);
    struct.setIfPresent(name, value);
    return this;
  }

  boolean has(String name) {
    check(name);
    return struct.has(name);
  }

  Call call() {
    return new Call(api, version, struct);
  }

  /** Whether a field can be null in this version. */
  boolean takesNull(String name) {
    check(name);
    return struct.layout().fields().stream()
        .anyMatch(field -> field.name().equals(name) && field.nullable());
  }

  CallBody add(String name) {
    check(name);
    return new CallBody(api, version, struct.addStruct(name), names);
  }

  private void check(String name) {
    if (!names.contains(name)) {
      throw new IllegalArgumentException("no field " + name + " in any version");
    }
  }

  /** An empty request. */
  static CallBody of(int api, int version) {
    return new CallBody(api, version, Frames.newRequest(api, version), names(api));
  }

  /** All names of fields in the lowest and highest version of a request. */
  private static Set<String> names(int api) {
    Set<String> names = new HashSet<>();
    for (int version = 0; version < 20; version++) {
      add(Frames.requestLayout(api, version).root(), names);
    }
    return names;
  }

  private static void add(StructLayout layout, Set<String> names) {
    for (FieldLayout field :
        Stream.concat(layout.fields().stream(), layout.tagged().stream()).toList()) {
      names.add(field.name());
      StructLayout struct = field.struct();
      if (struct != null) {
        add(struct, names);
      }
    }
  }
}
