package io.gatehouse.wire.walk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.Messages;
import io.gatehouse.wire.Seed;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.tree.RandomTree;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.walk.Drive.Cut;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Values are blanked in place, however the bytes are split. */
class BlankTest {

  private static final int ROUNDS = 40;
  private static final String SECRET = "canary.internal:9092";

  @Test
  void theStringThatComesNextAndNoOther() {
    Messages.layouts("DescribeConfigsResponse")
        .forEach(layout -> {
          for (int round = 0; round < ROUNDS; round++) {
            RandomGenerator random = Seed.random("blank", layout.version(), round);
            Struct tree = RandomTree.of(layout, random);
            plant(tree, "Configs-" + round, null);
            plant(tree, "listeners", SECRET);
            plant(tree, "listeners", null);
            plant(tree, "listeners", "");
            plant(tree, "kept", "kept-value");
            check(layout, tree, EnumSet.of(FieldKind.CONFIG_NAME), random);
            check(layout, tree, EnumSet.of(FieldKind.CONFIG_NAME, FieldKind.CONFIG_VALUE), random);
          }
        });
  }

  private static void plant(Struct tree, String name, @Nullable String value) {
    Struct config = tree.addStruct("Results").addStruct("Configs");
    config.set("Name", name).set("Value", value);
    if (config.has("Synonyms")) {
      config.addStruct("Synonyms").set("Name", name).set("Value", value);
    }
  }

  private static void check(
      Layout layout, Struct tree, Set<FieldKind> interest, RandomGenerator random) {
    byte[] message = WalkerTest.bytes(tree);
    String what = layout.version() + ", " + Seed.replay();
    for (Cut cut : List.of(Cut.whole(), Cut.bytewise(), Cut.random(random, 9))) {
      byte[] wiped = message.clone();
      Walker walker = new Walker();
      walker.start(Program.compile(layout, interest), 4, 4 + message.length);
      List<String> values = new ArrayList<>();
      Drive.walk(
          walker,
          wiped,
          cut,
          w -> {
            if (w.kind() == FieldKind.CONFIG_VALUE) {
              values.add(w.isNull() ? "null" : w.text());
            } else if (w.text().equals("listeners")) {
              w.blankNextString();
            }
          });

      assertThat(values).as(what).doesNotContain(SECRET);
      if (interest.contains(FieldKind.CONFIG_VALUE)) {
        assertThat(values).as(what).contains("kept-value");
      }
      String expected =
          new String(message, StandardCharsets.ISO_8859_1)
              .replace(SECRET, " ".repeat(SECRET.length()));
      assertThat(new String(wiped, StandardCharsets.ISO_8859_1)).as(what).isEqualTo(expected);
      Struct read = TreeReader.readWhole(layout, Unpooled.wrappedBuffer(wiped));
      assertThat(read.getStructs("Results")).as(what).hasSameSizeAs(tree.getStructs("Results"));
    }
  }
}
