package io.gatehouse.wire.walk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.Messages;
import io.gatehouse.wire.Seed;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.tree.Oracle;
import io.gatehouse.wire.tree.RandomTree;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.walk.Drive.Cut;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Address hints at the end of a message are overwritten in place, and nothing else changes. */
class NeutraliseTest {

  private static final String CANARY = "canary.internal.example";
  private static final int NEUTRAL_TAG = 127;
  private static final int ROUNDS = 12;

  /** Fields of interest while neutralising. */
  private static final List<Set<FieldKind>> INTERESTS =
      List.of(
          EnumSet.of(FieldKind.NODE_ID, FieldKind.HOST, FieldKind.PORT, FieldKind.ERROR_CODE),
          EnumSet.of(FieldKind.TOPIC_NAME, FieldKind.ERROR_CODE),
          EnumSet.noneOf(FieldKind.class));

  /** Hints that clients can do without: new leaders (KIP-951), and those among voters. */
  private static final List<String> HINTING =
      List.of(
          "BeginQuorumEpochResponse",
          "EndQuorumEpochResponse",
          "FetchResponse",
          "FetchSnapshotResponse",
          "ProduceResponse",
          "ShareAcknowledgeResponse",
          "ShareFetchResponse",
          "UpdateRaftVoterResponse",
          "VoteResponse");

  static List<String> hinting() {
    return HINTING;
  }

  private static boolean isStreamed(Layout layout) {
    return Program.compile(layout, EnumSet.allOf(FieldKind.class)).hasAddressesInTailOnly();
  }

  /** A message whose purpose is addresses must not be neutralised, however long it is. */
  @Test
  void onlyHintsAreNeutralised() {
    assertThat(
            Messages.calls()
                .filter(name -> name.endsWith("Response"))
                .filter(name -> Messages.layouts(name).anyMatch(NeutraliseTest::isStreamed)))
        .containsExactlyElementsOf(HINTING);
  }

  @ParameterizedTest
  @MethodSource("hinting")
  void onlyAddressesAreOverwritten(String name) {
    Messages.layouts(name)
        .filter(NeutraliseTest::isStreamed)
        .forEach(layout -> {
          for (int round = 0; round < ROUNDS; round++) {
            RandomGenerator random = Seed.random("wipe", name, layout.version(), round);
            Struct tree = RandomTree.of(layout, random);
            FieldLayout hints = hints(layout);
            plant(tree, hints);
            for (Set<FieldKind> interest : INTERESTS) {
              check(layout, tree, Program.compile(layout, interest), random);
            }
          }
        });
  }

  private static void check(Layout layout, Struct tree, Program program, RandomGenerator random) {
    byte[] message = WalkerTest.bytes(tree);
    String what = program + ", " + Seed.replay();
    for (Cut cut : List.of(Cut.whole(), Cut.bytewise(), Cut.random(random, 50))) {
      byte[] wiped = message.clone();
      Walker walker = new Walker();
      walker.startNeutralising(program, 4, 4 + message.length);
      Drive.walk(
          walker,
          wiped,
          cut,
          w -> assertThat(Found.of(w, type(w)).value()).asString().doesNotContain(CANARY));

      assertThat(new String(wiped, StandardCharsets.ISO_8859_1)).as(what).doesNotContain(CANARY);
      Struct read = TreeReader.readWhole(layout, Unpooled.wrappedBuffer(wiped));
      assertThat(read.unknownTags()).as(what).containsKey(NEUTRAL_TAG);
      byte[] zeros = Objects.requireNonNull(read.unknownTags().get(NEUTRAL_TAG));
      assertThat(zeros).as(what).containsOnly(0);
      assertThat(read).as(what).isEqualTo(withoutHints(layout, message, zeros));
      Oracle.assertSame(Oracle.read(layout, wiped), read);
    }
  }

  /** The message with an unknown tag of zeros in place of the hints. */
  private static Struct withoutHints(Layout layout, byte[] message, byte[] zeros) {
    Struct expected = TreeReader.readWhole(layout, Unpooled.wrappedBuffer(message));
    FieldLayout hints = hints(layout);
    expected.set(hints.name(), Struct.of(layout).get(hints.name()));
    if (hints.tag() < 0) {
      // The section of tags after the array is part of what was overwritten.
      List.copyOf(expected.unknownTags().keySet()).forEach(expected::removeUnknownTag);
      layout
          .root()
          .tagged()
          .forEach(tag -> expected.set(tag.name(), Struct.of(layout).get(tag.name())));
    }
    expected.setUnknownTag(NEUTRAL_TAG, zeros);
    return expected;
  }

  /** The field that holds the addresses: a tagged one, or the last plain one. */
  private static FieldLayout hints(Layout layout) {
    List<FieldLayout> holding =
        RandomTree.fields(layout.root()).filter(NeutraliseTest::holdsHost).toList();
    assertThat(holding).as("fields that hold addresses").hasSize(1);
    return holding.getFirst();
  }

  /** Puts the canary into the hints, so that they are not at their default. */
  private static void plant(Struct tree, FieldLayout hints) {
    Struct endpoint = hints.array() ? tree.addStruct(hints.name()) : tree.makeStruct(hints.name());
    endpoint.set("Host", CANARY);
  }

  private static FieldType type(Walker walker) {
    return switch (walker.kind()) {
      case HOST, TOPIC_NAME -> FieldType.STRING;
      default -> FieldType.INT64;
    };
  }

  private static boolean holdsHost(FieldLayout field) {
    return field.kind().name().endsWith("HOST")
        || (field.struct() != null
            && RandomTree.fields(field.structOrThrow()).anyMatch(NeutraliseTest::holdsHost));
  }
}
