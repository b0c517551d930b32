package io.gatehouse.wire.walk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.wire.Damage;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.Messages;
import io.gatehouse.wire.Seed;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.tree.Oracle;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.walk.Drive.Cut;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A request means to the broker what the walker reports, so that no topic passes an authorizer in
 * bytes that two readers interpret differently.
 */
class WalkerAndTreeAgreeTest {

  private static final int DAMAGES = 120;

  /** The resources that a client may be allowed or denied. */
  static final Set<FieldKind> NAMES =
      EnumSet.of(
          FieldKind.TOPIC_NAME,
          FieldKind.GROUP_ID,
          FieldKind.TRANSACTIONAL_ID,
          FieldKind.RESOURCE_NAME,
          FieldKind.COORDINATOR_KEY,
          FieldKind.TOPIC_ID);

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#calls")
  void theWalkerAgreesWithKafkaOrRefuses(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          RandomGenerator random = Seed.random("eyes", name, layout.version());
          byte[] whole = {};
          for (int i = 0; i < DAMAGES; i++) {
            if (i % 15 == 0) {
              whole = WalkerTest.bytes(layout, random);
            }
            check(layout, Damage.to(whole, random));
          }
        });
  }

  /** A topic hidden in the tail of a tagged field that a size-based reader skips. */
  @Test
  void aTopicHiddenInATagIsRefused() {
    Layout layout = Messages.schema("FetchRequest").layout(17);
    UUID allowed = new UUID(1, 1);
    UUID secret = new UUID(6, 6);
    byte[] visible = fetch(layout, allowed);
    byte[] hidden = fetch(layout, secret);
    Found.Tag tag = Found.tagsIn(layout, visible).getFirst();
    byte[] tail = Arrays.copyOfRange(hidden, tag.stop(), hidden.length);
    ByteBuf out = Unpooled.buffer();
    out.writeBytes(visible, 0, tag.sizeStart());
    out.writeBytes(Edits.varint(16 + tail.length)).writeBytes(visible, tag.start(), 16);
    out.writeBytes(tail).writeBytes(visible, tag.stop(), visible.length - tag.stop());
    byte[] message = new byte[out.readableBytes()];
    out.readBytes(message);

    FetchRequestData theirs = (FetchRequestData) Oracle.readLeniently(layout, message);
    assertThat(theirs.topics().getLast().topicId()).isEqualTo(new Uuid(6, 6));

    Walker walker = new Walker();
    Program program = Program.compile(layout, EnumSet.of(FieldKind.TOPIC_ID));
    walker.start(program, 0, message.length);
    assertThatThrownBy(() -> Drive.walk(walker, message, Cut.whole(), w -> {}))
        .isInstanceOf(MalformedMessage.class);
  }

  /** Two topics; the second one follows the first partition's tagged field. */
  private static byte[] fetch(Layout layout, UUID second) {
    Struct fetch = Struct.of(layout);
    fetch
        .addStruct("Topics")
        .set("TopicId", new UUID(1, 1))
        .addStruct("Partitions")
        .set("ReplicaDirectoryId", new UUID(9, 9));
    fetch.addStruct("Topics").set("TopicId", second).addStruct("Partitions");
    return WalkerTest.bytes(fetch);
  }

  /**
   * Kafka reads a known tagged field by its type and ignores the declared size. A reader that skips
   * by size would continue at another position.
   */
  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#calls")
  void aKnownTagOfAnotherSizeThanItsContentIsRefused(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          RandomGenerator random = Seed.random("size", name, layout.version());
          for (int i = 0; i < 30; i++) {
            byte[] message = WalkerTest.bytes(layout, random);
            for (Found.Tag tag : Found.tagsIn(layout, message)) {
              if (tag.stop() - tag.start() < 100 && tag.stop() > tag.start()) {
                refused(layout, resized(message, tag, 1), tag);
                refused(layout, resized(message, tag, -1), tag);
              }
            }
          }
        });
  }

  /** The message with one zero more at the end of a tagged field, or one byte less. */
  private static byte[] resized(byte[] message, Found.Tag tag, int change) {
    byte[] resized = new byte[message.length + change];
    int kept = Math.min(tag.stop(), tag.stop() + change);
    System.arraycopy(message, 0, resized, 0, kept);
    System.arraycopy(
        message, tag.stop(), resized, tag.stop() + change, message.length - tag.stop());
    resized[tag.sizeStart()] = (byte) (tag.stop() - tag.start() + change);
    return resized;
  }

  private static void refused(Layout layout, byte[] message, Found.Tag tag) {
    Walker walker = new Walker();
    walker.start(Program.compile(layout, EnumSet.allOf(FieldKind.class)), 0, message.length);
    refusedBy(walker, layout, message, tag);
    walker.start(Program.compile(layout, NAMES), 0, message.length);
    refusedBy(walker, layout, message, tag);
  }

  private static void refusedBy(Walker walker, Layout layout, byte[] message, Found.Tag tag) {
    try {
      Drive.walk(walker, message.clone(), Cut.whole(), w -> {});
    } catch (MalformedMessage e) {
      return;
    }
    assertThat(walker.position())
        .as(
            "walked past %s of a wrong size in %s v%s, %s",
            tag.field().name(), layout.message().name(), layout.version(), Seed.replay())
        .isLessThanOrEqualTo(tag.start());
  }

  static void check(Layout layout, byte[] bytes) {
    List<String> seen = new ArrayList<>();
    try {
      Walker walker = new Walker();
      walker.start(Program.compile(layout, NAMES), 0, bytes.length);
      Drive.walk(walker, bytes.clone(), Cut.whole(), w -> seen.add(text(w)));
    } catch (MalformedMessage e) {
      return;
    }
    byte[] canonical;
    try {
      canonical = Oracle.write(Oracle.readLeniently(layout, bytes), layout.version());
    } catch (RuntimeException e) {
      return;
    }
    assertThat(seen)
        .as(
            "%s v%s, %s, %s",
            layout.message().name(),
            layout.version(),
            Seed.replay(),
            HexFormat.of().formatHex(bytes))
        .containsExactlyInAnyOrderElementsOf(
            Found.in(layout, canonical, 0, NAMES).stream()
                .map(found -> found.kind() + " " + found.value())
                .toList());
  }

  private static String text(Walker walker) {
    FieldType type = walker.kind() == FieldKind.TOPIC_ID ? FieldType.UUID : FieldType.STRING;
    return walker.kind() + " " + Found.of(walker, type).value();
  }
}
