package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Canaries;
import io.gatehouse.gateway.fixture.Chunks;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.tenant.NamedMessages.Naming;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.wire.tree.Struct;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names in messages that stream, because they are large or have many topics. */
class TenantStreamsTest {

  private static final Tenant OWN = Tenancy.ALICES;

  /** One in whose requests and responses some topics have other names than with the prefix. */
  private static final Tenant ALIASED = OWN.with(aliases());

  private static Rig rig;
  private static volatile Tenant tenant = OWN;

  @BeforeAll
  static void start() throws Exception {
    rig =
        new Setup()
            .refuseUnknown()
            .external(Canaries.brokers())
            .tenants((_, _) -> new Place.Within(tenant))
            .start();
  }

  private static Aliases aliases() {
    Map<String, String> topics = new HashMap<>();
    for (int i = 0; i < 3_000; i += 1 + i % 7) {
      topics.put(name(i), "shared-" + "y".repeat(i % 3 * 50) + i);
    }
    return new Aliases(topics);
  }

  @AfterAll
  static void stop() throws Exception {
    rig.close();
  }

  @ParameterizedTest
  @CsvSource({
    "3, 1, 3000000", "8, 200, 400000", "9, 1, 3000000", "9, 126, 100000", "12, 127, 200000",
    "12, 128, 100000", "12, 3000, 600000", "13, 3, 500000", "11, 0, 0", "5, 0, 0"
  })
  void requestsToProduce(int version, int topics, int bytes) throws Exception {
    for (Tenant each : List.of(OWN, ALIASED)) {
      tenant = each;
      checkProduce(version, topics, bytes);
    }
  }

  private static void checkProduce(int version, int topics, int bytes) throws Exception {
    RandomGenerator random = Seed.random("produce", version, topics);
    try (Talk talk = new Talk(rig)) {
      for (boolean transactional : List.of(true, false)) {
        for (int round = 0; round < 2; round++) {
          String what = version + " " + topics + " " + transactional + ", " + Seed.replay();
          Object[] seed = {"produce", version, topics, transactional, round};
          Struct sent =
              produce(version, topics, bytes, seed, transactional, new Naming(name -> name));
          byte[] came = talk.ask(Frames.request(Frames.PRODUCE, version, 9, sent), random, what);
          assertThat(
                  TenantNamesTest.readRequest(Frames.PRODUCE, version, came)
                      .equals(
                          produce(version, topics, bytes, seed, transactional, Naming.of(tenant))))
              .as(what)
              .isTrue();
          talk.answer(
              Frames.response(
                  Frames.PRODUCE, version, 9, Frames.newResponse(Frames.PRODUCE, version)),
              random);
          assertThat(Frames.responseCorrelationId(talk.client().readFrame(Rig.LIMIT))).isEqualTo(9);
        }
      }
    }
  }

  /** A client could make the gateway write many times the bytes that it has sent. */
  @Test
  void aRequestWhoseNamesGrowTooMuchEndsTheSession() throws Exception {
    tenant = OWN.with(new Aliases(Map.of("x", "y".repeat(249))));
    Struct request = Frames.newRequest(Frames.PRODUCE, 9).set("Acks", (short) 1);
    for (int i = 0; i < 100_000; i++) {
      request.addStruct("TopicData").set("Name", "x");
    }
    try (Talk talk = new Talk(rig)) {
      byte[] frame = Frames.framed(Frames.request(Frames.PRODUCE, 9, 9, request));
      var _ = Task.start(() -> sendUntilClosed(talk, frame));
      assertThat(talk.readOrEnd()).isEmpty();
      rig.broker().accept().close();
    }
  }

  private static void sendUntilClosed(Talk talk, byte[] frame) throws Exception {
    try {
      Chunks.send(talk.client(), frame, Seed.random("grows"));
    } catch (java.net.SocketException e) {
      // The gateway has closed the connection.
    }
  }

  private static Struct produce(
      int version, int topics, int bytes, Object[] seed, boolean transactional, Naming naming) {
    RandomGenerator random = Seed.random(seed);
    Struct request =
        Frames.newRequest(Frames.PRODUCE, version)
            .set("TransactionalId", transactional ? naming.others().apply("transactional") : null)
            .set("Acks", (short) 1);
    for (int i = 0; i < topics; i++) {
      Struct topic =
          request.addStruct("TopicData").setIfPresent("Name", naming.topics().apply(name(i)));
      for (int partition = random.nextInt(3); partition >= 0; partition--) {
        topic
            .addStruct("PartitionData")
            .set("Index", partition)
            .set("Records", Seed.bytes(random, bytes / topics));
      }
    }
    return request;
  }

  /** Names whose lengths change their width with the prefix, and others. */
  private static String name(int i) {
    return "topic-" + i + "x".repeat(i % 5 == 0 ? 110 : i % 7);
  }

  @ParameterizedTest
  @CsvSource({
    "6, 2, 100000",
    "4, 1, 3000000",
    "7, 300, 400000",
    "11, 1, 3000000",
    "12, 1, 3000000",
    "12, 126, 100000",
    "12, 128, 100000",
    "12, 2000, 500000",
    "12, 0, 0"
  })
  void responsesToFetches(int version, int topics, int bytes) throws Exception {
    for (Tenant each : List.of(OWN, ALIASED)) {
      tenant = each;
      checkFetch(version, topics, bytes);
    }
  }

