package io.gatehouse.wire.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.wire.Allocation;
import io.gatehouse.wire.Damage;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.Messages;
import io.gatehouse.wire.Seed;
import io.gatehouse.wire.schema.Layout;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.protocol.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Corrupt and malicious bytes. */
class TreeReaderTest {

  private static final int DAMAGES = 30;

  /** Lengths to truncate a message to; all of them for a short one. */
  private static final int CUTS = 200;

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#live")
  void everyMessageCutShortIsRefused(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          RandomGenerator random = Seed.random("cut", name, layout.version());
          byte[] bytes = random(layout, random);
          for (int i = 0; i < Math.min(bytes.length, CUTS); i++) {
            int length = bytes.length <= CUTS ? i : random.nextInt(bytes.length);
            assertThat(isRefused(layout, Unpooled.wrappedBuffer(bytes, 0, length)))
                .as("%s v%s, %s bytes, %s", name, layout.version(), length, Seed.replay())
                .isTrue();
          }
        });
  }

  private static boolean isRefused(Layout layout, ByteBuf in) {
    try {
      TreeReader.read(layout, in);
    } catch (MalformedMessage e) {
      return true;
    }
    return false;
  }

  /** Kafka accepts what TreeReader accepts, and reads the same from it. */
  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#live")
  void corruptBytesAreRefusedOrReadAsKafkaDoes(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          RandomGenerator random = Seed.random("damage", name, layout.version());
          byte[] whole = random(layout, random);
          for (int i = 0; i < DAMAGES; i++) {
            byte[] bytes = Damage.to(whole, random);
            String what =
                name
                    + " v"
                    + layout.version()
                    + ", "
                    + Seed.replay()
                    + ", "
                    + HexFormat.of().formatHex(bytes);
            Allocation.check(
                what,
                bytes.length,
                () -> TreeReader.readWhole(layout, Unpooled.wrappedBuffer(bytes)));
            Struct tree;
            try {
              tree = TreeReader.readWhole(layout, Unpooled.wrappedBuffer(bytes));
            } catch (MalformedMessage e) {
              assertThat(e.position()).as(what).isBetween(0, bytes.length);
              continue;
            }
            Message theirs;
            try {
              theirs = Oracle.read(layout, bytes);
            } catch (RuntimeException e) {
              // A tag of another version, which a reader of this version cannot know.
              assertThat(e).as(what).hasMessageContaining("is not valid for version");
              continue;
            }
            Oracle.assertSame(theirs, tree);
          }
        });
  }

  @Test
  void bytesBehindTheMessageAreLeftOrRefused() {
    Layout layout = layout("HeartbeatResponse", 0);
    ByteBuf in = Unpooled.wrappedBuffer(new byte[] {0, 3, 99});

    assertThat(TreeReader.read(layout, in.duplicate()).getInt("ErrorCode")).isEqualTo(3);
    assertThatThrownBy(() -> TreeReader.readWhole(layout, in))
        .isInstanceOf(MalformedMessage.class)
        .hasMessage("HeartbeatResponse v0: 1 bytes follow the message at byte 2");
  }

  @Test
  void aCountBeyondTheBytesIsRefusedBeforeAnythingIsAllocatedForIt() {
    byte[] bytes = {0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0, 0, 0, 0};

    assertThatThrownBy(() -> read("MetadataRequest", 0, bytes))
        .hasMessage(
            "MetadataRequest v0: MetadataRequest.Topics: an array of 2147483647 elements"
                + " where 4 bytes are left at byte 4");
    Allocation.check("an array", bytes.length, () -> read("MetadataRequest", 0, bytes));
  }

  @Test
  void aCompactCountBeyondTheBytesIsRefused() {
    assertThatThrownBy(() -> read("MetadataRequest", 9, 0xff, 0xff, 0xff, 0xff, 0x0f))
        .isInstanceOf(MalformedMessage.class)
        .hasMessageContaining("an array of -2 elements");
    assertThatThrownBy(() -> read("MetadataRequest", 9, 0xff, 0xff, 0xff, 0xff, 0x07))
        .isInstanceOf(MalformedMessage.class)
        .hasMessageContaining("an array of 2147483646 elements where 0 bytes are left");
  }

  @Test
  void aVarintAbove32BitsIsRefused() {
    assertThatThrownBy(() -> read("MetadataRequest", 9, 0xff, 0xff, 0xff, 0xff, 0x1f))
        .isInstanceOf(MalformedMessage.class)
        .hasMessage("MetadataRequest v9: a varint is longer than 32 bits at byte 5");
    assertThatThrownBy(() -> read("MetadataRequest", 9, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00))
        .isInstanceOf(MalformedMessage.class);
  }

  @Test
  void aLengthBeyondTheBytesOrTheTypeIsRefused() {
    assertThatThrownBy(() -> read("SaslAuthenticateRequest", 0, 0x7f, 0xff, 0xff, 0xff, 1))
        .hasMessageContaining("AuthBytes: 2147483647 bytes where 1 bytes are left");
    assertThatThrownBy(() -> read("SaslAuthenticateRequest", 0, 0xff, 0xff, 0xff, 0xfe, 1))
        .hasMessageContaining("AuthBytes: a length of -2");
    byte[] text = new byte[40_000];
    Arrays.fill(text, (byte) 'a');
    ByteBuf groupId = Unpooled.buffer();
    groupId.writeByte(0xc1).writeByte(0xb8).writeByte(0x02).writeBytes(text);
    assertThatThrownBy(() -> TreeReader.read(layout("HeartbeatRequest", 4), groupId))
        .hasMessageContaining("GroupId: a string of 40000 bytes");
  }

  @Test
  void nullIsRefusedWhereTheVersionForbidsIt() {
    assertThatThrownBy(() -> read("SaslHandshakeRequest", 0, 0xff, 0xff))
        .hasMessageContaining("Mechanism: null, which this version forbids");
    assertThatThrownBy(() -> read("MetadataRequest", 0, 0xff, 0xff, 0xff, 0xff))
        .hasMessageContaining("an array of -1 elements");
    // one element of an array, which is never nullable
    assertThatThrownBy(() -> read("FindCoordinatorRequest", 4, 0, 2, 0, 0))
        .hasMessageContaining("CoordinatorKeys: null");
  }

  @Test
  void aTaggedFieldMustFillItsSize() {
    // ApiVersionsResponse v3: error, no keys, throttle, one tag (1, an int64)
    assertThatThrownBy(() ->
            read("ApiVersionsResponse", 3, 0, 0, 1, 0, 0, 0, 0, 1, 1, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0))
        .hasMessageContaining("FinalizedFeaturesEpoch: 1 bytes left of the 9 declared");
    assertThatThrownBy(() ->
            read("ApiVersionsResponse", 3, 0, 0, 1, 0, 0, 0, 0, 1, 1, 7, 0, 0, 0, 0, 0, 0, 0, 1))
        .hasMessageContaining("FinalizedFeaturesEpoch: the message ends early");
  }

  @Test
  void aTagMustNotStandTwice() {
    assertThatThrownBy(
            () -> read("ApiVersionsResponse", 3, 0, 0, 1, 0, 0, 0, 0, 2, 3, 1, 0, 3, 1, 1))
        .hasMessageContaining("tag 3 stands twice");
    assertThatThrownBy(
            () -> read("ApiVersionsResponse", 3, 0, 0, 1, 0, 0, 0, 0, 2, 77, 1, 0, 77, 1, 1))
        .hasMessageContaining("tag 77 stands twice");
  }

  @Test
  void moreTagsThanBytesAreRefused() {
    assertThatThrownBy(() -> read("ApiVersionsResponse", 3, 0, 0, 1, 0, 0, 0, 0, 3, 9, 0, 8, 0))
        .hasMessageContaining("3 tagged fields where 4 bytes are left");
    assertThatThrownBy(() -> read("ApiVersionsResponse", 3, 0, 0, 1, 0, 0, 0, 0, 1, 9, 3, 0))
        .hasMessageContaining("tag 9 of 3 bytes where 1 bytes are left");
  }

  /** As a direct buffer, and composed of pieces as small as a byte. */
  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.Messages#calls")
  void theKindOfBufferMakesNoDifference(String name) {
    Layout layout = Messages.layouts(name).toList().getLast();
    RandomGenerator random = Seed.random("buffer", name);
    byte[] bytes = random(layout, random);
    Struct expected = TreeReader.readWhole(layout, Unpooled.wrappedBuffer(bytes));
    ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
    CompositeByteBuf pieces = allocator.compositeBuffer(Integer.MAX_VALUE);
    for (int at = 0; at < bytes.length; ) {
      int length = Math.min(bytes.length - at, 1 + random.nextInt(9));
      pieces.addComponent(true, allocator.directBuffer(length).writeBytes(bytes, at, length));
      at += length;
    }
    ByteBuf out = allocator.directBuffer(1);
    try {
      assertThat(TreeReader.readWhole(layout, pieces)).as(Seed.replay()).isEqualTo(expected);
      TreeWriter.write(expected, out);
      assertThat(out).isEqualTo(Unpooled.wrappedBuffer(bytes));
    } finally {
      assertThat(out.release()).isTrue();
      assertThat(pieces.release()).isTrue();
    }
  }

  @Test
  void theBuffersReferenceCountStays() {
    ByteBuf in = Unpooled.buffer().writeShort(3);

    assertThat(TreeReader.read(layout("HeartbeatResponse", 0), in).getInt("ErrorCode"))
        .isEqualTo(3);

    assertThat(in.refCnt()).isEqualTo(1);
    assertThat(in.release()).isTrue();
  }

  private static byte[] random(Layout layout, RandomGenerator random) {
    ByteBuf out = Unpooled.buffer();
    TreeWriter.write(RandomTree.of(layout, random), out);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  private static Layout layout(String name, int version) {
    return Messages.schema(name).layout(version);
  }

  private static Struct read(String name, int version, int... unsigned) {
    byte[] bytes = new byte[unsigned.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) unsigned[i];
    }
    return read(name, version, bytes);
  }

  private static Struct read(String name, int version, byte[] bytes) {
    return TreeReader.read(layout(name, version), Unpooled.wrappedBuffer(bytes));
  }
}
