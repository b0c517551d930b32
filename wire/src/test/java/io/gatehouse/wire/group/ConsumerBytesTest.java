package io.gatehouse.wire.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.Allocation;
import io.gatehouse.wire.Damage;
import io.gatehouse.wire.Seed;
import io.gatehouse.wire.tree.RandomTree;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Renamed bytes are read by Kafka's own classes, and equal what these write. */
class ConsumerBytesTest {

  private static final int ROUNDS = 300;

  private static final List<Function<String, @Nullable String>> NAMES =
      List.of(ConsumerBytesTest::prefixed, ConsumerBytesTest::some);

  private static String prefixed(String topic) {
    return "tenant-" + topic;
  }

  /** Leaves out about every third topic. */
  private static @Nullable String some(String topic) {
    return topic.hashCode() % 3 == 0 ? null : "t." + topic;
  }

  /** The messages, with Kafka's classes for them. */
  enum Kind {
    SUBSCRIPTION(ConsumerProtocolSubscription.HIGHEST_SUPPORTED_VERSION) {
      @Override
      Message random(RandomGenerator random) {
        List<String> topics = new ArrayList<>();
        var owned = new ConsumerProtocolSubscription.TopicPartitionCollection();
        for (int i = random.nextInt(6); i > 0; i--) {
          topics.add(topic(random));
          owned.mustAdd(
              new ConsumerProtocolSubscription.TopicPartition()
                  .setTopic(topic(random))
                  .setPartitions(partitions(random)));
        }
        return new ConsumerProtocolSubscription()
            .setTopics(topics)
            .setUserData(userData(random))
            .setOwnedPartitions(owned)
            .setGenerationId(random.nextInt())
            .setRackId(random.nextBoolean() ? null : topic(random));
      }

      @Override
      Message read(ByteBuffer bytes) {
        return ConsumerProtocol.deserializeConsumerProtocolSubscription(bytes);
      }

      @Override
      Message renamed(Message message, Function<String, @Nullable String> name) {
        ConsumerProtocolSubscription from = (ConsumerProtocolSubscription) message;
        var owned = new ConsumerProtocolSubscription.TopicPartitionCollection();
        from.ownedPartitions()
            .forEach(each -> {
              String topic = name.apply(each.topic());
              if (topic != null) {
                owned.mustAdd(each.duplicate().setTopic(topic));
              }
            });
        return from.duplicate()
            .setTopics(from.topics().stream().map(name).filter(Objects::nonNull).toList())
            .setOwnedPartitions(owned);
      }
    },

    ASSIGNMENT(ConsumerProtocolAssignment.HIGHEST_SUPPORTED_VERSION) {
      @Override
      Message random(RandomGenerator random) {
        var assigned = new ConsumerProtocolAssignment.TopicPartitionCollection();
        for (int i = random.nextInt(6); i > 0; i--) {
          assigned.mustAdd(
              new ConsumerProtocolAssignment.TopicPartition()
                  .setTopic(topic(random))
                  .setPartitions(partitions(random)));
        }
        return new ConsumerProtocolAssignment()
            .setAssignedPartitions(assigned)
            .setUserData(userData(random));
      }

      @Override
      Message read(ByteBuffer bytes) {
        return ConsumerProtocol.deserializeConsumerProtocolAssignment(bytes);
      }

      @Override
      Message renamed(Message message, Function<String, @Nullable String> name) {
        ConsumerProtocolAssignment from = (ConsumerProtocolAssignment) message;
        var assigned = new ConsumerProtocolAssignment.TopicPartitionCollection();
        from.assignedPartitions()
            .forEach(each -> {
              String topic = name.apply(each.topic());
              if (topic != null) {
                assigned.mustAdd(each.duplicate().setTopic(topic));
              }
            });
        return from.duplicate().setAssignedPartitions(assigned);
      }
    };

    final short highest;

    Kind(short highest) {
      this.highest = highest;
    }

    abstract Message random(RandomGenerator random);

    abstract Message read(ByteBuffer bytes);

    abstract Message renamed(Message message, Function<String, @Nullable String> name);

    byte[] write(Message message, int version) {
      ByteBuffer buffer = MessageUtil.toVersionPrefixedByteBuffer((short) version, message);
      return Arrays.copyOfRange(buffer.array(), buffer.arrayOffset(), buffer.limit());
    }

    /** The message that Kafka reads, or null if it refuses the bytes. */
    @Nullable Message readOrNull(byte[] from) {
      try {
        return read(ByteBuffer.wrap(from));
      } catch (RuntimeException e) {
        return null;
      }
    }

    byte @Nullable [] rename(byte[] from, Function<String, @Nullable String> name) {
      ByteBuf around = Unpooled.buffer().writeZero(3).writeBytes(from).writeZero(5);
      ConsumerBytes bytes =
          this == SUBSCRIPTION ? ConsumerBytes.SUBSCRIPTION : ConsumerBytes.ASSIGNMENT;
      return bytes.renamed(around, 3, from.length, name);
    }
  }

  @ParameterizedTest
  @EnumSource
  void allVersions(Kind kind) {
    for (int version = 0; version <= kind.highest; version++) {
      for (int round = 0; round < ROUNDS; round++) {
        Message message = kind.random(Seed.random("group", kind.name(), version, round));
        byte[] bytes = kind.write(message, version);
        for (Function<String, @Nullable String> name : NAMES) {
          assertThat(hex(kind.rename(bytes, name)))
              .as("v%s, %s", version, Seed.replay())
              .isEqualTo(hex(kind.write(kind.renamed(message, name), version)));
        }
        assertThat(hex(kind.rename(bytes, topic -> topic))).isEqualTo(hex(bytes));
      }
    }
  }