  private static void checkFetch(int version, int topics, int bytes) throws Exception {
    RandomGenerator random = Seed.random("fetch", version, topics);
    try (Talk talk = new Talk(rig)) {
      for (int round = 0; round < 2; round++) {
        String what = version + " " + topics + ", " + Seed.replay();
        Struct request = Frames.newRequest(Frames.FETCH, version).setIfPresent("ReplicaId", -1);
        var _ = talk.ask(Frames.request(Frames.FETCH, version, 9, request), random, what);
        Object[] seed = {"fetch", version, topics, round};
        talk.answer(
            Frames.response(
                Frames.FETCH, version, 9, fetched(version, topics, bytes, seed, tenant::toBroker)),
            random);
        byte[] came = talk.client().readFrame(Rig.LIMIT);
        assertThat(
                Frames.readResponse(Frames.FETCH, version, came)
                    .equals(fetched(version, topics, bytes, seed, name -> name)))
            .as(what)
            .isTrue();
      }
    }
  }

  private static Struct fetched(
      int version, int topics, int bytes, Object[] seed, UnaryOperator<String> naming) {
    RandomGenerator random = Seed.random(seed);
    Struct response = Frames.newResponse(Frames.FETCH, version);
    for (int i = 0; i < topics; i++) {
      Struct topic = response.addStruct("Responses").setIfPresent("Topic", naming.apply(name(i)));
      for (int partition = random.nextInt(3); partition >= 0; partition--) {
        topic
            .addStruct("Partitions")
            .set("PartitionIndex", partition)
            .set("Records", Seed.bytes(random, bytes / topics));
      }
    }
    return response;
  }

  /** Nothing of others leaves with a response of which the beginning is on its way. */
  @ParameterizedTest
  @ValueSource(ints = {4, 11, 12})
  void aTopicOfOthersInALargeFetch(int version) throws Exception {
    for (Tenant each : List.of(OWN, ALIASED)) {
      tenant = each;
      checkTopicOfOthers(version);
    }
  }

  private static void checkTopicOfOthers(int version) throws Exception {
    for (int at = 0; at < 3; at++) {
      try (Talk talk = new Talk(rig)) {
        RandomGenerator random = Seed.random("foreign", version, at);
        Struct request = Frames.newRequest(Frames.FETCH, version).setIfPresent("ReplicaId", -1);
        var _ = talk.ask(Frames.request(Frames.FETCH, version, 9, request), random, "fetch");
        Struct response = fetched(version, 3, 600_000, new Object[] {"f", version}, OWN::toBroker);
        Struct foreign = response.getStructs("Responses").get(at);
        foreign.set("Topic", Tenancy.BOBS.toBroker("secret"));
        foreign
            .getStructs("Partitions")
            .forEach(each ->
                each.set(
                    "Records",
                    "tokenofbob".repeat(20_000).getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        talk.answer(Frames.response(Frames.FETCH, version, 9, response), random);
        String received = talk.readAll();
        assertThat(received.contains("tokenofbob")).as("records of Bob").isFalse();
        assertThat(received.contains(Tenancy.BOBS.prefix())).as("a topic of Bob").isFalse();
      }
    }
  }

  /** Brokers do not know whose a fetch session is, and clients may guess its id (KIP-227). */
  @ParameterizedTest
  @ValueSource(ints = {13, 15, 18})
  void aTopicIdOfOthersInAFetch(int version) throws Exception {
    try (Talk talk = new Talk(rig)) {
      RandomGenerator random = Seed.random("guessed", version);
      Struct request = Frames.newRequest(Frames.FETCH, version);
      var _ = talk.ask(Frames.request(Frames.FETCH, version, 9, request), random, "fetch");
      Struct response = Frames.newResponse(Frames.FETCH, version);
      response
          .addStruct("Responses")
          .set("TopicId", java.util.UUID.randomUUID())
          .addStruct("Partitions")
          .set("Records", "tokenofbob".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      talk.answer(Frames.response(Frames.FETCH, version, 9, response), random);

      assertThat(talk.readAll()).doesNotContain("tokenofbob");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 9, 12, 13})
  void tenOfTenThousandTopics(int version) throws Exception {
    Struct response = Frames.newResponse(Frames.METADATA, version);
    Struct expected = Frames.newResponse(Frames.METADATA, version);
    for (int i = 0; i < 10_000; i++) {
      boolean own = i % 1000 == 7;
      Struct topic = addTopic(response, i);
      topic.set("Name", (own ? OWN : Tenancy.BOBS).toBroker("topic-" + i));
      if (own) {
        addTopic(expected, i).set("Name", "topic-" + i);
      }
    }
    try (Talk talk = new Talk(rig)) {
      RandomGenerator random = Seed.random("metadata", version);
      Struct all = Frames.newRequest(Frames.METADATA, version);
      all.set("Topics", version == 0 ? List.of() : null);
      var _ = talk.ask(Frames.request(Frames.METADATA, version, 9, all), random, "all topics");
      talk.answer(Frames.response(Frames.METADATA, version, 9, response), random);
      assertThat(Frames.readResponse(Frames.METADATA, version, talk.client().readFrame(Rig.LIMIT)))
          .isEqualTo(expected);
    }
  }

  private static Struct addTopic(Struct response, int i) {
    Struct topic =
        response
            .addStruct("Topics")
            .setIfPresent("TopicId", new java.util.UUID(0x4000L | (long) i << 16, i));
    for (int partition = 0; partition < 2; partition++) {
      topic.addStruct("Partitions").set("PartitionIndex", partition).set("LeaderId", 1);
    }
    return topic;
  }
}
