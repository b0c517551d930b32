package io.gatehouse.gateway.access;

import io.gatehouse.gateway.access.DeniedElements.Place;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.gatehouse.wire.tree.Struct;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The resources that a field of a request names, in the request's order. */
final class NamedResources {

  private final List<String> path;

  /** What is done with them. */
  interface Visitor {

    /** The only one: the field stands in no array. */
    void onSingle(Struct struct, Object name);

    /**
     * One element of an array.
     *
     * @param element a struct with the field, or the name itself
     * @param name null if the element has none
     * @return whether the element is removed
     */
    boolean isRemoved(Place place, Object element, @Nullable Object name);
  }

  /**
   * @param path the names of fields from the message's root, with dots between them
   */
  NamedResources(String path) {
    this.path = List.of(path.split("\\."));
  }

  /** Whether they are named by this field. */
  boolean isOf(String field) {
    return path.getLast().equals(field);
  }

  /** The field in a version of the message; null if the version does not have it. */
  @Nullable FieldLayout in(Layout layout) {
    StructLayout struct = layout.root();
    FieldLayout found = null;
    for (String name : path) {
      if (struct == null) {
        return null;
      }
      found =
          struct.fields().stream().filter(one -> one.name().equals(name)).findAny().orElse(null);
      if (found == null) {
        return null;
      }
      struct = found.struct();
    }
    return found;
  }

  /** Visits all of a message that has the field. */
  void visit(Struct message, Visitor visitor) {
    visit(message, 0, null, visitor);
  }

  private void visit(Struct struct, int at, @Nullable Place around, Visitor visitor) {
    String field = path.get(at);
    Object value = struct.get(field);
    if (value == null) {
      return;
    }
    Place place = around == null ? Place.in(struct, field) : around.within(struct, field);
    boolean last = at == path.size() - 1;
    switch (value) {
      case Struct inner -> visit(inner, at + 1, place, visitor);
      case List<?> _ when last ->
          struct.getArray(field).removeIf(name -> visitor.isRemoved(place, name, name));
      case List<?> _ when isNameOfElement(struct, at) -> {
        String name = path.getLast();
        struct
            .getArray(field)
            .removeIf(one -> visitor.isRemoved(place, one, ((Struct) one).get(name)));
      }
      case List<?> _ -> struct.getStructs(field).forEach(one -> visit(one, at + 1, place, visitor));
      default -> visitor.onSingle(struct, value);
    }
  }

  /** Whether the next field of the path is the last one, and no array. */
  private boolean isNameOfElement(Struct struct, int at) {
    if (at + 2 != path.size()) {
      return false;
    }
    String name = path.getLast();
    return struct.layout().fields().stream()
        .filter(field -> field.name().equals(path.get(at)))
        .flatMap(field -> field.structOrThrow().fields().stream())
        .anyMatch(field -> field.name().equals(name) && !field.array());
  }
}
