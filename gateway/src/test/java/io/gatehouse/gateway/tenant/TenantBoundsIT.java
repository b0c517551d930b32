package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Canaries;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.wire.tree.Struct;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of a tenant for what is not its own, and requests that no client would send. */
class TenantBoundsIT {

  private static final int OFFSET_COMMIT = 8;
  private static final int OFFSET_FETCH = 9;
  private static final int JOIN_GROUP = 11;

  private static final int UNKNOWN_ID = Errors.UNKNOWN_TOPIC_ID.code();

  private static Tenancy tenancy;

  private String topic = "";
  private UUID own = new UUID(0, 0);
  private UUID foreign = new UUID(0, 0);

  @BeforeAll
  static void start() throws Exception {
    tenancy = Tenancy.start();
  }

  @AfterAll
  static void stop() {
    tenancy.close();
  }

  /** Both tenants have a topic of this name; Bob's has a record. */
  @BeforeEach
  void createTopics() throws Exception {
    topic = RealCluster.newName("orders");
    own = create(tenancy.alice(), Tenancy.ALICES);
    foreign = create(tenancy.bob(), Tenancy.BOBS);
    try (KafkaProducer<String, String> producer = tenancy.bob().clients().producer(Map.of())) {
      get(producer.send(new ProducerRecord<>(topic, "tokenofbob")));
    }
  }

