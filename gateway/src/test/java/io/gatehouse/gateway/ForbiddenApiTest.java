package io.gatehouse.gateway;

import static io.gatehouse.gateway.fixture.Frames.CREATE_TOPICS;
import static io.gatehouse.gateway.fixture.Frames.DELETE_TOPICS;
import static io.gatehouse.gateway.fixture.Frames.PRODUCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Chunks;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The gateway itself answers forbidden requests with an error, in the order of requests. */
class ForbiddenApiTest {

  private static final int DESCRIBE_GROUPS = 15;
  private static final int CLUSTER_AUTHORIZATION_FAILED = 31;

  static IntStream createTopicsVersions() {
    var valid = Objects.requireNonNull(Schemas.get().request(CREATE_TOPICS)).valid();
    return IntStream.rangeClosed(valid.lowest(), valid.highest());
  }

  @ParameterizedTest
  @MethodSource("createTopicsVersions")
  void everyTopicOfACreateTopicsRequestIsRefused(int version) throws Exception {
    try (Rig rig = new Setup().forbid(CREATE_TOPICS).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(createTopics(version, 5));

      Struct response = answer(pair, CREATE_TOPICS, version, 5);

      assertThat(response.getStructs("Topics"))
          .extracting(topic -> topic.getString("Name"), topic -> topic.getInt("ErrorCode"))
          .containsExactlyInAnyOrder(
              org.assertj.core.groups.Tuple.tuple("one", CLUSTER_AUTHORIZATION_FAILED),
              org.assertj.core.groups.Tuple.tuple("two", CLUSTER_AUTHORIZATION_FAILED));
      pair.link().expectSilence(Duration.ofMillis(20));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 6})
  void everyTopicOfADeleteTopicsRequestIsRefused(int version) throws Exception {
    try (Rig rig = new Setup().forbid(DELETE_TOPICS).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(deleteTopics(version, 5));

      Struct response = answer(pair, DELETE_TOPICS, version, 5);

      assertThat(response.getStructs("Responses"))
          .extracting(each -> each.getInt("ErrorCode"))
          .containsExactly(CLUSTER_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 8, 9, 12, 13})
  void everyPartitionOfAProduceRequestIsRefused(int version) throws Exception {
    RandomGenerator random = Seed.random("refused", version);
    try (Rig rig = new Setup().forbid(PRODUCE).start()) {
      Rig.Pair pair = rig.open();
      Chunks.send(
          pair.client(), Frames.framed(Frames.produce(version, 5, -1, 300_000, random)), random);

      Struct response = answer(pair, PRODUCE, version, 5);

      Struct topic = response.getStructs("Responses").getFirst();
      assertThat(topic.getStructs("PartitionResponses"))
          .extracting(each -> each.getInt("ErrorCode"))
          .containsExactly(CLUSTER_AUTHORIZATION_FAILED);
      pair.link().expectSilence(Duration.ofMillis(20));
    }
  }

  /**
   * Kafka's own message class takes more than a minute for such a request, which would block a
   * loop.
   */
  @Test
  void manyEqualTopicsDoNotBlockTheLoop() throws Exception {
    int topics = 30_000;
    try (Rig rig = new Setup().eventLoops(1).forbid(DELETE_TOPICS).start()) {
      Rig.Pair pair = rig.open();
      Struct body =
          Frames.newRequest(DELETE_TOPICS, 5).set("TopicNames", Collections.nCopies(topics, ""));
      pair.client().sendFrame(Frames.request(DELETE_TOPICS, 5, 5, body));

      assertThat(answer(pair, DELETE_TOPICS, 5, 5).getStructs("Responses")).hasSize(topics);
    }
  }

  @Test
  void aRequestWhoseErrorResponseWouldBeTooLargeClosesTheConnection() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = new Setup().forbid(DESCRIBE_GROUPS).start()) {
      Rig.Pair pair = rig.open();
      Struct body =
          Frames.newRequest(DESCRIBE_GROUPS, 5).set("Groups", Collections.nCopies(1_000_000, ""));
      pair.client().sendFrame(Frames.request(DESCRIBE_GROUPS, 5, 5, body));

      rig.awaitEnds(CloseReason.REFUSED_WITHOUT_ANSWER, 1);
      log.await("more than one answer may tell");
      pair.client().expectClosed(Duration.ofSeconds(1));
    }
  }

  @Test
  void aForbiddenRequestWithoutAResponseClosesTheConnection() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = new Setup().forbid(PRODUCE).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(Frames.produce(11, 5, 0, 100, Seed.random("no answer")));

      pair.client().expectClosed(Duration.ofSeconds(1));
      log.await("forbidden");
    }
  }

  @Test
  void aForbiddenRequestOfExcessiveSizeClosesTheConnection() throws Exception {
    try (Rig rig = new Setup().forbid(CREATE_TOPICS).start()) {
      Rig.Pair pair = rig.open();
      byte[] request = Frames.request(CREATE_TOPICS, 7, 5, new byte[5 << 20]);
      var sending =
          Task.start(() -> {
            try {
              pair.client().sendFrame(request);
            } catch (java.io.IOException e) {
              // the connection may be closed while the client sends
            }
          });

      rig.awaitEnds(CloseReason.FRAME_TOO_LARGE, 1);
      sending.join();
      pair.link().expectClosed(Duration.ofSeconds(1));
    }
  }

  @Test
  void errorResponsesOfTheGatewayKeepTheOrderOfRequests() throws Exception {
    RandomGenerator random = Seed.random("order");
    int count = 200;
    try (Rig rig = new Setup().forbid(CREATE_TOPICS, DELETE_TOPICS).inFlight(20).start()) {
      Rig.Pair pair = rig.open();
      byte[][] requests = new byte[count][];
      TreeMap<Integer, byte[]> brokersAnswers = new TreeMap<>();
      for (int i = 0; i < count; i++) {
        requests[i] =
            switch (random.nextInt(4)) {
              case 0 -> createTopics(7, i);
              case 1 -> deleteTopics(6, i);
              default -> {
                brokersAnswers.put(
                    i, Frames.response(i, Seed.bytes(random, random.nextInt(100_000))));
                yield Frames.request(Frames.UNKNOWN, 0, i, Seed.bytes(random, 50));
              }
            };
      }
      var sending = Task.start(() -> Chunks.send(pair.client(), Frames.framed(requests), random));
      var serving =
          Task.start(() -> {
            RandomGenerator pieces = Seed.random("order of the broker");
            for (Map.Entry<Integer, byte[]> each : brokersAnswers.entrySet()) {
              assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(requests[each.getKey()]);
              Chunks.send(pair.link(), Frames.framed(each.getValue()), pieces);
            }
          });
      for (int i = 0; i < count; i++) {
        byte[] answer = pair.client().readFrame(Rig.LIMIT);
        assertThat(Frames.responseCorrelationId(answer)).as(Seed.replay()).isEqualTo(i);
        if (brokersAnswers.containsKey(i)) {
          assertThat(answer).isEqualTo(brokersAnswers.get(i));
        }
      }
      sending.join();
      serving.join();
      assertThat(rig.gateway().metrics().inFlight()).isZero();
    }
  }

  @Test
  void aForbiddenRequestIsRefusedOnAConnectionWithoutOtherRequests() throws Exception {
    try (Rig rig = new Setup().forbid(CREATE_TOPICS).start()) {
      var client = rig.connect();
      client.sendFrame(createTopics(7, 5));

      byte[] answer = client.readFrame(Rig.LIMIT);

      assertThat(Frames.responseCorrelationId(answer)).isEqualTo(5);
    }
  }

  @Test
  void aMalformedForbiddenRequestClosesTheConnection() throws Exception {
    try (Rig rig = new Setup().forbid(CREATE_TOPICS).start()) {
      Rig.Pair pair = rig.open();
      byte[] noise = new byte[40];
      java.util.Arrays.fill(noise, (byte) 0x7f);
      pair.client().sendFrame(Frames.request(CREATE_TOPICS, 2, 5, noise));

      pair.client().expectClosed(Duration.ofSeconds(1));
      pair.link().expectClosed(Duration.ofSeconds(1));
    }
  }

  private static Struct answer(Rig.Pair pair, int apiKey, int version, int correlationId)
      throws java.io.IOException {
    byte[] answer = pair.client().readFrame(Rig.LIMIT);
    assertThat(Frames.responseCorrelationId(answer)).isEqualTo(correlationId);
    return Frames.readResponse(apiKey, version, answer);
  }

  private static byte[] createTopics(int version, int correlationId) {
    Struct body = Frames.newRequest(CREATE_TOPICS, version).set("timeoutMs", 1000);
    for (String name : List.of("one", "two")) {
      body.addStruct("Topics")
          .set("Name", name)
          .set("NumPartitions", 1)
          .set("ReplicationFactor", (short) 1);
    }
    return Frames.request(CREATE_TOPICS, version, correlationId, body);
  }

  private static byte[] deleteTopics(int version, int correlationId) {
    Struct body = Frames.newRequest(DELETE_TOPICS, version).set("TimeoutMs", 1000);
    if (version >= 6) {
      body.addStruct("Topics").set("Name", "one");
      body.addStruct("Topics").set("Name", "two");
    } else {
      body.set("TopicNames", List.of("one", "two"));
    }
    return Frames.request(DELETE_TOPICS, version, correlationId, body);
  }

  /** Refused requests are not announced to a broker, so they are not charged to its budget. */
  @Test
  void refusedRequestsAreNotChargedToTheBudgetOfIncompleteRequests() throws Exception {
    Struct body = Frames.newRequest(CREATE_TOPICS, 5);
    Struct topic = body.addStruct("Topics").set("Name", "t");
    for (int i = 0; i < 10; i++) {
      topic.addStruct("Configs").set("Name", "n").set("Value", "x".repeat(30_000));
    }
    try (Rig rig =
        new Setup().forbid(CREATE_TOPICS).frameBytes(1 << 20).buffered(8 << 20, 1 << 20).start()) {
      Rig.Pair pair = rig.open();
      for (int i = 1; i <= 5; i++) {
        pair.client().sendFrame(Frames.request(CREATE_TOPICS, 5, i, body));
        assertThat(pair.client().readFrame(Rig.LIMIT)).hasSizeLessThan(500);
      }
      byte[] large = Frames.request(Frames.UNKNOWN, 0, 9, new byte[400_000]);
      pair.client().sendFrame(large);
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(large);
    }
  }
}
