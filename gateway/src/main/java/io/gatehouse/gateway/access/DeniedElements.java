package io.gatehouse.gateway.access;

import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.tree.Struct;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a request that are refused with one error code: a request that contains nothing
 * else, for which the error response can be written.
 */
final class DeniedElements {

  /**
   * What is common to them.
   *
   * @param depth the number of structs around an element, the message included
   * @param text the error message; null for that of the error code
   */
  record Failure(int errorCode, int depth, @Nullable String text) {

    Failure(int errorCode, int depth) {
      this(errorCode, depth, null);
    }
  }

  /**
   * An array that contains refused elements.
   *
   * @param structs the structs around it, outermost first
   * @param fields for each of them, the field that contains the next one, or the array
   */
  record Place(List<Struct> structs, List<String> fields) {

    /** The array {@code field} of the message. */
    static Place in(Struct message, String field) {
      return new Place(List.of(message), List.of(field));
    }

    /** The field of a struct that is in this array, or in this field. */
    Place within(Struct struct, String field) {
      List<Struct> moreStructs = new ArrayList<>(structs);
      moreStructs.add(struct);
      List<String> moreFields = new ArrayList<>(fields);
      moreFields.add(field);
      return new Place(moreStructs, moreFields);
    }
  }

  private final IdentityHashMap<Struct, Struct> copies = new IdentityHashMap<>();

  /** Adds an element that is in this array. */
  void add(Place place, Object element) {
    Struct copy = copyOf(place.structs.getFirst());
    for (int i = 1; i < place.structs.size(); i++) {
      Struct inner = place.structs.get(i);
      String field = place.fields.get(i - 1);
      Struct known = copies.get(inner);
      if (known == null) {
        known = copyOf(inner);
        if (copy.get(field) instanceof List<?>) {
          copy.getArray(field).add(known);
        } else {
          copy.set(field, known);
        }
      }
      copy = known;
    }
    copy.getArray(place.fields.getLast()).add(element);
  }

  /** The request that contains these elements only. */
  Struct request(Struct message) {
    return Objects.requireNonNull(copies.get(message), "no element of this message");
  }

  /** A struct with the same fields, but empty arrays. */
  private Struct copyOf(Struct from) {
    return copies.computeIfAbsent(
        from,
        _ -> {
          Struct copy = Struct.of(from.layout());
          for (FieldLayout field : from.layout().fields()) {
            copy.set(field.name(), field.array() ? List.of() : from.get(field.name()));
          }
          return copy;
        });
  }
}
