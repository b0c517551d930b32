package io.gatehouse.wire.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.Messages;
import io.gatehouse.wire.RandomLayout;
import io.gatehouse.wire.Seed;
import io.gatehouse.wire.schema.Layout;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.protocol.Message;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message in every version, between trees and Kafka's own classes. */
class TreeRoundTripTest {

  private static final int ROUNDS = 20;

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#live")
  void kafkasMessagesRoundTrip(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          for (int round = 0; round < ROUNDS; round++) {
            Message message =
                Oracle.random(layout, Seed.random("fill", name, layout.version(), round));
            byte[] bytes = Oracle.write(message, layout.version());

            Struct tree = read(layout, bytes);

            Oracle.assertSame(message, tree);
            assertThat(write(tree)).as(described(layout)).isEqualTo(bytes);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#live")
  void kafkaRoundTripsTheTreesMessages(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          for (int round = 0; round < ROUNDS; round++) {
            Struct tree = RandomTree.of(layout, Seed.random("tree", name, layout.version(), round));
            byte[] bytes = write(tree);

            Oracle.assertSame(Oracle.read(layout, bytes), tree);
            assertThat(Oracle.readAndWrite(layout, bytes)).as(described(layout)).isEqualTo(bytes);
            assertThat(read(layout, bytes)).as(described(layout)).isEqualTo(tree);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#live")
  void theDefaultsAreKafkas(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          Message message = Oracle.make(layout);
          Struct tree = Struct.of(layout);

          Oracle.assertSame(message, tree);
        });
  }

  @RepeatedTest(300)
  void messagesOfNoReleaseYet(RepetitionInfo repetition) {
    RandomGenerator random = Seed.random("layout", repetition.getCurrentRepetition());
    Layout layout = RandomLayout.of(random);
    for (int round = 0; round < ROUNDS; round++) {
      Struct tree = RandomTree.of(layout, random);
      byte[] bytes = write(tree);

      Struct read = read(layout, bytes);

      assertThat(read).as(described(layout)).isEqualTo(tree).hasSameHashCodeAs(tree);
      assertThat(write(read)).as(described(layout)).isEqualTo(bytes);
    }
  }

  private static Struct read(Layout layout, byte[] bytes) {
    return TreeReader.readWhole(layout, Unpooled.wrappedBuffer(bytes));
  }

  /** The tree's bytes, as many as {@link TreeWriter#size} says. */
  private static byte[] write(Struct tree) {
    ByteBuf out = Unpooled.buffer();
    TreeWriter.write(tree, out);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    assertThat(TreeWriter.size(tree)).as("size").isEqualTo(bytes.length);
    return bytes;
  }

  private static String described(Layout layout) {
    return layout.message().name() + " v" + layout.version() + ", " + Seed.replay();
  }
}
