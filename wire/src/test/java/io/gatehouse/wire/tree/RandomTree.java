package io.gatehouse.wire.tree;

import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Random messages that use everything a layout allows: nulls, empty values, limits, unknown tags.
 */
public final class RandomTree {

  private static final int[] TEXT_LENGTHS = {0, 1, 2, 5, 12, 40, 126, 127, 128, 300};
  private static final int[] COUNTS = {0, 1, 1, 2, 3};

  /** Lengths around which a varint grows by a byte. */
  private static final int[] LARGE_COUNTS = {127, 128, 130};

  private final RandomGenerator random;

  /** How many fields are filled before arrays stay empty, which bounds the message's size. */
  private int budget;

  private RandomTree(RandomGenerator random) {
    this.random = random;
    this.budget = 20 + random.nextInt(400);
  }

  public static Struct of(Layout layout, RandomGenerator random) {
    Struct struct = Struct.of(layout);
    new RandomTree(random).fill(struct);
    return struct;
  }

  private void fill(Struct struct) {
    List<FieldLayout> plain = struct.layout().fields();
    List<FieldLayout> tagged = struct.layout().tagged();
    for (FieldLayout field : plain) {
      struct.set(field.name(), value(field));
    }
    for (FieldLayout field : tagged) {
      if (random.nextInt(3) > 0) {
        struct.set(field.name(), value(field));
      }
    }
    if (struct.layout().flexible() && random.nextInt(4) == 0) {
      // Kafka refuses a tag that another version of the message knows.
      int tag = 20 + random.nextInt(random.nextBoolean() ? 60 : 200);
      for (int i = random.nextInt(4); i > 0; i--) {
        // The tag of neutralised messages is not used here.
        tag += tag == 127 ? 1 : 0;
        struct.setUnknownTag(tag, bytes(random, random.nextInt(40)));
        tag += 1 + random.nextInt(random.nextBoolean() ? 3 : 20_000);
      }
    }
  }

  private @Nullable Object value(FieldLayout field) {
    budget--;
    if (field.nullable() && random.nextInt(4) == 0) {
      return null;
    }
    if (!field.array()) {
      return element(field);
    }
    int count = COUNTS[random.nextInt(COUNTS.length)];
    if (field.type() != FieldType.STRUCT && random.nextInt(16) == 0) {
      count = LARGE_COUNTS[random.nextInt(LARGE_COUNTS.length)];
    }
    List<Object> elements = new ArrayList<>();
    for (int i = 0; i < count && budget > 0; i++) {
      elements.add(element(field));
    }
    return elements;
  }

  private Object element(FieldLayout field) {
    return switch (field.type()) {
      case BOOL -> random.nextBoolean();
      case INT8 -> (byte) integer();
      case INT16 -> (short) integer();
      case UINT16 -> (int) integer() & 0xffff;
      case INT32 -> (int) integer();
      case UINT32 -> integer() & 0xffff_ffffL;
      case INT64 -> integer();
      case FLOAT64 -> random.nextInt(4) == 0 ? Double.NaN : random.nextGaussian();
      case UUID -> new UUID(integer(), integer());
      case STRING -> text(random, TEXT_LENGTHS[random.nextInt(TEXT_LENGTHS.length)]);
      case BYTES, RECORDS -> bytes(random, TEXT_LENGTHS[random.nextInt(TEXT_LENGTHS.length)]);
      case STRUCT -> {
        Struct struct = Struct.of(field.structOrThrow());
        fill(struct);
        yield struct;
      }
    };
  }

  private long integer() {
    return switch (random.nextInt(6)) {
      case 0 -> 0;
      case 1 -> -1;
      case 2 -> Long.MAX_VALUE;
      case 3 -> Long.MIN_VALUE;
      case 4 -> random.nextInt(100);
      default -> random.nextLong();
    };
  }

  public static byte[] bytes(RandomGenerator random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A text of so many code points, of one to four bytes each. */
  public static String text(RandomGenerator random, int points) {
    boolean ascii = random.nextInt(3) > 0;
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < points; i++) {
      int point = 'a' + random.nextInt(26);
      if (!ascii) {
        point =
            switch (random.nextInt(4)) {
              case 0 -> random.nextInt(0x80);
              case 1 -> 0x80 + random.nextInt(0x700);
              case 2 -> 0x800 + random.nextInt(0xd000);
              default -> 0x10000 + random.nextInt(0x10000);
            };
        // Lone surrogates are not valid text.
        point = Character.isBmpCodePoint(point) && point >= 0xd800 ? 'x' : point;
      }
      text.appendCodePoint(point);
    }
    return text.toString();
  }

  /** Whether the writer leaves out a tagged field. */
  public static boolean isDefault(Struct struct, FieldLayout field) {
    return Values.same(struct.get(field.name()), Values.defaultOf(field));
  }

  /** All fields of a struct, the tagged ones last. */
  public static Stream<FieldLayout> fields(Layout.StructLayout struct) {
    return Stream.concat(struct.fields().stream(), struct.tagged().stream());
  }
}