  private UUID create(Party party, Tenant tenant) throws Exception {
    try (Admin admin = party.clients().admin()) {
      Uuid id = get(admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).topicId(topic));
      tenancy.brokers().awaitInSync(tenant.toBroker(topic));
      return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }
  }

  @AfterEach
  void nothingLeaked() throws Exception {
    // Alice receives the ids that she has sent.
    tenancy.checkNothingLeaked(canary -> !canary.name().startsWith(Tenancy.TOPIC_ID));
    try (Admin bob = tenancy.bob().clients().admin()) {
      TopicPartition partition = new TopicPartition(topic, 0);
      assertThat(
              get(bob.listOffsets(Map.of(partition, OffsetSpec.latest()))
                      .partitionResult(partition))
                  .offset())
          .as("records of Bob")
          .isEqualTo(1);
    }
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  /** A connection to the broker that leads Bob's partition. */
  private RawTenant atLeader(Tenant of) throws Exception {
    return RawTenant.connect(tenancy.alice(), tenancy.brokers().leader(of.toBroker(topic), 0).id());
  }

  @Test
  void metadataAndDeletionsByAnothersId() throws Exception {
    try (RawTenant alice = RawTenant.connect(tenancy.alice(), 0)) {
      Struct request = Frames.newRequest(Frames.METADATA, 12);
      for (UUID id : List.of(foreign, own, UUID.randomUUID())) {
        request.addStruct("Topics").set("TopicId", id).set("Name", null);
      }
      Map<UUID, Struct> topics = new HashMap<>();
      alice
          .ask(Frames.METADATA, 12, request)
          .getStructs("Topics")
          .forEach(each -> topics.put(each.getUuid("TopicId"), each));
      assertThat(topics).hasSize(3).containsKeys(own, foreign);
      topics.forEach((id, each) -> {
        if (id.equals(own)) {
          assertThat(each.getString("Name")).isEqualTo(topic);
          assertThat(each.getInt("ErrorCode")).isZero();
        } else {
          assertThat(each.getInt("ErrorCode")).isEqualTo((int) Errors.UNKNOWN_TOPIC_ID.code());
          assertThat(each.getStringOrNull("Name")).isNull();
          assertThat(each.getStructs("Partitions")).isEmpty();
        }
      });

      Struct deletion = Frames.newRequest(Frames.DELETE_TOPICS, 6).set("TimeoutMs", 5000);
      deletion.addStruct("Topics").set("TopicId", foreign).set("Name", null);
      Struct deleted = alice.ask(Frames.DELETE_TOPICS, 6, deletion);
      assertThat(deleted.getStructs("Responses")).hasSize(1);
      assertThat(deleted.getStructs("Responses").getFirst().getInt("ErrorCode"))
          .isEqualTo((int) Errors.UNKNOWN_TOPIC_ID.code());
      assertThat(deleted.getStructs("Responses").getFirst().getUuid("TopicId")).isEqualTo(foreign);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {13, 15, 17, 18})
  void fetchesByAnothersId(int version) throws Exception {
    try (RawTenant alice = atLeader(Tenancy.BOBS)) {
      Struct alone = alice.ask(Frames.FETCH, version, fetch(version, 0, -1, foreign));
      assertThat(errors(alone)).contains(UNKNOWN_ID);
      assertThat(records(alone)).isZero();
    }
    try (RawTenant alice = atLeader(Tenancy.ALICES)) {
      Struct first = alice.ask(Frames.FETCH, version, fetch(version, 0, 0, own));
      assertThat(errors(first)).containsOnly(0);
      int session = first.getInt("SessionId");
      assertThat(session).isNotZero();
      Struct second = alice.ask(Frames.FETCH, version, fetch(version, session, 1, foreign));
      assertThat(errors(second)).contains(UNKNOWN_ID);
      assertThat(records(second)).isZero();
      Struct third = alice.ask(Frames.FETCH, version, fetch(version, session, 2));
      assertThat(records(third)).isZero();
    }
  }

  private static Struct fetch(int version, int session, int epoch, UUID... topics) {
    Struct request =
        Frames.newRequest(Frames.FETCH, version)
            .setIfPresent("ReplicaId", -1)
            .set("MaxWaitMs", 0)
            .set("MaxBytes", 1 << 20)
            .set("SessionId", session)
            .set("SessionEpoch", epoch);
    for (UUID each : topics) {
      request
          .addStruct("Topics")
          .set("TopicId", each)
          .addStruct("Partitions")
          .set("Partition", 0)
          .set("FetchOffset", 0L)
          .set("PartitionMaxBytes", 1 << 20);
    }
    return request;
  }

  /** All error codes in a response. */
  private static List<Integer> errors(Struct response) {
    return Canaries.structs(response)
        .filter(each -> each.has("ErrorCode"))
        .map(each -> each.getInt("ErrorCode"))
        .toList();
  }

  private static int records(Struct response) {
    return Canaries.structs(response)
        .filter(each -> each.has("Records") && !each.isNull("Records"))
        .mapToInt(each -> each.getBytes("Records").length)
        .sum();
  }

  @Test
  void recordsForAnothersId() throws Exception {
    try (RawTenant alice = atLeader(Tenancy.BOBS)) {
      Struct request = Frames.newRequest(Frames.PRODUCE, 13).set("Acks", (short) 1);
      request
          .set("TimeoutMs", 5000)
          .addStruct("TopicData")
          .set("TopicId", foreign)
          .addStruct("PartitionData")
          .set("Index", 0)
          .set("Records", new byte[0]);
      Struct answer = alice.ask(Frames.PRODUCE, 13, request);
      assertThat(errors(answer)).containsExactly((int) Errors.UNKNOWN_TOPIC_ID.code());
      assertThat(answer.getStructs("Responses").getFirst().getUuid("TopicId")).isEqualTo(foreign);
    }
  }

  @Test
  void offsetsOfAnothersId() throws Exception {
    String group = topic + "-group";
    try (Admin admin = tenancy.alice().clients().admin()) {
      int coordinator =
          Objects.requireNonNull(
                  get(admin.describeClassicGroups(List.of(coordinated(admin, group))).all())
                      .get(group))
              .coordinator()
              .id();
      try (RawTenant alice = RawTenant.connect(tenancy.alice(), coordinator)) {
        Struct commit = Frames.newRequest(OFFSET_COMMIT, 10).set("GroupId", group);
        commit.set("GenerationIdOrMemberEpoch", -1);
        commit
            .addStruct("Topics")
            .set("TopicId", foreign)
            .addStruct("Partitions")
            .set("CommittedOffset", 1L);
        assertThat(errors(alice.ask(OFFSET_COMMIT, 10, commit)))
            .containsExactly((int) Errors.UNKNOWN_TOPIC_ID.code());
        Struct fetch = Frames.newRequest(OFFSET_FETCH, 10);
        fetch
            .addStruct("Groups")
            .set("GroupId", group)
            .addStruct("Topics")
            .set("TopicId", foreign)
            .set("PartitionIndexes", List.of(0));
        assertThat(errors(alice.ask(OFFSET_FETCH, 10, fetch)))
            .contains((int) Errors.UNKNOWN_TOPIC_ID.code());
      }
    }
  }

  /** Commits an offset, so that the group exists. */
  private String coordinated(Admin admin, String group) throws Exception {
    get(
        admin
            .alterConsumerGroupOffsets(
                group,
                Map.of(
                    new TopicPartition(topic, 0),
                    new org.apache.kafka.clients.consumer.OffsetAndMetadata(0)))
            .all());
    return group;
  }

  @Test
  void aTopicThatIsNamedTwiceAndThousandsOfTopics() throws Exception {
    try (RawTenant alice = RawTenant.connect(tenancy.alice(), 0)) {
      Struct twice = Frames.newRequest(Frames.METADATA, 12).set("AllowAutoTopicCreation", false);
      twice.addStruct("Topics").set("Name", topic);
      twice.addStruct("Topics").set("Name", topic);
      assertThat(alice.ask(Frames.METADATA, 12, twice).getStructs("Topics"))
          .isNotEmpty()
          .allSatisfy(each -> {
            assertThat(each.getString("Name")).isEqualTo(topic);
            assertThat(each.getInt("ErrorCode")).isZero();
          });
      Struct many = Frames.newRequest(Frames.METADATA, 12).set("AllowAutoTopicCreation", false);
      List<String> names = new ArrayList<>();
      for (int i = 0; i < 5000; i++) {
        names.add("t" + i);
        many.addStruct("Topics").set("Name", "t" + i);
      }
      assertThat(alice.ask(Frames.METADATA, 12, many).getStructs("Topics"))
          .allSatisfy(each ->
              assertThat(each.getInt("ErrorCode"))
                  .isEqualTo((int) Errors.UNKNOWN_TOPIC_OR_PARTITION.code()))
          .extracting(each -> each.getString("Name"))
          .containsExactlyInAnyOrderElementsOf(names);

      Struct creation = Frames.newRequest(Frames.CREATE_TOPICS, 7).set("timeoutMs", 5000);
      for (int i = 0; i < 2; i++) {
        creation
            .addStruct("Topics")
            .set("Name", topic + "-twice")
            .set("NumPartitions", 1)
            .set("ReplicationFactor", (short) 1);
      }
      assertThat(alice.ask(Frames.CREATE_TOPICS, 7, creation).getStructs("Topics"))
          .isNotEmpty()
          .allSatisfy(each -> {
            assertThat(each.getString("Name")).isEqualTo(topic + "-twice");
            assertThat(each.getInt("ErrorCode")).isEqualTo((int) Errors.INVALID_REQUEST.code());
          });
    }
  }

  @Test
  void forgedBytesOfAGroup() throws Exception {
    String group = topic + "-forged";
    List<byte[]> forged =
        List.of(
            new byte[0],
            new byte[] {0},
            new byte[] {0, 0, 127, -1, -1, -1},
            new byte[] {0, 0, -1, -1, -1, -1, 0, 0, 0, 0},
            new byte[] {127, -1, 0, 0, 0, 1, 0, 5, 'o'},
            ("\0\0\0\0\0\1\0\u0007prefixofbob." + topic).getBytes(StandardCharsets.ISO_8859_1));
    for (int node : List.of(1, 2, 3)) {
      for (byte[] metadata : forged) {
        try (RawTenant alice = RawTenant.connect(tenancy.alice(), node)) {
          Struct join =
              Frames.newRequest(JOIN_GROUP, 5)
                  .set("GroupId", group)
                  .set("SessionTimeoutMs", 10_000)
                  .set("RebalanceTimeoutMs", 1_000)
                  .set("MemberId", "")
                  .set("ProtocolType", "consumer");
          join.addStruct("Protocols").set("Name", "range").set("Metadata", metadata);
          // Brokers look at the bytes later, and answer such a member that it must have an id.
          assertThat(alice.ask(JOIN_GROUP, 5, join).getInt("ErrorCode"))
              .isIn(
                  (int) Errors.MEMBER_ID_REQUIRED.code(),
                  (int) Errors.NOT_COORDINATOR.code(),
                  (int) Errors.INCONSISTENT_GROUP_PROTOCOL.code());
        }
      }
    }
  }

  @Test
  void aVirtualClusterThatVanishesUnderItsClients() throws Exception {
    try (Admin alice = tenancy.alice().clients().admin();
        RawTenant raw = RawTenant.connect(tenancy.alice(), 0)) {
      assertThat(get(alice.listTopics().names())).contains(topic);
      tenancy.move("alice", new Place.Nowhere("the virtual cluster is deleted"));
      try {
        Await.until(
            () -> "still served",
            () -> {
              try {
                return raw.ask(
                        Frames.METADATA,
                        12,
                        Frames.newRequest(Frames.METADATA, 12).set("Topics", null))
                    .getStructs("Topics")
                    .isEmpty();
              } catch (java.io.IOException e) {
                return true;
              }
            });
        try (Admin again = tenancy.alice().clients().admin()) {
          assertThatThrownBy(() -> get(again.listTopics().names()))
              .hasCauseInstanceOf(SaslAuthenticationException.class);
        }
        try (Admin bob = tenancy.bob().clients().admin()) {
          assertThat(get(bob.listTopics().names())).contains(topic);
        }
      } finally {
        tenancy.move("alice", new Place.Within(Tenancy.ALICES));
      }
      try (Admin again = tenancy.alice().clients().admin()) {
        assertThat(get(again.listTopics().names())).contains(topic);
      }
    }
  }
}
