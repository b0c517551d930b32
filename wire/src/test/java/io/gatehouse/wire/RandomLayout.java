package io.gatehouse.wire;

import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Layouts that no Kafka release has yet: nested tagged structs, nullable structs in arrays, kinds
 * on fields of any type.
 */
public final class RandomLayout {

  private static final FieldType[] TYPES = FieldType.values();
  private static final FieldKind[] KINDS = FieldKind.values();

  private final RandomGenerator random;
  private final boolean flexible;

  private RandomLayout(RandomGenerator random) {
    this.random = random;
    this.flexible = random.nextInt(4) > 0;
  }

  public static Layout of(RandomGenerator random) {
    RandomLayout maker = new RandomLayout(random);
    return new Layout(Messages.schema("FetchResponse"), 0, maker.flexible, maker.struct("Root", 0));
  }

  private StructLayout struct(String name, int depth) {
    List<FieldLayout> plain = new ArrayList<>();
    // Array elements of Kafka's messages have at least one byte.
    for (int i = flexible ? random.nextInt(5) : 1 + random.nextInt(4); i > 0; i--) {
      plain.add(field("Plain" + i, -1, depth));
    }
    List<FieldLayout> tagged = new ArrayList<>();
    int tag = 0;
    for (int i = flexible ? random.nextInt(4) : 0; i > 0; i--) {
      tag += random.nextInt(3);
      tagged.add(field("Tagged" + tag, tag, depth));
      tag++;
    }
    return new StructLayout(name, plain, tagged, flexible);
  }

  private FieldLayout field(String name, int tag, int depth) {
    FieldType type = TYPES[random.nextInt(TYPES.length)];
    if (type == FieldType.STRUCT && depth == 3) {
      type = FieldType.STRING;
    } else if (depth < 2 && random.nextInt(3) == 0) {
      type = FieldType.STRUCT;
    }
    boolean array = random.nextInt(4) == 0;
    boolean mayBeNull = array || type.width() == 0;
    FieldKind kind = random.nextBoolean() ? FieldKind.NONE : KINDS[random.nextInt(KINDS.length)];
    return new FieldLayout(
        name,
        type,
        array,
        mayBeNull && random.nextInt(3) == 0,
        flexible && random.nextInt(20) > 0,
        tag,
        type == FieldType.STRUCT ? FieldKind.NONE : kind,
        "",
        type == FieldType.STRUCT ? struct(name, depth + 1) : null);
  }
}
