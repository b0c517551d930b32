package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.RealCluster;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The calls of Kafka's admin client in a virtual cluster, beside another with equal names. */
class TenantAdminIT {

  private static Tenancy tenancy;

  private String topic = "";
  private TopicPartition partition = new TopicPartition("", 0);

  @BeforeAll
  static void start() throws Exception {
    tenancy = Tenancy.start();
  }

  @AfterAll
  static void stop() {
    tenancy.close();
  }

  /** Both tenants have a topic with 20 records, and Bob has more topics and groups. */
  @BeforeEach
  void createTopics() throws Exception {
    topic = RealCluster.newName("orders");
    partition = new TopicPartition(topic, 0);
    for (Party one : tenants()) {
      try (Admin admin = one.clients().admin();
          KafkaProducer<String, String> producer = one.clients().producer(Map.of())) {
        get(admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all());
        tenancy.brokers().awaitInSync(prefix(one) + topic);
        for (int i = 0; i < 20; i++) {
          producer.send(new ProducerRecord<>(topic, one.token()));
        }
      }
    }
    try (Admin bob = tenancy.bob().clients().admin()) {
      String more = topic + "-of-tokenofbob";
      get(bob.createTopics(List.of(new NewTopic(more, 1, (short) 1))).all());
      tenancy.brokers().awaitInSync(Tenancy.BOBS.toBroker(more));
    }
  }

  @AfterEach
  void nothingLeaked() throws Exception {
    tenancy.checkNothingLeaked();
  }

  private static List<Party> tenants() {
    return List.of(tenancy.alice(), tenancy.bob());
  }

