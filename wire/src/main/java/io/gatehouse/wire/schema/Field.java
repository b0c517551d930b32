package io.gatehouse.wire.schema;

import java.util.List;

/**
 * A field of a message over all versions, as its JSON definition says.
 *
 * @param name as in the definition, for instance {@code TopicName}
 * @param type the element type if {@code array} is true
 * @param array whether the field is an array of {@code type}
 * @param ranges the version ranges that decide whether and how it is written
 * @param tag the tag of a tagged field, otherwise -1
 * @param meaning further properties of the definition
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
   * @param versions that have the field
   * @param nullable versions in which it may be null
   * @param tagged versions in which it is a tagged field
   * @param flexible versions in which it is compact, if the message is flexible
   */
  record Ranges(Versions versions, Versions nullable, Versions tagged, Versions flexible) {}

  /**
   * @param entity the definition's {@code entityType}, or empty
   * @param defaultText the definition's {@code default}, or empty
   */
  record Meaning(String entity, String defaultText) {}
}
