package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Canaries;
import io.gatehouse.gateway.fixture.Chunks;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.wire.tree.Struct;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Leader hints at the end of large responses (KIP-951, KIP-932). Where they are tagged fields the
 * response streams and the hints are made unreadable in place; otherwise they are replaced.
 */
class LargeCanaryTest {

  private static final int SHARE_FETCH = 78;
  private static final int SHARE_ACKNOWLEDGE = 79;
  private static final int FETCH_SNAPSHOT = 59;
  private static final int NEUTRAL_TAG = 127;

  /** The end of the response, including all hints, is sent byte by byte. */
  private static final int TAIL = 400;

  private static final Map<HostPort, HostPort> BROKERS = Canaries.brokers();

  private static final HostPort BROKER = BROKERS.keySet().iterator().next();
  private static final String MESSAGE = Canaries.message(BROKER);

  private static Rig rig;

  @BeforeAll
  static void start() throws Exception {
    rig = new Setup().external(BROKERS).start();
  }

  @AfterAll
  static void stop() throws Exception {
    rig.close();
  }

  static Stream<Arguments> responses() {
    return Stream.of(
            of(Frames.PRODUCE, 10, 60_000, 70_000, 500_000),
            of(Frames.PRODUCE, 13, 60_000, 70_000),
            of(Frames.FETCH, 16, 60_000, 65_500, 70_000, 3_000_000),
            of(Frames.FETCH, 18, 64_000, 66_000, 40_000_000),
            of(FETCH_SNAPSHOT, 1, 60_000, 70_000),
            of(SHARE_FETCH, 1, 60_000, 65_500, 70_000, 3_000_000),
            of(SHARE_FETCH, 2, 60_000, 300_000, 40_000_000),
            of(SHARE_ACKNOWLEDGE, 2, 60_000, 300_000))
        .flatMap(each -> each);
  }

  private static Stream<Arguments> of(int apiKey, int version, Integer... sizes) {
    return Stream.of(sizes).map(bytes -> Arguments.of(apiKey, version, bytes));
  }

  @ParameterizedTest
  @MethodSource("responses")
  void leaderHintsAtTheEndDiscloseNoBrokerAddress(int apiKey, int version, int bytes)
      throws Exception {
    RandomGenerator random = Seed.random(apiKey, version, bytes);
    Struct original = Frames.newResponse(apiKey, version);
    makeLarge(original, apiKey, bytes, random);
    for (HostPort broker : BROKERS.keySet()) {
      Struct hint = original.addStruct("NodeEndpoints").set("NodeId", broker.port());
      Canaries.setAddress(hint, broker);
    }
    byte[] sent = Frames.response(apiKey, version, 9, original);
    Rig.Pair pair = rig.open();
    pair.client()
        .sendFrame(
            apiKey == Frames.PRODUCE
                ? Frames.produce(version, 9, 1, 10, random)
                : Frames.request(apiKey, version, 9, new byte[3]));
    var _ = pair.link().readFrame(Rig.LIMIT);
    var sending =
        Task.start(() -> {
          byte[] all = Frames.framed(sent);
          int tail = all.length - TAIL;
          Chunks.send(pair.link(), Arrays.copyOf(all, tail), random);
          Chunks.trickle(pair.link(), Arrays.copyOfRange(all, tail, all.length));
        });

    byte[] came = pair.client().readFrame(Rig.LIMIT);

    sending.join();
    assertThat(contains(came, Canaries.HOST_PREFIX)).as("a broker's name").isFalse();
    Struct read = Frames.readResponse(apiKey, version, came);
    if (read.unknownTags().containsKey(NEUTRAL_TAG)) {
      assertThat(came).as("the length, which was announced").hasSameSizeAs(sent);
      assertThat(read.unknownTags().get(NEUTRAL_TAG)).containsOnly(0);
      read.removeUnknownTag(NEUTRAL_TAG);
      original.set("NodeEndpoints", List.of());
      assertThat(sent.length).as("size of a response without its hints").isGreaterThan(64 << 10);
    } else {
      List<Struct> hints = original.getStructs("NodeEndpoints");
      for (int i = 0; i < hints.size(); i++) {
        HostPort address = Canaries.address(read.getStructs("NodeEndpoints").get(i));
        assertThat(address).isIn(instead(apiKey, Canaries.address(hints.get(i))));
        Canaries.setAddress(hints.get(i), address);
      }
    }
    boolean streamed = sent.length > 64 << 10;
    List<Struct> before = Canaries.structs(original).toList();
    List<Struct> after = Canaries.structs(read).toList();
    assertThat(after).hasSameSizeAs(before);
    for (int i = 0; i < before.size(); i++) {
      settleMessages(before.get(i), after.get(i), streamed);
    }
    assertThat(read).as(Seed.replay()).isEqualTo(original);
    pair.client().close();
  }

  /**
   * In a streamed response, error messages with a broker address are blanked, and some truncated
   * ones.
   */
  private static void settleMessages(Struct before, Struct after, boolean streamed) {
    Canaries.messages(before)
        .filter(field -> !before.isNull(field))
        .forEach(field -> {
          String sent = before.getString(field);
          if (streamed && after.getString(field).equals(" ".repeat(sent.length()))) {
            before.set(field, after.get(field));
          } else if (sent.equals(MESSAGE)) {
            assertThat(streamed).isFalse();
            before.set(field, Canaries.message(Objects.requireNonNull(BROKERS.get(BROKER))));
          }
        });
  }

  private static Set<HostPort> instead(int apiKey, HostPort broker) {
    Set<HostPort> instead = new HashSet<>();
    instead.add(BROKERS.getOrDefault(broker, rig.address()));
    if (apiKey == FETCH_SNAPSHOT) {
      instead.add(
          rig.address()); // its hints are controllers, whose address may be that of any broker
    }
    return instead;
  }

  private static void makeLarge(Struct response, int apiKey, int bytes, RandomGenerator random) {
    switch (apiKey) {
      case Frames.PRODUCE -> {
        Struct topic = response.addStruct("Responses");
        for (int i = 0; i < bytes / 100; i++) {
          topic
              .addStruct("PartitionResponses")
              .set("ErrorMessage", i % 9 == 0 ? MESSAGE : "x".repeat(64))
              .set("Index", i);
        }
      }
      case Frames.FETCH, SHARE_FETCH -> {
        Struct topic = response.addStruct("Responses");
        for (int i = 0; i < 10; i++) {
          topic
              .addStruct("Partitions")
              .set("PartitionIndex", i)
              .set("Records", Seed.bytes(random, bytes / 10));
        }
      }
      case SHARE_ACKNOWLEDGE -> {
        Struct topic = response.addStruct("Responses");
        for (int i = 0; i < bytes / 100; i++) {
          topic.addStruct("Partitions").set("ErrorMessage", "x".repeat(80)).set("ErrorCode", 3);
        }
      }
      default -> {
        Struct partition = response.addStruct("Topics").addStruct("Partitions");
        partition.set("UnalignedRecords", Seed.bytes(random, bytes));
      }
    }
  }

  private static boolean contains(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.ISO_8859_1).contains(text);
  }
}
