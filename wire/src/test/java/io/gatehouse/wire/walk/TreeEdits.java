package io.gatehouse.wire.walk;

import io.gatehouse.wire.Messages;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.gatehouse.wire.tree.RandomTree;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.walk.Walker.Step;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Changes a tree at random, in wire order, and records the walker's step at which {@link Edits}
 * must make each change.
 */
final class TreeEdits {

  /** The change at one step of the walk. */
  sealed interface Change {
    record Replace(ByteBuf bytes) implements Change {}

    record Text(String text, boolean compact) implements Change {}

    record Numeric(long number) implements Change {}

    record Drop() implements Change {}

    record Insert(ByteBuf bytes) implements Change {}
  }

  /** An expected step of the walker, and the change made there. */
  record Event(Step step, String path, List<Change> changes) {}

  /** Shorter and longer values, and across the sizes of a varint. */
  private static final String[] TEXTS = {
    "n", "new-name", "ä".repeat(40), "x".repeat(126), "x".repeat(127), "x".repeat(300)
  };

  private final Set<FieldKind> kinds;
  private final Outline outline;
  private final RandomGenerator random;
  private final List<Event> events = new ArrayList<>();

  /** One in how many places is changed. */
  private final int rarity;

  /** One in how many elements is kept, 0 to drop elements as rarely as others are changed. */
  private int keptOne;

  private int tagged;

  TreeEdits(Set<FieldKind> kinds, Outline outline, RandomGenerator random) {
    this.kinds = kinds;
    this.outline = outline;
    this.random = random;
    this.rarity = 1 + random.nextInt(6);
  }

  /** Drops most elements, so that many follow each other. */
  TreeEdits dropping() {
    keptOne = 2 + random.nextInt(12);
    return this;
  }

  List<Event> events() {
    return events;
  }

  void change(Struct message) {
    struct("", message);
  }

  private void struct(String above, Struct struct) {
    RandomTree.fields(struct.layout())
        .filter(field -> field.tag() < 0 || !RandomTree.isDefault(struct, field))
        .forEach(field -> {
          tagged += field.tag() < 0 ? 0 : 1;
          field(above + field.name(), struct, field);
          tagged -= field.tag() < 0 ? 0 : 1;
        });
  }

  private void field(String path, Struct struct, FieldLayout field) {
    Object value = struct.get(field.name());
    if (field.array()) {
      struct.set(field.name(), array(path, field, (List<?>) value));
      return;
    }
    boolean told = outline.includes(path, field);
    struct.set(field.name(), element(path, field, value, told));
    boolean hasEvent = field.type() == FieldType.STRUCT ? told : kinds.contains(field.kind());
    if (tagged > 0 && hasEvent && RandomTree.isDefault(struct, field)) {
      // The writer could then leave out the tagged field that is or contains this field.
      struct.set(field.name(), value);
      events.getLast().changes().clear();
    }
  }

  private @Nullable List<Object> array(String path, FieldLayout field, @Nullable List<?> elements) {
    boolean told = outline.includes(path, field);
    List<Object> after = new ArrayList<>();
    FieldLayout single = single(field);
    for (Object each : elements == null ? List.of() : elements) {
      if (!told) {
        after.add(Objects.requireNonNull(element(path, single, each, false)));
        continue;
      }
      maybeInsert(event(Step.ELEMENT_BEGIN, path), single, after);
      Object changed = Objects.requireNonNull(element(path, single, each, false));
      List<Change> changes = event(Step.ELEMENT_END, path);
      // An array in a tagged field is not emptied, because the field could then be left out too.
      boolean last = tagged > 0 && after.isEmpty();
      if ((keptOne == 0 ? chance() : random.nextInt(keptOne) > 0) && !last) {
        changes.add(new Change.Drop());
      } else if (chance()) {
        Object other = randomValue(single);
        changes.add(new Change.Replace(encoded(single, other)));
        after.add(Objects.requireNonNull(other));
      } else {
        after.add(changed);
      }
      maybeInsert(changes, single, after);
    }
    if (told) {
      maybeInsert(event(Step.ARRAY_END, path), single, after);
    }
    return elements == null && after.isEmpty() ? null : after;
  }

  private void maybeInsert(List<Change> changes, FieldLayout single, List<Object> after) {
    for (int i = chance() ? 1 + random.nextInt(2) : 0; i > 0; i--) {
      Object added = Objects.requireNonNull(randomValue(single));
      changes.add(new Change.Insert(encoded(single, added)));
      after.add(added);
    }
  }

  private @Nullable Object element(
      String path, FieldLayout field, @Nullable Object value, boolean told) {
    if (field.type() == FieldType.STRUCT) {
      if (told) {
        event(Step.STRUCT_BEGIN, path);
      }
      if (value instanceof Struct struct) {
        struct(path + ".", struct);
      }
      return told ? maybeReplace(event(Step.STRUCT_END, path), field, value) : value;
    }
    if (!kinds.contains(field.kind())) {
      return value;
    }
    List<Change> changes = event(Step.FIELD, path);
    if (field.type() == FieldType.STRING && value != null && chance()) {
      String text = TEXTS[random.nextInt(TEXTS.length)];
      changes.add(new Change.Text(text, field.compact()));
      return text;
    }
    if (value instanceof Integer && chance()) {
      int number = random.nextInt(field.type().width() == 2 ? 0x10000 : Integer.MAX_VALUE);
      changes.add(new Change.Numeric(number));
      return number;
    }
    return maybeReplace(changes, field, value);
  }

  private @Nullable Object maybeReplace(
      List<Change> changes, FieldLayout field, @Nullable Object value) {
    if (!chance()) {
      return value;
    }
    Object other = randomValue(field);
    changes.add(new Change.Replace(encoded(field, other)));
    return other;
  }

  private boolean chance() {
    return random.nextInt(rarity * 3) == 0;
  }

  private List<Change> event(Step step, String path) {
    List<Change> changes = new ArrayList<>();
    events.add(new Event(step, path, changes));
    return changes;
  }

  /** One element of an array as a field. */
  private static FieldLayout single(FieldLayout field) {
    return new FieldLayout(
        field.name(),
        field.type(),
        false,
        !field.array() && field.nullable(),
        field.compact(),
        -1,
        field.kind(),
        "",
        field.struct());
  }

  private static Layout alone(FieldLayout field) {
    FieldLayout plain = single(field);
    return new Layout(
        Messages.schema("FetchResponse"),
        0,
        false,
        new StructLayout("Alone", List.of(plain), List.of(), false));
  }

  private @Nullable Object randomValue(FieldLayout field) {
    return RandomTree.of(alone(field), random).get(field.name());
  }

  private static ByteBuf encoded(FieldLayout field, @Nullable Object value) {
    return Unpooled.wrappedBuffer(
        WalkerTest.bytes(Struct.of(alone(field)).set(field.name(), value)));
  }
}
