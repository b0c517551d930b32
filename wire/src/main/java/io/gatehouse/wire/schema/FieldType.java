package io.gatehouse.wire.schema;

import org.jspecify.annotations.Nullable;

/** The wire types of the Kafka protocol. */
public enum FieldType {
  BOOL("bool", 1),
  INT8("int8", 1),
  INT16("int16", 2),
  UINT16("uint16", 2),
  INT32("int32", 4),
  UINT32("uint32", 4),
  INT64("int64", 8),
  FLOAT64("float64", 8),
  UUID("uuid", 16),
  STRING("string", 0),
  BYTES("bytes", 0),
  RECORDS("records", 0),
  STRUCT("", 0);

  private static final FieldType[] ALL = values();

  private final String notation;
  private final int width;

  FieldType(String notation, int width) {
    this.notation = notation;
    this.width = width;
  }

  /** Size in bytes, or 0 for types with a length of their own. */
  public int width() {
    return width;
  }

  static FieldType of(int ordinal) {
    return ALL[ordinal];
  }

  /** The primitive type of this name in the JSON definitions, or null for a struct. */
  static @Nullable FieldType primitive(String notation) {
    for (FieldType type : ALL) {
      if (type != STRUCT && type.notation.equals(notation)) {
        return type;
      }
    }
    return null;
  }
}