  private static String prefix(Party one) {
    return one == tenancy.alice() ? Tenancy.ALICES.prefix() : Tenancy.BOBS.prefix();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static <K, V> V at(Map<K, V> map, K key) {
    return Objects.requireNonNull(map.get(key), () -> key + " is not in " + map.keySet());
  }

  private static Admin alice() {
    return tenancy.alice().clients().admin();
  }

  @Test
  void topicsByNameAndId() throws Exception {
    try (Admin alice = alice();
        Admin bob = tenancy.bob().clients().admin()) {
      Uuid own = at(get(alice.describeTopics(List.of(topic)).allTopicNames()), topic).topicId();
      Uuid foreign = at(get(bob.describeTopics(List.of(topic)).allTopicNames()), topic).topicId();
      assertThat(own).isNotEqualTo(foreign);
      assertThat(
              at(
                      get(
                          alice
                              .describeTopics(TopicCollection.ofTopicIds(List.of(own)))
                              .allTopicIds()),
                      own)
                  .name())
          .isEqualTo(topic);
      assertThat(
              get(
                  alice
                      .describeTopics(
                          List.of(topic),
                          new DescribeTopicsOptions().partitionSizeLimitPerResponse(1))
                      .allTopicNames()))
          .hasSize(1);
      assertThat(get(bob.listTopics().names())).contains(topic);
      get(alice.deleteTopics(TopicCollection.ofTopicIds(List.of(own))).all());
      Await.until(() -> "still there", () -> !get(alice.listTopics().names()).contains(topic));
      assertThat(get(bob.listTopics().names())).contains(topic);
    }
  }

  @Test
  void topicsOfOthersAreUnknown() throws Exception {
    try (Admin alice = alice();
        Admin bob = tenancy.bob().clients().admin()) {
      Uuid foreign = at(get(bob.describeTopics(List.of(topic)).allTopicNames()), topic).topicId();
      for (Uuid unknown : List.of(foreign, Uuid.randomUuid())) {
        assertThatThrownBy(() ->
                get(
                    alice
                        .describeTopics(TopicCollection.ofTopicIds(List.of(unknown)))
                        .allTopicIds()))
            .hasCauseInstanceOf(UnknownTopicIdException.class);
        assertThatThrownBy(
                () -> get(alice.deleteTopics(TopicCollection.ofTopicIds(List.of(unknown))).all()))
            .hasCauseInstanceOf(UnknownTopicIdException.class);
      }
      for (String unknown : List.of(topic + "-of-nobody", Tenancy.BOBS.toBroker(topic))) {
        assertThatThrownBy(() -> get(alice.describeTopics(List.of(unknown)).allTopicNames()))
            .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
        assertThatThrownBy(() -> get(alice.deleteTopics(List.of(unknown)).all()))
            .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
      }
      assertThat(get(bob.listTopics().names())).contains(topic);
    } finally {
      // It has received what it sent.
      tenancy.alice().recorder().forget();
    }
  }

  @Test
  void namesThatCannotBe() throws Exception {
    try (Admin alice = alice()) {
      assertThatThrownBy(
              () -> get(alice.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all()))
          .hasCauseInstanceOf(TopicExistsException.class)
          .hasMessageContaining("'" + topic + "'");
      // Directly it would be allowed, with the prefix it is too long.
      String longest = "x".repeat(249 - Tenancy.ALICES.prefix().length());
      get(alice.createTopics(List.of(new NewTopic(longest, 1, (short) 1))).all());
      assertThatThrownBy(() ->
              get(alice.createTopics(List.of(new NewTopic(longest + "x", 1, (short) 1))).all()))
          .hasCauseInstanceOf(InvalidTopicException.class);
      get(alice.deleteTopics(List.of(longest)).all());
      assertThatThrownBy(() ->
              get(alice.createTopics(List.of(new NewTopic("not allowed", 1, (short) 1))).all()))
          .hasCauseInstanceOf(InvalidTopicException.class);
      // Another's prefix is a name like others.
      String twice = Tenancy.BOBS.toBroker(topic) + "-tokenofalice";
      get(alice.createTopics(List.of(new NewTopic(twice, 1, (short) 1))).all());
      assertThat(get(tenancy.brokers().admin().listTopics().names()))
          .contains(Tenancy.ALICES.toBroker(twice))
          .doesNotContain(twice);
      get(alice.deleteTopics(List.of(twice)).all());
    } finally {
      // It has received the name that it sent.
      tenancy.alice().recorder().forget();
    }
  }

  @Test
  void configurations() throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, topic + "-group");
    ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
    try (Admin alice = alice();
        Admin bob = tenancy.bob().clients().admin()) {
      get(alice.incrementalAlterConfigs(set(resource, "retention.ms", "12345")).all());
      get(alice.incrementalAlterConfigs(set(group, "consumer.session.timeout.ms", "46000")).all());
      Await.until(
          () -> "not changed",
          () ->
              "12345".equals(config(alice, resource, "retention.ms"))
                  && "46000".equals(config(alice, group, "consumer.session.timeout.ms")));
      assertThat(config(bob, resource, "retention.ms")).isNotEqualTo("12345");
      assertThat(config(bob, group, "consumer.session.timeout.ms")).isNotEqualTo("46000");
      assertThat(
              get(
                  alice
                      .listConfigResources(
                          Set.of(ConfigResource.Type.TOPIC, ConfigResource.Type.GROUP),
                          new ListConfigResourcesOptions())
                      .all()))
          .contains(resource, group)
          .allSatisfy(each -> assertThat(each.name()).doesNotContain("prefixof"));
      assertThatThrownBy(() ->
              get(alice.incrementalAlterConfigs(set(broker, "log.cleaner.threads", "2")).all()))
          .hasMessageContaining("Authorization");
    }
  }

  private static Map<ConfigResource, Collection<AlterConfigOp>> set(
      ConfigResource resource, String name, String value) {
    return Map.of(
        resource,
        List.of(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
  }

  private static String config(Admin admin, ConfigResource resource, String name) throws Exception {
    return at(get(admin.describeConfigs(List.of(resource)).all()), resource).get(name).value();
  }

  @Test
  void recordsPartitionsAndReplicas() throws Exception {
    try (Admin alice = alice();
        Admin bob = tenancy.bob().clients().admin()) {
      var _ =
          get(
              at(
                  alice
                      .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(5)))
                      .lowWatermarks(),
                  partition));
      assertThat(offset(alice, OffsetSpec.earliest())).isEqualTo(5);
      assertThat(offset(bob, OffsetSpec.earliest())).isZero();
      assertThat(offset(bob, OffsetSpec.latest())).isEqualTo(20);
      var logs = get(alice.describeLogDirs(List.of(1, 2, 3)).allDescriptions());
      assertThat(logs.values())
          .flatExtracting(Map::values)
          .flatExtracting(each -> each.replicaInfos().keySet())
          .contains(partition)
          .allSatisfy(each -> assertThat(each.topic()).doesNotContain("prefixof"));
      int leader =
          at(get(alice.describeTopics(List.of(topic)).allTopicNames()), topic)
              .partitions()
              .getFirst()
              .leader()
              .id();
      TopicPartitionReplica replica = new TopicPartitionReplica(topic, 0, leader);
      assertThat(get(alice.describeReplicaLogDirs(List.of(replica)).all())).hasSize(1);
      assertThat(get(alice.describeProducers(List.of(partition)).all())).hasSize(1);
      get(alice.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all());
      Await.until(
          () -> "not three partitions",
          () ->
              at(get(alice.describeTopics(List.of(topic)).allTopicNames()), topic)
                      .partitions()
                      .size()
                  == 3);
      assertThat(at(get(bob.describeTopics(List.of(topic)).allTopicNames()), topic).partitions())
          .hasSize(1);
      assertThatThrownBy(
              () -> get(alice.electLeaders(ElectionType.PREFERRED, Set.of(partition)).all()))
          .hasMessageContaining("ElectionNotNeeded");
      assertThat(get(alice.listPartitionReassignments().reassignments())).isEmpty();
      assertThat(get(alice.listPartitionReassignments(Set.of(partition)).reassignments()))
          .isEmpty();
    }
  }

  private long offset(Admin admin, OffsetSpec which) throws Exception {
    return at(get(admin.listOffsets(Map.of(partition, which)).all()), partition).offset();
  }

  @Test
  void groupsAndTheirOffsets() throws Exception {
    String group = topic + "-group";
    try (Admin alice = alice();
        Admin bob = tenancy.bob().clients().admin()) {
      get(
          alice
              .alterConsumerGroupOffsets(
                  group, Map.of(partition, new OffsetAndMetadata(3, "tokenofalice")))
              .all());
      get(
          bob.alterConsumerGroupOffsets(
                  group, Map.of(partition, new OffsetAndMetadata(4, "tokenofbob")))
              .all());
      get(
          bob.alterConsumerGroupOffsets(
                  group + "-of-tokenofbob",
                  Map.of(partition, new OffsetAndMetadata(4, "tokenofbob")))
              .all());
      assertThat(get(alice.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()))
          .isEqualTo(Map.of(partition, new OffsetAndMetadata(3, "tokenofalice")));
      assertThat(get(bob.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()))
          .isEqualTo(Map.of(partition, new OffsetAndMetadata(4, Optional.empty(), "tokenofbob")));
      assertThat(get(alice.listGroups().all()))
          .extracting(GroupListing::groupId)
          .contains(group)
          .allSatisfy(each -> assertThat(each).doesNotContain("prefixof", "tokenofbob"));
      assertThat(get(alice.describeClassicGroups(List.of(group)).all())).hasSize(1);
      get(alice.deleteConsumerGroupOffsets(group, Set.of(partition)).all());
      assertThat(get(alice.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()))
          .isEmpty();
      get(bob.deleteConsumerGroups(List.of(group)).all());
    }
  }

  @Test
  void whatIsOfTheSharedCluster() throws Exception {
    try (Admin alice = alice()) {
      assertThat(get(alice.describeCluster().clusterId())).startsWith("clusterofalice@");
      assertThat(get(alice.describeCluster().nodes())).hasSize(3);
      assertThat(get(alice.describeFeatures().featureMetadata())).isNotNull();
      assertThatThrownBy(() -> get(alice.describeAcls(AclBindingFilter.ANY).values()))
          .hasMessageContaining("SecurityDisabled");
      assertThatThrownBy(() -> get(alice.describeMetadataQuorum().quorumInfo()))
          .hasMessageContaining("Authorization");
      assertThatThrownBy(() -> get(alice.describeUserScramCredentials().all()))
          .isInstanceOf(Exception.class);
      assertThatThrownBy(() -> get(alice.unregisterBroker(9).all()))
          .hasMessageContaining("Authorization");
      assertThatThrownBy(() ->
              get(alice.alterPartitionReassignments(Map.of(partition, Optional.empty())).all()))
          .hasMessageContaining("Authorization");
    }
  }
}