  /** They begin with the fields of the highest known version, as Kafka expects too. */
  @ParameterizedTest
  @EnumSource
  void newerVersionsKeepWhatFollows(Kind kind) {
    for (int round = 0; round < ROUNDS; round++) {
      RandomGenerator random = Seed.random("newer", kind.name(), round);
      Message message = kind.random(random);
      byte[] tail = RandomTree.bytes(random, random.nextInt(50));
      int version = random.nextInt(kind.highest, Short.MAX_VALUE + 1);
      byte[] expected =
          kind.write(kind.renamed(message, ConsumerBytesTest::prefixed), kind.highest);
      assertThat(
              hex(
                  kind.rename(
                      newer(kind.write(message, kind.highest), version, tail),
                      ConsumerBytesTest::prefixed)))
          .as("v%s, %s", version, Seed.replay())
          .isEqualTo(hex(newer(expected, version, tail)));
    }
  }

  private static byte[] newer(byte[] bytes, int version, byte[] tail) {
    byte[] newer = Arrays.copyOf(bytes, bytes.length + tail.length);
    ByteBuffer.wrap(newer).putShort(0, (short) version);
    System.arraycopy(tail, 0, newer, bytes.length, tail.length);
    return newer;
  }

  @ParameterizedTest
  @EnumSource
  void cutBytes(Kind kind) {
    for (int version = 0; version <= kind.highest; version++) {
      byte[] bytes = kind.write(kind.random(Seed.random("cut", kind.name(), version)), version);
      for (int length = 0; length < bytes.length; length++) {
        check(kind, Arrays.copyOf(bytes, length));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void damagedBytes(Kind kind) {
    int read = 0;
    for (int round = 0; round < 20 * ROUNDS; round++) {
      RandomGenerator random = Seed.random("damage", kind.name(), round);
      byte[] bytes = kind.write(kind.random(random), random.nextInt(kind.highest + 1));
      read += check(kind, Damage.to(bytes, random)) ? 1 : 0;
    }
    assertThat(read).isBetween(1, 20 * ROUNDS - 1);
  }

  /** Whether Kafka reads the bytes, after checking that both agree. */
  private static boolean check(Kind kind, byte[] bytes) {
    String what = hex(bytes) + ", " + Seed.replay();
    Message before = kind.readOrNull(bytes);
    byte[] renamed = kind.rename(bytes, ConsumerBytesTest::some);
    if (before == null) {
      assertThat(renamed).as(what).isNull();
    } else {
      assertThat(kind.readOrNull(Objects.requireNonNull(renamed)))
          .as(what)
          .isEqualTo(kind.renamed(before, ConsumerBytesTest::some));
    }
    Allocation.check(what, bytes.length, () -> kind.rename(bytes, topic -> topic));
    return before != null;
  }

  /** Kafka takes any negative length for null; the walker and the tree reader take only -1. */
  @Test
  void anyNegativeLengthIsNull() {
    byte[] bytes = HexFormat.of().parseHex("0000" + "00000001" + "000161" + "fffffffb");
    assertThat(hex(Kind.SUBSCRIPTION.rename(bytes, topic -> "bc")))
        .isEqualTo("0000" + "00000001" + "00026263" + "fffffffb");
    check(Kind.SUBSCRIPTION, bytes);
  }

  @ParameterizedTest
  @EnumSource
  void bytesOfOtherProtocols(Kind kind) {
    for (String hex :
        List.of("", "00", "ffff00000000ffffffff", "0000", "00007fffffff", "0000ffffffff")) {
      assertThat(kind.rename(HexFormat.of().parseHex(hex), ConsumerBytesTest::prefixed))
          .as(hex)
          .isNull();
      check(kind, HexFormat.of().parseHex(hex));
    }
  }

  /** A count of 500 million elements costs nothing. */
  @ParameterizedTest
  @EnumSource
  void falseCounts(Kind kind) {
    byte[] bytes = new byte[64];
    ByteBuffer.wrap(bytes).putShort(0, (short) 1).putInt(2, 500_000_000);
    assertThat(kind.rename(bytes, ConsumerBytesTest::prefixed)).isNull();
    Allocation.check("a false count", 64, () -> kind.rename(bytes, ConsumerBytesTest::prefixed));
  }

  @Test
  void namesThatAreTooLongAreLeftOut() {
    byte[] bytes =
        Kind.SUBSCRIPTION.write(new ConsumerProtocolSubscription().setTopics(List.of("a", "b")), 3);
    byte[] renamed =
        Kind.SUBSCRIPTION.rename(bytes, topic -> topic.equals("a") ? "x".repeat(40_000) : topic);
    assertThat(hex(renamed))
        .isEqualTo(
            hex(
                Kind.SUBSCRIPTION.write(
                    new ConsumerProtocolSubscription().setTopics(List.of("b")), 3)));
  }

  private static String topic(RandomGenerator random) {
    return RandomTree.text(random, random.nextInt(12));
  }

  private static List<Integer> partitions(RandomGenerator random) {
    return random.ints(random.nextInt(5)).boxed().toList();
  }

  private static @Nullable ByteBuffer userData(RandomGenerator random) {
    return random.nextInt(3) == 0
        ? null
        : ByteBuffer.wrap(RandomTree.bytes(random, random.nextInt(30)));
  }

  private static String hex(byte @Nullable [] bytes) {
    return bytes == null ? "null" : HexFormat.of().formatHex(bytes);
  }
}
