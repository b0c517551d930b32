package io.gatehouse.gateway;

import static io.gatehouse.gateway.fixture.Frames.API_VERSIONS;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The API versions that clients are offered. */
class ApiVersionsTest {

  private static final int LEADER_AND_ISR = 4;
  private static final int FIND_COORDINATOR = 10;
  private static final int LIST_OFFSETS = 2;
  private static final int HEARTBEAT = 12;
  private static final int SHARE_FETCH = 78;
  private static final int UNSUPPORTED_VERSION = 35;

  private static int highest(int apiKey) {
    return Objects.requireNonNull(Schemas.get().response(apiKey)).valid().highest();
  }

  /** The ranges a client gets if the broker has these: {lowest, highest} by API key. */
  private static Map<Integer, String> told(Setup setup, int version, Map<Integer, int[]> ranges)
      throws Exception {
    try (Rig rig = setup.start()) {
      Rig.Pair pair =
          rig.begin(
              Frames.request(API_VERSIONS, version, 9, Frames.newRequest(API_VERSIONS, version)));
      var _ = pair.link().readFrame(Rig.LIMIT);
      Struct body = Frames.newResponse(API_VERSIONS, version);
      ranges.forEach((key, range) ->
          body.addStruct("ApiKeys")
              .set("ApiKey", key)
              .set("MinVersion", range[0])
              .set("MaxVersion", range[1]));
      body.setIfPresent("ThrottleTimeMs", 7).setIfPresent("FinalizedFeaturesEpoch", 12L);
      pair.link().sendFrame(Frames.response(API_VERSIONS, version, 9, body));

      Struct came = Frames.readResponse(API_VERSIONS, version, pair.client().readFrame(Rig.LIMIT));

      if (came.has("FinalizedFeaturesEpoch")) {
        assertThat(came.getLong("FinalizedFeaturesEpoch")).isEqualTo(12);
      }
      TreeMap<Integer, String> told = new TreeMap<>();
      for (Struct range : came.getStructs("ApiKeys")) {
        told.put(
            range.getInt("ApiKey"), range.getInt("MinVersion") + "-" + range.getInt("MaxVersion"));
      }
      return told;
    }
  }

  @ParameterizedTest
  @MethodSource("versions")
  void newerVersionsAreLeftOut(int version) throws Exception {
    Map<Integer, String> told =
        told(
            new Setup(),
            version,
            Map.of(
                Frames.PRODUCE,
                new int[] {0, 99},
                Frames.FETCH,
                new int[] {4, 99},
                Frames.METADATA,
                new int[] {0, 99},
                FIND_COORDINATOR,
                new int[] {0, 2},
                SHARE_FETCH,
                new int[] {90, 99},
                LIST_OFFSETS,
                new int[] {1, 99},
                HEARTBEAT,
                new int[] {0, 99},
                Frames.UNKNOWN,
                new int[] {3, 12345}));

    assertThat(told)
        .isEqualTo(
            Map.of(
                // The broker keeps 0 for old librdkafka (KAFKA-18659), so it stays.
                Frames.PRODUCE,
                "0-" + highest(Frames.PRODUCE),
                Frames.FETCH,
                "4-" + highest(Frames.FETCH),
                Frames.METADATA,
                "0-" + highest(Frames.METADATA),
                FIND_COORDINATOR,
                "0-2",
                LIST_OFFSETS,
                "1-" + highest(LIST_OFFSETS),
                HEARTBEAT,
                "0-" + highest(HEARTBEAT),
                Frames.UNKNOWN,
                "3-12345"));
  }

  @Test
  void forbiddenApisAreLeftOut() throws Exception {
    Map<Integer, String> told =
        told(
            new Setup().forbid(Frames.CREATE_TOPICS, Frames.UNKNOWN + 1),
            3,
            Map.of(
                Frames.CREATE_TOPICS,
                new int[] {0, 7},
                Frames.DELETE_TOPICS,
                new int[] {1, 6},
                Frames.UNKNOWN + 1,
                new int[] {0, 1}));

    assertThat(told).isEqualTo(Map.of(Frames.DELETE_TOPICS, "1-6"));
  }

  static IntStream versions() {
    return IntStream.rangeClosed(0, highest(API_VERSIONS));
  }

  static IntStream newerVersions() {
    return IntStream.of(highest(API_VERSIONS) + 1, 99, Short.MAX_VALUE);
  }

  @ParameterizedTest
  @MethodSource("newerVersions")
  void anUnknownVersionIsAnsweredInVersionZeroWithTheBrokersRange(int version) throws Exception {
    for (int brokers : new int[] {2, highest(API_VERSIONS), 99}) {
      told(version, brokers, Math.min(brokers, highest(API_VERSIONS)));
    }
  }

