package io.gatehouse.wire.walk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.Messages;
import io.gatehouse.wire.RandomLayout;
import io.gatehouse.wire.Seed;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.tree.RandomTree;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.walk.Drive.Cut;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A patched message is byte for byte the changed tree's. */
class PatchesTest {

  private static final int ROUNDS = 8;

  private static final Set<FieldKind> NAMES =
      EnumSet.of(
          FieldKind.TOPIC_NAME,
          FieldKind.GROUP_ID,
          FieldKind.TRANSACTIONAL_ID,
          FieldKind.HOST,
          FieldKind.PORT);

  /**
   * Each name's new one: shorter, longer, and across the sizes of a varint. None is empty, as a
   * tagged field that becomes its default would be left out of the tree's bytes.
   */
  private static final String[] NEW_NAMES = {
    "n", "new-name", "ä".repeat(40), "x".repeat(126), "x".repeat(127), "x".repeat(300)
  };

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#calls")
  void namesAndAddressesOfEveryMessage(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          for (int round = 0; round < ROUNDS; round++) {
            check(layout, NAMES, Seed.random("patch", name, layout.version(), round));
          }
        });
  }

  /** All strings there are, so that tagged ones get patched as well. */
  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#calls")
  void everyTextOfEveryMessage(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          for (int round = 0; round < ROUNDS; round++) {
            RandomGenerator random = Seed.random("texts", name, layout.version(), round);
            check(layout, EnumSet.allOf(FieldKind.class), random);
          }
        });
  }

  @RepeatedTest(400)
  void everyTextOfMessagesOfNoReleaseYet(RepetitionInfo repetition) {
    RandomGenerator random = Seed.random("patch", repetition.getCurrentRepetition());
    Layout layout = RandomLayout.of(random);
    for (int round = 0; round < ROUNDS; round++) {
      check(layout, EnumSet.allOf(FieldKind.class), random);
    }
  }

  private static void check(Layout layout, Set<FieldKind> kinds, RandomGenerator random) {
    int zero = random.nextInt(20);
    byte[] message = WalkerTest.bytes(layout, random);
    List<Found> fields = Found.in(layout, message, zero, kinds);
    // Which of them change, and to what.
    Map<Integer, String> renamed = new HashMap<>();
    for (int i = 0; i < fields.size(); i++) {
      boolean text =
          fields.get(i).type() == FieldType.STRING && !fields.get(i).value().equals(Found.NULL);
      if (text && random.nextInt(3) > 0) {
        renamed.put(i, NEW_NAMES[random.nextInt(NEW_NAMES.length)]);
      }
    }
    byte[] expected = renamed(layout, message, kinds, renamed);

    Patches patches = new Patches();
    patches.clear();
    Walker walker = new Walker();
    walker.start(Program.compile(layout, kinds), zero, zero + message.length);
    int[] next = {0};
    Drive.walk(
        walker,
        message.clone(),
        Cut.random(random, 60),
        w -> {
          Found field = fields.get(next[0]);
          String name = renamed.get(next[0]++);
          if (name != null) {
            patches.replace(w, w.start(), w.stop(), encoded(name, message, field, zero));
          }
        });

    String what = layout.message().name() + " v" + layout.version() + ", " + Seed.replay();
    assertThat(patches.isEmpty()).as(what).isEqualTo(renamed.isEmpty());
    ByteBuf source = Unpooled.buffer().writeZero(5).writeBytes(message);
    ByteBuf target = Unpooled.buffer();
    patches.write(source, 5 - zero, zero, zero + message.length, target);
    byte[] patched = new byte[target.readableBytes()];
    target.readBytes(patched);
    assertThat(HexFormat.of().formatHex(patched))
        .as(what)
        .isEqualTo(HexFormat.of().formatHex(expected));
    assertThat(patches.growth()).as(what).isEqualTo(expected.length - message.length);
  }

  /** The text in the form in which it stands in the message: compact or not. */
  private static byte[] encoded(String text, byte[] message, Found field, int zero) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int old = ((String) field.value()).getBytes(StandardCharsets.UTF_8).length;
    int prefix = field.stop() - field.start() - old;
    boolean compact = prefix != 2 || (old + 1 > 127 && (message[field.start() - zero] & 0x80) != 0);
    ByteBuf out = Unpooled.buffer();
    if (compact) {
      out.writeBytes(Patches.varint(bytes.length + 1));
    } else {
      out.writeShort(bytes.length);
    }
    out.writeBytes(bytes);
    byte[] encoded = new byte[out.readableBytes()];
    out.readBytes(encoded);
    return encoded;
  }

  /** The message that the tree writes once those fields are changed in it. */
  private static byte[] renamed(
      Layout layout, byte[] message, Set<FieldKind> kinds, Map<Integer, String> renamed) {
    Struct tree = TreeReader.readWhole(layout, Unpooled.wrappedBuffer(message));
    new Renaming(kinds, renamed).rename(tree);
    return WalkerTest.bytes(tree);
  }

  /** Goes through a tree in the order of the bytes and counts the fields of interest. */
  private static final class Renaming {

    private final Set<FieldKind> kinds;
    private final Map<Integer, String> renamed;
    private int count;

    Renaming(Set<FieldKind> kinds, Map<Integer, String> renamed) {
      this.kinds = kinds;
      this.renamed = renamed;
    }

    void rename(Struct struct) {
      RandomTree.fields(struct.layout())
          .filter(field -> field.tag() < 0 || !RandomTree.isDefault(struct, field))
          .forEach(field -> struct.set(field.name(), renamed(field, struct.get(field.name()))));
    }

    private @Nullable Object renamed(FieldLayout field, @Nullable Object value) {
      if (value instanceof List<?> elements) {
        return elements.stream().map(each -> renamed(field, each)).toList();
      }
      if (field.array() && value == null) {
        return value;
      }
      if (field.type() == FieldType.STRUCT) {
        if (value instanceof Struct struct) {
          rename(struct);
        }
        return value;
      }
      if (!kinds.contains(field.kind())) {
        return value;
      }
      String name = renamed.get(count++);
      return name == null ? value : name;
    }
  }

  @Test
  void varints() {
    assertThat(Patches.varint(0)).containsExactly(0);
    assertThat(Patches.varint(127)).containsExactly(127);
    assertThat(Patches.varint(128)).containsExactly(0x80, 1);
    assertThat(Patches.varint(16_383)).containsExactly(0xff, 0x7f);
    assertThat(Patches.varint(16_384)).containsExactly(0x80, 0x80, 1);
    assertThat(Patches.varint(Integer.MAX_VALUE)).containsExactly(0xff, 0xff, 0xff, 0xff, 7);
  }
}
