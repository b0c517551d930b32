package io.gatehouse.wire.tree;

import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A message, or a struct in one, whose fields are read and changed by name.
 *
 * <p>It has the fields of one version of the message only ({@link #has}). A new struct holds the
 * defaults of the definition. Values have these types:
 *
 * <table>
 * <caption>Kafka's types in Java</caption>
 * <tr><td>bool</td><td>Boolean</td></tr>
 * <tr><td>int8, int16, int32, int64</td><td>Byte, Short, Integer, Long</td></tr>
 * <tr><td>uint16, uint32</td><td>Integer, Long</td></tr>
 * <tr><td>float64</td><td>Double</td></tr>
 * <tr><td>uuid</td><td>UUID</td></tr>
 * <tr><td>string</td><td>String</td></tr>
 * <tr><td>bytes, records</td><td>byte[]</td></tr>
 * <tr><td>a struct</td><td>Struct</td></tr>
 * <tr><td>an array</td><td>List of these; the list that {@link #get} returns is modifiable</td></tr>
 * </table>
 *
 * <p>Methods that take a field's name throw {@link IllegalArgumentException} if this version does
 * not have the field; the message lists those that it has. Not thread-safe.
 */
public final class Struct {

  private static final NavigableMap<Integer, byte[]> NO_TAGS =
      Collections.unmodifiableNavigableMap(new TreeMap<>());

  private final StructLayout layout;

  /** The plain fields in wire order, then the known tagged ones in the order of their tag. */
  private final @Nullable Object[] values;

  private @Nullable NavigableMap<Integer, byte[]> unknownTags;

  private Struct(StructLayout layout, @Nullable Object[] values) {
    this.layout = layout;
    this.values = values;
  }

  /** A message with the defaults of all fields. */
  public static Struct of(Layout layout) {
    return of(layout.root());
  }

  /** A struct with the defaults of all fields. */
  public static Struct of(StructLayout layout) {
    Struct struct = empty(layout);
    for (int i = 0; i < struct.values.length; i++) {
      struct.values[i] = Values.defaultOf(struct.field(i));
    }
    return struct;
  }

  /** A struct with defaults in its tagged fields; the caller must set all plain fields. */
  static Struct blank(StructLayout layout) {
    Struct struct = empty(layout);
    for (int i = layout.fields().size(); i < struct.values.length; i++) {
      struct.values[i] = Values.defaultOf(struct.field(i));
    }
    return struct;
  }

  private static Struct empty(StructLayout layout) {
    return new Struct(
        layout, new @Nullable Object[layout.fields().size() + layout.tagged().size()]);
  }

  public StructLayout layout() {
    return layout;
  }

  /** Whether this version has the field. */
  public boolean has(String name) {
    return indexOf(name) >= 0;
  }

  public @Nullable Object get(String name) {
    return values[index(name)];
  }

  public boolean isNull(String name) {
    return get(name) == null;
  }

  /**
   * Sets a field. Integers of any class are accepted if the value fits; a list is copied.
   *
   * @return this
   * @throws IllegalArgumentException also if the value is not of the field's type, or null where
   *     this version forbids it
   */
  public Struct set(String name, @Nullable Object value) {
    int index = index(name);
    values[index] = Values.coerce(layout.name(), field(index), value);
    return this;
  }

  /** Sets a field if this version has it. */
  public Struct setIfPresent(String name, @Nullable Object value) {
    return has(name) ? set(name, value) : this;
  }

  public boolean getBoolean(String name) {
    return as(Boolean.class, name);
  }

  /** The value of an integer field of at most 32 bits. */
  public int getInt(String name) {
    Number number = as(Number.class, name);
    if (number instanceof Long || number instanceof Double) {
      throw wrongType(name, number, "an int");
    }
    return number.intValue();
  }

  /** The value of an integer field of any width. */
  public long getLong(String name) {
    Number number = as(Number.class, name);
    if (number instanceof Double) {
      throw wrongType(name, number, "an integer");
    }
    return number.longValue();
  }

  public UUID getUuid(String name) {
    return as(UUID.class, name);
  }

  /**
   * @throws IllegalStateException if the value is null
   */
  public String getString(String name) {
    return as(String.class, name);
  }

  public @Nullable String getStringOrNull(String name) {
    return isNull(name) ? null : getString(name);
  }

  /**
   * The bytes themselves, not a copy.
   *
   * @throws IllegalStateException if the value is null
   */
  public byte[] getBytes(String name) {
    return as(byte[].class, name);
  }

  /**
   * @throws IllegalStateException if the value is null
   */
  public Struct getStruct(String name) {
    return as(Struct.class, name);
  }

  /**
   * The elements of an array; changes to the list change this struct.
   *
   * @throws IllegalStateException if the array is null, which differs from empty
   */
  @SuppressWarnings("unchecked") // only set and read store lists here, of Objects
  public List<Object> getArray(String name) {
    return (List<Object>) as(List.class, name);
  }

  /**
   * The elements of an array of structs; changes to the list change this struct.
   *
   * @throws IllegalStateException if the array is null, which differs from empty
   */
  @SuppressWarnings("unchecked") // by the layout; the writer checks the elements again
  public List<Struct> getStructs(String name) {
    if (field(index(name)).struct() == null) {
      throw wrongType(name, getArray(name), "an array of structs");
    }
    return (List<Struct>) (List<?>) getArray(name);
  }

  /** Appends a struct of defaults to an array, which is created if it is null. */
  public Struct addStruct(String name) {
    int index = index(name);
    StructLayout element = field(index).structOrThrow();
    if (values[index] == null) {
      set(name, List.of());
    }
    Struct added = of(element);
    getStructs(name).add(added);
    return added;
  }

  /** Sets a field to a struct of defaults. */
  public Struct makeStruct(String name) {
    Struct made = of(field(index(name)).structOrThrow());
    set(name, made);
    return made;
  }

  /** The tagged fields that the definition does not contain, by tag. Read-only. */
  public NavigableMap<Integer, byte[]> unknownTags() {
    return unknownTags == null ? NO_TAGS : Collections.unmodifiableNavigableMap(unknownTags);
  }

  /**
   * Adds or replaces an unknown tagged field.
   *
   * @throws IllegalArgumentException if this version has no tagged fields, or has a known field of
   *     that tag
   */
  public void setUnknownTag(int tag, byte[] content) {
    if (!layout.flexible()) {
      throw new IllegalArgumentException(layout.name() + " has no tagged fields in this version");
    }
    if (tag < 0 || indexOfTag(tag) >= 0) {
      throw new IllegalArgumentException(
          layout.name() + ": tag " + tag + (tag < 0 ? " is negative" : " is a known field"));
    }
    if (unknownTags == null) {
      unknownTags = new TreeMap<>();
    }
    unknownTags.put(tag, content);
  }

  public void removeUnknownTag(int tag) {
    if (unknownTags != null && unknownTags.remove(tag) != null && unknownTags.isEmpty()) {
      unknownTags = null;
    }
  }

  /** The definition of the field at an index, plain fields first. */
  FieldLayout field(int index) {
    int plain = layout.fields().size();
    return index < plain ? layout.fields().get(index) : layout.tagged().get(index - plain);
  }

  @Nullable Object value(int index) {
    return values[index];
  }

  void put(int index, @Nullable Object value) {
    values[index] = value;
  }

  /** Index of a known tagged field, or -1. */
  int indexOfTag(int tag) {
    List<FieldLayout> tagged = layout.tagged();
    for (int i = 0; i < tagged.size(); i++) {
      if (tagged.get(i).tag() == tag) {
        return layout.fields().size() + i;
      }
    }
    return -1;
  }

  private int indexOf(String name) {
    for (int i = 0; i < values.length; i++) {
      if (field(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private int index(String name) {
    int index = indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException(
          layout.name()
              + " has no field '"
              + name
              + "' in this version; it has "
              + Stream.concat(layout.fields().stream(), layout.tagged().stream())
                  .map(FieldLayout::name)
                  .toList());
    }
    return index;
  }

  private <T> T as(Class<T> type, String name) {
    Object value = get(name);
    if (value == null) {
      throw new IllegalStateException(layout.name() + "." + name + " is null");
    }
    if (!type.isInstance(value)) {
      throw wrongType(name, value, type.getSimpleName());
    }
    return type.cast(value);
  }

  private IllegalArgumentException wrongType(String name, Object value, String asked) {
    return new IllegalArgumentException(
        layout.name()
            + "."
            + name
            + " holds "
            + value.getClass().getSimpleName()
            + " and was asked for as "
            + asked);
  }

  /** Structs are equal if they have the same layout and are encoded in the same bytes. */
  @Override
  public boolean equals(@Nullable Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof Struct that) || !sameLayout(that.layout)) {
      return false;
    }
    for (int i = 0; i < values.length; i++) {
      if (!Values.same(values[i], that.values[i])) {
        return false;
      }
    }
    NavigableMap<Integer, byte[]> tags = unknownTags();
    return tags.keySet().equals(that.unknownTags().keySet())
        && tags.entrySet().stream()
            .allMatch(e -> Values.same(e.getValue(), that.unknownTags().get(e.getKey())));
  }

  /**
   * Whether the layouts are equal; they may be different objects, because each schema lookup
   * creates one.
   */
  boolean sameLayout(StructLayout other) {
    return layout.equals(other);
  }

  @Override
  public int hashCode() {
    int hash = layout.name().hashCode();
    for (Object value : values) {
      hash = 31 * hash + Values.hash(value);
    }
    return 31 * hash + unknownTags().keySet().hashCode();
  }

  /** Abridged JSON without secrets. */
  @Override
  public String toString() {
    return FrameJson.render(this, 1000);
  }
}