  private static void told(int version, int brokers, int clients) throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      byte[] asked = Frames.request(API_VERSIONS, version, 9, Frames.newRequest(API_VERSIONS, 3));
      asked[3] = (byte) version;
      asked[2] = (byte) (version >> 8);
      pair.client().sendFrame(asked);
      assertThat(pair.link().readFrame(Rig.LIMIT))
          .isEqualTo(Frames.request(API_VERSIONS, 0, 9, Frames.newRequest(API_VERSIONS, 0)));
      Struct body = Frames.newResponse(API_VERSIONS, 0);
      for (int api : new int[] {Frames.METADATA, API_VERSIONS, Frames.UNKNOWN}) {
        body.addStruct("ApiKeys")
            .set("ApiKey", api)
            .set("MinVersion", 0)
            .set("MaxVersion", brokers);
      }
      pair.link().sendFrame(Frames.response(API_VERSIONS, 0, 9, body));

      byte[] answer = pair.client().readFrame(Rig.LIMIT);

      Struct response = Frames.readResponse(API_VERSIONS, 0, answer);
      assertThat(Frames.responseCorrelationId(answer)).isEqualTo(9);
      assertThat(response.getInt("ErrorCode")).isEqualTo(UNSUPPORTED_VERSION);
      assertThat(response.getStructs("ApiKeys"))
          .singleElement()
          .satisfies(range -> {
            assertThat(range.getInt("ApiKey")).isEqualTo(API_VERSIONS);
            assertThat(range.getInt("MinVersion")).isZero();
            assertThat(range.getInt("MaxVersion")).isEqualTo(clients);
          });

      // The client continues with that range on the same connection (KIP-511).
      byte[] next = Frames.request(API_VERSIONS, 0, 10, Frames.newRequest(API_VERSIONS, 0));
      pair.client().sendFrame(next);
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(next);
    }
  }

  @Test
  void anUnknownVersionWithoutAClientIdClosesTheConnection() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(new byte[] {0, API_VERSIONS, 0, 99, 0, 0, 0, 9, 0, 5, 'a'});
      pair.client().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.REFUSED_WITHOUT_ANSWER, 1);
    }
  }

  @Test
  void anOlderBrokerAnswersInVersionZero() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.client()
          .sendFrame(Frames.request(API_VERSIONS, 4, 9, Frames.newRequest(API_VERSIONS, 4)));
      var _ = pair.link().readFrame(Rig.LIMIT);
      Struct body = Frames.newResponse(API_VERSIONS, 0).set("ErrorCode", UNSUPPORTED_VERSION);
      body.addStruct("ApiKeys").set("ApiKey", API_VERSIONS).set("MaxVersion", 2);
      byte[] sent = Frames.response(API_VERSIONS, 0, 9, body);
      pair.link().sendFrame(sent);

      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(sent);
    }
  }

  @Test
  void aVersionThatWasNotOfferedClosesTheConnection() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      int tooNew = highest(Frames.METADATA) + 1;

      pair.client().sendFrame(Frames.request(Frames.METADATA, tooNew, 9, new byte[10]));

      pair.client().expectClosed(Duration.ofSeconds(1));
      pair.link().expectClosed(Duration.ofSeconds(1));
      rig.awaitEnds(CloseReason.UNSUPPORTED_VERSION, 1);
    }
  }

  @Test
  void unknownApisAreOfferedOnlyIfTheyAreRelayed() throws Exception {
    Map<Integer, String> told =
        told(
            new Setup().refuseUnknown(),
            3,
            Map.of(
                HEARTBEAT,
                new int[] {0, 1},
                LEADER_AND_ISR,
                new int[] {0, 7},
                Frames.UNKNOWN,
                new int[] {0, 1},
                10_000,
                new int[] {0, 1}));

    assertThat(told).isEqualTo(Map.of(HEARTBEAT, "0-1"));
  }

  @ParameterizedTest
  @CsvSource({"700, 0", "127, 0", "128, 0", "10000, 1", "32767, 0", "4, 1", "12, 14", "12, 99"})
  void unknownApisAndVersionsCloseTheConnection(int apiKey, int version) throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = new Setup().refuseUnknown().start()) {
      var client = rig.connect();

      client.sendFrame(Frames.request(apiKey, version, 9, new byte[10]));

      client.expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.UNSUPPORTED_VERSION, 1);
      log.await("known");
    }
  }

  /** The gateway marks requests without a header by negative keys internally. */
  @ParameterizedTest
  @ValueSource(ints = {-1, -2, -3, Short.MIN_VALUE})
  void negativeKeysAreRefusedEvenIfUnknownOnesAreRelayed(int apiKey) throws Exception {
    try (Rig rig = new Setup().start()) {
      Rig.Pair pair = rig.open();

      pair.client().sendFrame(Frames.request(apiKey, 0, 9, new byte[10]));

      pair.client().expectClosed(Rig.LIMIT);
      pair.link().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.UNSUPPORTED_VERSION, 1);
    }
  }
}
