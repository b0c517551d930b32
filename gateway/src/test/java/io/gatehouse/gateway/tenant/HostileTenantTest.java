package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Canaries;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.tree.Struct;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of a tenant that would cost the gateway or others much, or reach what is others'. */
class HostileTenantTest {

  private static final Tenant OWN = Tenancy.ALICES;
  private static final int JOIN_GROUP = 11;
  private static final int WITH_IDS = 12;

  private Rig rig;

  @BeforeEach
  void start() throws Exception {
    rig =
        new Setup()
            .refuseUnknown()
            .external(Canaries.brokers())
            .tenants((_, _) -> new Place.Within(OWN))
            .start();
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /** A client that has exchanged a first request with its broker. */
  private Rig.Pair open() throws IOException {
    Struct none = Frames.newRequest(Frames.METADATA, 4).set("Topics", List.of());
    Rig.Pair pair = rig.begin(Frames.request(Frames.METADATA, 4, 1, none));
    var _ = pair.link().readFrame(Rig.LIMIT);
    pair.link()
        .sendFrame(Frames.response(Frames.METADATA, 4, 1, Frames.newResponse(Frames.METADATA, 4)));
    var _ = pair.client().readFrame(Rig.LIMIT);
    return pair;
  }

  /** Asserts that the session ends and its broker has received nothing more. */
  private void expectEnd(Rig.Pair pair, CloseReason reason) throws IOException {
    var _ = pair.client().expectClosed(Rig.LIMIT);
    var _ = pair.link().expectClosed(Rig.LIMIT);
    rig.awaitEnds(reason, 1);
  }

  /** The request could be collected up to the largest size, without a reservation. */
  @Test
  void aLargeTaggedFieldBeforeTheTopicsOfARequestToProduce() throws Exception {
    Rig.Pair pair = open();
    ByteBuffer request = ByteBuffer.allocate(4 + 14 + 200_000);
    request.putInt(20_000_000); // most of it does not come
    request.putShort((short) Frames.PRODUCE).putShort((short) 9).putInt(2).putShort((short) -1);
    request.put((byte) 1).put((byte) 99); // one tagged field
    request.put((byte) 0xc0).put((byte) 0x96).put((byte) 0xb1).put((byte) 0x02); // of 5 MB
    pair.client().send(request.array());
    expectEnd(pair, CloseReason.MALFORMED_REQUEST);
  }

  private static byte[] metadata(int topics, RandomGenerator random) {
    Struct request = Frames.newRequest(Frames.METADATA, WITH_IDS);
    request.set("Topics", List.of());
    for (int i = 0; i < topics; i++) {
      request.addStruct("Topics").set("TopicId", randomId(random)).set("Name", null);
    }
    return Frames.request(Frames.METADATA, WITH_IDS, 2, request);
  }

  /** As Kafka makes them. */
  private static UUID randomId(RandomGenerator random) {
    return new UUID(
        (random.nextLong() & ~0xf000L) | 0x4000L, (random.nextLong() >>> 2) | Long.MIN_VALUE);
  }

  private long lookups() {
    return rig.asked().stream().filter(one -> one.version() == WITH_IDS).count();
  }

  @Test
  void moreUnknownIdsThanARequestMayHave() throws Exception {
    Rig.Pair pair = open();
    pair.client().sendFrame(metadata(20_000, Seed.random("many ids")));
    Struct answer =
        Frames.readResponse(Frames.METADATA, WITH_IDS, pair.client().readFrame(Rig.LIMIT));
    assertThat(answer.getStructs("Topics"))
        .hasSize(20_000)
        .allMatch(topic -> topic.getInt("ErrorCode") == ErrorCode.INVALID_REQUEST.number());
    assertThat(lookups()).isLessThanOrEqualTo(11);
  }

  @ParameterizedTest
  @CsvSource({"50, 1", "9500, 10"})
  void unknownIdsAreAskedForOnce(int topics, int questions) throws Exception {
    Rig.Pair pair = open();
    byte[] request = metadata(topics, Seed.random("ids", topics));
    pair.client().sendFrame(request);
    Struct came =
        TenantNamesTest.readRequest(Frames.METADATA, WITH_IDS, pair.link().readFrame(Rig.LIMIT));
    Struct sent = TenantNamesTest.readRequest(Frames.METADATA, WITH_IDS, request);
    Set<UUID> asked = Set.copyOf(ids(sent));
    assertThat(ids(came)).hasSize(topics).noneMatch(asked::contains);
    assertThat(lookups()).isEqualTo(questions);
  }

  private static List<UUID> ids(Struct request) {
    return request.getStructs("Topics").stream().map(topic -> topic.getUuid("TopicId")).toList();
  }

  @Test
  void aMemberThatSubscribesToAMillionTopics() throws Exception {
    Rig.Pair pair = open();
    int topics = 1_000_000;
    ByteBuffer subscription = ByteBuffer.allocate(2 + 4 + 3 * topics + 4);
    subscription.putShort((short) 0).putInt(topics);
    for (int i = 0; i < topics; i++) {
      subscription.putShort((short) 1).put((byte) 'x');
    }
    subscription.putInt(-1);
    Struct request =
        Frames.newRequest(JOIN_GROUP, 5).set("GroupId", "g").set("ProtocolType", "consumer");
    request.addStruct("Protocols").set("Name", "range").set("Metadata", subscription.array());
    pair.client().sendFrame(Frames.request(JOIN_GROUP, 5, 2, request));
    expectEnd(pair, CloseReason.MALFORMED_REQUEST);
  }

  /** Brokers before 4.0 accept them; the definitions of their fields are incomplete by now. */
  @ParameterizedTest
  @CsvSource({"1, 3", "2, 0", "8, 1", "9, 0", "32, 0"})
  void versionsThatKafkaNoLongerSupports(int apiKey, int version) throws Exception {
    Rig.Pair pair = open();
    pair.client().sendFrame(Frames.request(apiKey, version, 2, new byte[100]));
    expectEnd(pair, CloseReason.UNSUPPORTED_VERSION);
  }

  @Test
  void clientMetricsConcernAllClients() throws Exception {
    Rig.Pair pair = open();
    Struct request = Frames.newRequest(Frames.DESCRIBE_CONFIGS, 4);
    request.addStruct("Resources").set("ResourceType", (byte) 16).set("ResourceName", "m");
    pair.client().sendFrame(Frames.request(Frames.DESCRIBE_CONFIGS, 4, 2, request));
    Struct answer =
        Frames.readResponse(Frames.DESCRIBE_CONFIGS, 4, pair.client().readFrame(Rig.LIMIT));
    assertThat(answer.getStructs("Results"))
        .singleElement()
        .satisfies(result ->
            assertThat(result.getInt("ErrorCode"))
                .isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED.number()));
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 12})
  void aTopicThatIsNamedAsThePrefix(int version) throws Exception {
    Rig.Pair pair = open();
    Struct request = Frames.newRequest(Frames.METADATA, version).set("Topics", null);
    pair.client().sendFrame(Frames.request(Frames.METADATA, version, 2, request));
    var _ = pair.link().readFrame(Rig.LIMIT);
    Struct response = Frames.newResponse(Frames.METADATA, version);
    response.addStruct("Topics").set("Name", OWN.prefix());
    response.addStruct("Topics").set("Name", OWN.toBroker("t"));
    pair.link().sendFrame(Frames.response(Frames.METADATA, version, 2, response));
    Struct came = Frames.readResponse(Frames.METADATA, version, pair.client().readFrame(Rig.LIMIT));
    assertThat(came.getStructs("Topics").stream().map(topic -> topic.getString("Name")))
        .containsExactly("t");
  }
}
