package io.gatehouse.wire.schema;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one message in one version, with their order and encoding.
 *
 * @param flexible whether lengths are compact and structs end with a tagged section (KIP-482)
 */
public record Layout(MessageSchema message, int version, boolean flexible, StructLayout root) {

  /**
   * @param fields the plain fields in wire order
   * @param tagged the known tagged fields in ascending order of their tag
   */
  public record StructLayout(
      String name, List<FieldLayout> fields, List<FieldLayout> tagged, boolean flexible) {

    private int smallest() {
      int sum = flexible ? 1 : 0;
      for (FieldLayout field : fields) {
        if (field.array()) {
          sum += field.compact() ? 1 : 4;
        } else {
          sum += field.type() == FieldType.STRUCT && field.nullable() ? 1 : field.smallestElement();
        }
      }
      return Math.max(1, sum);
    }
  }

  /**
   * @param type the element type if {@code array} is true
   * @param compact whether the length is an unsigned varint plus one
   * @param tag -1 outside the tagged section
   * @param defaultText the default as in the definition, empty for the type's own default
   * @param struct the layout of a struct or of an array's elements
   */
  public record FieldLayout(
      String name,
      FieldType type,
      boolean array,
      boolean nullable,
      boolean compact,
      int tag,
      FieldKind kind,
      String defaultText,
      @Nullable StructLayout struct) {

    public StructLayout structOrThrow() {
      if (struct == null) {
        throw new IllegalStateException(name + " is no struct");
      }
      return struct;
    }

    /**
     * The fewest bytes of an array's element, or of the value of any other field. It bounds the
     * number of elements that a peer may declare.
     */
    public int smallestElement() {
      return switch (type) {
        case STRUCT -> structOrThrow().smallest();
        case STRING -> compact ? 1 : 2;
        case BYTES, RECORDS -> compact ? 1 : 4;
        default -> type.width();
      };
    }
  }

  static Layout of(MessageSchema message, int version) {
    boolean flexible = message.isFlexible(version);
    return new Layout(
        message,
        version,
        flexible,
        struct(message, message.name(), message.body().fields(), version));
  }

  private static StructLayout struct(
      MessageSchema message, String name, List<Field> fields, int version) {
    List<FieldLayout> plain = new ArrayList<>();
    List<FieldLayout> tagged = new ArrayList<>();
    boolean flexible = message.isFlexible(version);
    for (Field field : fields) {
      if (!field.ranges().versions().contains(version)) {
        continue;
      }
      boolean isTagged = field.tag() >= 0 && field.ranges().tagged().contains(version);
      FieldLayout layout =
          new FieldLayout(
              field.name(),
              field.type(),
              field.array(),
              field.ranges().nullable().contains(version),
              flexible && field.ranges().flexible().contains(version),
              isTagged ? field.tag() : -1,
              Overlay.kind(message.name(), field, fields),
              field.meaning().defaultText(),
              field.type() == FieldType.STRUCT
                  ? struct(message, field.name(), field.fields(), version)
                  : null);
      (isTagged ? tagged : plain).add(layout);
    }
    tagged.sort(Comparator.comparingInt(FieldLayout::tag));
    return new StructLayout(name, List.copyOf(plain), List.copyOf(tagged), flexible);
  }
}
