package io.gatehouse.wire.schema;

import java.util.List;

/**
 * A field of a message over all versions, as its JSON definition says.
 *
 * @param name as in the definition, for instance {@code TopicName}
 * @param type the element type where {@code array} is true
 * @param array whether the field is an array of {@code type}
 * @param ranges the version ranges that decide whether and how it is written
 * @param tag the tag of a tagged field, -1 otherwise
 * @param meaning what the definition says of the value beyond its type
 * @param fields the fields of a struct, empty for other types
 */
record Field(
    String name,
    FieldType type,
    boolean array,
    Ranges ranges,
    int tag,
    Meaning meaning,
    List<Field> fields) {

  /**
   * @param versions where the field exists
   * @param nullable where it may be null
   * @param tagged where it stands in the tagged section
   * @param flexible where it is written compactly, given the message is flexible at all
   */
  record Ranges(Versions versions, Versions nullable, Versions tagged, Versions flexible) {}

  /**
   * @param entity the definition's {@code entityType}, or empty
   * @param defaultText the definition's {@code default}, or empty
   */
  record Meaning(String entity, String defaultText) {}
}
