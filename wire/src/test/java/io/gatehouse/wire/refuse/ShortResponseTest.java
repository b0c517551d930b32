package io.gatehouse.wire.refuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.Messages;
import io.gatehouse.wire.Seed;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.RandomTree;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Shortens responses of every API that has no top-level error, in pieces of any size. */
class ShortResponseTest {

  private static final int METADATA = 3;
  private static final int FIND_COORDINATOR = 10;
  private static final int CODE = 300;
  private static final int ROUNDS = 40;
  private static final int LENGTH_AND_CORRELATION_ID = 8;

  static Stream<String> responses() {
    return Messages.calls().filter(name -> name.endsWith("Response"));
  }

  @ParameterizedTest
  @MethodSource("responses")
  void eachElementHasTheErrorAndNothingElseChanges(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          for (int round = 0; round < ROUNDS; round++) {
            compare(layout, Seed.random("short", name, layout.version(), round));
          }
        });
  }

  private static void compare(Layout layout, RandomGenerator random) {
    Struct response = RandomTree.of(layout, random);
    Struct expected = TreeReader.read(layout, bytes(response));
    ByteBuf whole = bytes(response);
    ByteBuf frame = shorten(layout, whole, random);
    assertThat(frame == null)
        .as("%s v%d", layout.message().name(), layout.version())
        .isEqualTo(!isShortened(layout));
    if (frame != null) {
      boolean hosts = layout.message().apiKey() == FIND_COORDINATOR;
      fail(expected, hosts);
      assertThat(frame.readInt()).isEqualTo(frame.readableBytes());
      assertThat(frame.readInt()).isEqualTo(77);
      if (Headers.responseVersion(layout.message().apiKey(), layout.version()) == 1) {
        assertThat(frame.readByte()).isZero();
      }
      assertThat(TreeReader.read(layout, frame)).isEqualTo(expected);
      frame.release();
    }
  }

  private static boolean isShortened(Layout layout) {
    return !hasError(layout.root().fields())
        && layout.root().fields().stream().anyMatch(ShortResponseTest::containsError);
  }

  private static boolean containsError(FieldLayout field) {
    return field.type() == FieldType.STRUCT
        && (hasError(field.structOrThrow().fields())
            || field.structOrThrow().fields().stream().anyMatch(ShortResponseTest::containsError));
  }

  private static boolean hasError(List<FieldLayout> fields) {
    return fields.stream().anyMatch(field -> field.kind() == FieldKind.ERROR_CODE);
  }

  private static void fail(Struct struct, boolean hosts) {
    boolean here = hasError(struct.layout().fields());
    for (FieldLayout field : struct.layout().tagged()) {
      if (field.kind() == FieldKind.ERROR_CODE && struct.getInt(field.name()) != 0) {
        struct.set(field.name(), CODE);
      }
    }
    for (FieldLayout field : struct.layout().fields()) {
      if (field.kind() == FieldKind.ERROR_CODE) {
        struct.set(field.name(), CODE);
      } else if (hosts && here && field.kind() == FieldKind.HOST) {
        struct.set(field.name(), "");
      } else if (field.array() && !struct.isNull(field.name())) {
        if (here) {
          struct.set(field.name(), List.of());
        } else if (field.type() == FieldType.STRUCT) {
          struct.getStructs(field.name()).forEach(element -> fail(element, hosts));
        }
      } else if (field.type() == FieldType.STRUCT && !struct.isNull(field.name())) {
        fail(struct.getStruct(field.name()), hosts);
      }
    }
  }

  private static ByteBuf bytes(Struct response) {
    ByteBuf out = Unpooled.buffer();
    TreeWriter.write(response, out);
    return out;
  }

  private static @Nullable ByteBuf shorten(Layout layout, ByteBuf body, RandomGenerator random) {
    int apiKey = layout.message().apiKey();
    boolean tagged = Headers.responseVersion(apiKey, layout.version()) == 1;
    ByteBuf rest =
        tagged ? Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(new byte[1]), body) : body;
    int bytes = LENGTH_AND_CORRELATION_ID + rest.readableBytes();
    try (ShortResponse shorter =
        ShortResponse.of(
            apiKey, layout.version(), 77, bytes, CODE, UnpooledByteBufAllocator.DEFAULT)) {
      if (shorter == null) {
        return null;
      }
      while (rest.isReadable()) {
        int most = random.nextBoolean() ? 4 : 200;
        ByteBuf piece = rest.readSlice(Math.min(rest.readableBytes(), 1 + random.nextInt(most)));
        assertThat(shorter.add(piece, piece.readerIndex(), piece.writerIndex())).isTrue();
      }
      return shorter.frame();
    }
  }

  /** Ten thousand topics of a hundred partitions. */
  @Test
  void metadataBecomesShort() {
    Layout layout = Messages.schema("MetadataResponse").layout(12);
    Struct response = Struct.of(layout);
    response.addStruct("Brokers").set("NodeId", 1).set("Host", "one").set("Port", 9092);
    for (int i = 0; i < 10_000; i++) {
      Struct topic = response.addStruct("Topics").set("Name", "orders-" + i);
      for (int partition = 0; partition < 100; partition++) {
        topic.addStruct("Partitions").set("ReplicaNodes", List.of(1, 2, 3));
      }
    }
    RandomGenerator random = Seed.random("large");
    ByteBuf frame = Objects.requireNonNull(shorten(layout, bytes(response), random));
    assertThat(frame.readableBytes()).isLessThan(500_000);
    Struct shorter = TreeReader.read(layout, frame.skipBytes(9));
    assertThat(shorter.getStructs("Brokers").getFirst().getString("Host")).isEqualTo("one");
    assertThat(shorter.getStructs("Topics"))
        .hasSize(10_000)
        .allMatch(topic -> topic.getInt("ErrorCode") == CODE);
    frame.release();
  }

  @Test
  void oneThatStaysTooLongIsGivenUp() {
    ByteBuf piece = Unpooled.buffer();
    Layout layout = Messages.schema("MetadataResponse").layout(12);
    Struct response = Struct.of(layout);
    for (int i = 0; i < 50; i++) {
      response.addStruct("Brokers").set("Host", "h").set("Port", 1).set("Rack", "r".repeat(30_000));
    }
    piece.writeByte(0);
    TreeWriter.write(response, piece);
    int bytes = LENGTH_AND_CORRELATION_ID + piece.readableBytes();
    try (ShortResponse shorter =
        ShortResponse.of(METADATA, 12, 77, bytes, CODE, UnpooledByteBufAllocator.DEFAULT)) {
      assertThat(Objects.requireNonNull(shorter).add(piece, 0, piece.writerIndex())).isFalse();
    }
  }
}
