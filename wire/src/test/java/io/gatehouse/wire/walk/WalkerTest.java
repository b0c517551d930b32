package io.gatehouse.wire.walk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.Messages;
import io.gatehouse.wire.RandomLayout;
import io.gatehouse.wire.Seed;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.RandomTree;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeWriter;
import io.gatehouse.wire.walk.Drive.Cut;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The walker finds what a simple decoder finds, however the bytes are split. */
class WalkerTest {

  private static final int ROUNDS = 8;

  /** All fields, including those without a meaning. */
  private static final Set<FieldKind> EVERYTHING = EnumSet.allOf(FieldKind.class);

  private static final Set<FieldKind> ADDRESSES =
      EnumSet.of(
          FieldKind.HOST,
          FieldKind.PORT,
          FieldKind.CONTROLLER_HOST,
          FieldKind.CONTROLLER_PORT,
          FieldKind.APPLICATION_HOST,
          FieldKind.APPLICATION_PORT);

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#live")
  void everyMessage(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          for (int round = 0; round < ROUNDS; round++) {
            check(layout, Seed.random("walk", name, layout.version(), round));
          }
        });
  }

  @RepeatedTest(300)
  void messagesOfNoReleaseYet(RepetitionInfo repetition) {
    RandomGenerator random = Seed.random("layout", repetition.getCurrentRepetition());
    Layout layout = RandomLayout.of(random);
    for (int round = 0; round < ROUNDS; round++) {
      check(layout, random);
    }
  }

  /** The header's fields are between the correlation id and the body. */
  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#calls")
  void messagesBehindTheirHeaders(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          RandomGenerator random = Seed.random("header", name, layout.version());
          boolean request = name.endsWith("Request");
          int apiKey = layout.message().apiKey();
          byte[] header =
              bytes(
                  request
                      ? Headers.request(apiKey, layout.version(), 9, clientId(random))
                      : Headers.response(apiKey, layout.version(), 9));
          byte[] body = bytes(layout, random);
          int skipped = request ? 8 : 4;
          ByteBuf frame = Unpooled.wrappedBuffer(header, body).skipBytes(skipped);
          byte[] rest = new byte[frame.readableBytes()];
          frame.readBytes(rest);
          Program program =
              request
                  ? Program.ofRequest(layout, EVERYTHING)
                  : Program.ofResponse(layout, EVERYTHING);
          List<Found> expected = Found.in(layout, body, header.length, EVERYTHING);
          List<Found> found = new ArrayList<>();
          Walker walker = new Walker();
          walker.start(program, skipped, header.length + body.length);

          Drive.walk(
              walker,
              rest,
              Cut.random(random, 10),
              w -> found.add(Found.of(w, expected.get(found.size()).type())));

          assertThat(found).as("%s, %s", program, Seed.replay()).isEqualTo(expected);
        });
  }

  private static @Nullable String clientId(RandomGenerator random) {
    return random.nextInt(4) == 0 ? null : RandomTree.text(random, random.nextInt(30));
  }

  private static void check(Layout layout, RandomGenerator random) {
    byte[] message = bytes(layout, random);
    Walker walker = new Walker();
    for (Set<FieldKind> interest : List.of(EVERYTHING, someKinds(random), Set.<FieldKind>of())) {
      Program program = Program.compile(layout, interest);
      int zero = random.nextInt(100);
      List<Found> expected = Found.in(layout, message, zero, interest);
      List<Found> addresses = Found.in(layout, message, zero, ADDRESSES);
      for (Cut cut :
          List.of(Cut.whole(), Cut.bytewise(), Cut.random(random, 8), Cut.random(random, 200))) {
        List<Found> found = new ArrayList<>();
        int lastAddress = addresses.isEmpty() ? -1 : addresses.getLast().start();
        walker.start(program, zero, zero + message.length);

        Drive.walk(
            walker,
            message.clone(),
            cut,
            w -> {
              assertThat(found.size()).as("a field too many").isLessThan(expected.size());
              found.add(Found.of(w, expected.get(found.size()).type()));
              assertThat(w.isPastEdits() && w.start() < lastAddress)
                  .as("%s past the addresses, %s", program, Seed.replay())
                  .isFalse();
            });

        assertThat(found)
            .as("%s, interest %s, %s", program, interest, Seed.replay())
            .isEqualTo(expected);
        assertThat(walker.position())
            .isBetween(
                expected.isEmpty() ? zero : expected.getLast().stop(), zero + message.length);
        if (interest.containsAll(ADDRESSES) || !program.hasAddresses()) {
          assertThat(walker.isPastEdits()).isTrue();
        }
      }
    }
  }

  private static Set<FieldKind> someKinds(RandomGenerator random) {
    Set<FieldKind> kinds = EnumSet.noneOf(FieldKind.class);
    for (FieldKind kind : FieldKind.values()) {
      if (kind != FieldKind.NONE && random.nextInt(3) == 0) {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  static byte[] bytes(Layout layout, RandomGenerator random) {
    return bytes(RandomTree.of(layout, random));
  }

  static byte[] bytes(Struct tree) {
    ByteBuf out = Unpooled.buffer();
    TreeWriter.write(tree, out);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }
}
