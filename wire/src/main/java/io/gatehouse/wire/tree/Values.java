package io.gatehouse.wire.tree;

import io.gatehouse.wire.schema.Layout.FieldLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Defaults, type conversion and equality of a tree's values. */
final class Values {

  private static final UUID ZERO = new UUID(0, 0);
  private static final byte[] NO_BYTES = {};

  private Values() {}

  /** The default of a field, as in Kafka's own classes. */
  static @Nullable Object defaultOf(FieldLayout field) {
    String text = field.defaultText();
    if (text.equals("null")) {
      return null;
    }
    if (field.array()) {
      return new ArrayList<>();
    }
    return switch (field.type()) {
      case BOOL -> text.equalsIgnoreCase("true");
      case INT8 -> (byte) integer(text);
      case INT16 -> (short) integer(text);
      case UINT16, INT32 -> (int) integer(text);
      case UINT32, INT64 -> integer(text);
      case FLOAT64 -> text.isEmpty() ? 0.0 : Double.parseDouble(text);
      case UUID -> ZERO;
      case STRING -> text;
      case BYTES -> NO_BYTES;
      case RECORDS -> field.nullable() ? null : NO_BYTES;
      case STRUCT -> Struct.of(field.structOrThrow());
    };
  }

  private static long integer(String text) {
    return text.isEmpty() ? 0 : Long.decode(text);
  }

  /**
   * Converts a value to the class of the field's type; a list is copied.
   *
   * @throws IllegalArgumentException if it does not fit
   */
  static @Nullable Object coerce(String owner, FieldLayout field, @Nullable Object value) {
    if (value == null) {
      if (!field.nullable()) {
        throw unfit(owner, field, "must not be null in this version");
      }
      return null;
    }
    if (!field.array()) {
      return element(owner, field, value);
    }
    if (!(value instanceof List<?> list)) {
      throw unfit(owner, field, "takes a List, not a " + value.getClass().getSimpleName());
    }
    List<Object> elements = new ArrayList<>(list.size());
    for (Object each : list) {
      elements.add(element(owner, field, each));
    }
    return elements;
  }

  /** Like {@link #coerce} for one element of an array, or the value of any other field. */
  static Object element(String owner, FieldLayout field, @Nullable Object value) {
    @Nullable Object fit =
        switch (field.type()) {
          case BOOL -> value instanceof Boolean ? value : null;
          case INT8 -> (byte) integer(owner, field, value, Byte.MIN_VALUE, Byte.MAX_VALUE);
          case INT16 -> (short) integer(owner, field, value, Short.MIN_VALUE, Short.MAX_VALUE);
          case UINT16 -> (int) integer(owner, field, value, 0, 0xffff);
          case INT32 -> (int) integer(owner, field, value, Integer.MIN_VALUE, Integer.MAX_VALUE);
          case UINT32 -> integer(owner, field, value, 0, 0xffff_ffffL);
          case INT64 -> integer(owner, field, value, Long.MIN_VALUE, Long.MAX_VALUE);
          case FLOAT64 -> value instanceof Double ? value : null;
          case UUID -> value instanceof UUID ? value : null;
          case STRING -> value instanceof String ? value : null;
          case BYTES, RECORDS -> value instanceof byte[] ? value : null;
          case STRUCT ->
              value instanceof Struct struct && struct.sameLayout(field.structOrThrow())
                  ? value
                  : null;
        };
    if (fit == null) {
      throw unfit(owner, field, "takes " + expected(field) + ", not " + described(value));
    }
    return fit;
  }

  private static long integer(
      String owner, FieldLayout field, @Nullable Object value, long lowest, long highest) {
    if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      long number = ((Number) value).longValue();
      if (number < lowest || number > highest) {
        throw unfit(owner, field, number + " is not within " + lowest + " to " + highest);
      }
      return number;
    }
    throw unfit(owner, field, "takes " + expected(field) + ", not " + described(value));
  }

  private static String expected(FieldLayout field) {
    return switch (field.type()) {
      case BOOL -> "a Boolean";
      case FLOAT64 -> "a Double";
      case UUID -> "a UUID";
      case STRING -> "a String";
      case BYTES, RECORDS -> "a byte[]";
      case STRUCT -> "a Struct '" + field.structOrThrow().name() + "' of the same version";
      default -> "an integer";
    };
  }

  private static String described(@Nullable Object value) {
    if (value instanceof Struct struct) {
      return "a Struct '" + struct.layout().name() + "'";
    }
    return value == null ? "null" : "a " + value.getClass().getSimpleName();
  }

  private static IllegalArgumentException unfit(String owner, FieldLayout field, String why) {
    return new IllegalArgumentException(owner + "." + field.name() + ": " + why);
  }

  /** Equality that compares byte arrays by content, also in lists. */
  static boolean same(@Nullable Object one, @Nullable Object other) {
    return (one instanceof List<?> list && other instanceof List<?> others)
        ? Arrays.deepEquals(list.toArray(), others.toArray())
        : Objects.deepEquals(one, other);
  }

  /** A hash code consistent with {@link #same}. */
  static int hash(@Nullable Object value) {
    return Arrays.deepHashCode(
        new @Nullable Object[] {value instanceof List<?> list ? list.toArray() : value});
  }
}
