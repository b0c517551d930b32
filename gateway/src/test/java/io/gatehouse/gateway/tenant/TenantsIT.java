package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Ledger;
import io.gatehouse.gateway.fixture.RealCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two virtual clusters with equal names for everything, and a user who sees the cluster as it is.
 * Recorders prove that neither tenant receives a byte of the other's.
 */
class TenantsIT {

  private static Tenancy tenancy;

  @BeforeAll
  static void start() throws Exception {
    tenancy = Tenancy.start();
  }

  @AfterAll
  static void stop() {
    tenancy.close();
  }

  @AfterEach
  void nothingLeaked() throws Exception {
    tenancy.checkNothingLeaked();
  }

  private static List<Party> tenants() {
    return List.of(tenancy.alice(), tenancy.bob());
  }

  static <T> T get(Future<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  /** Creates the topic for both tenants. */
  private static String newTopic(int partitions) throws Exception {
    String topic = RealCluster.newName("orders");
    for (Party one : tenants()) {
      try (Admin admin = one.clients().admin()) {
        get(admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all());
      }
    }
    tenancy.brokers().awaitInSync(Tenancy.ALICES.toBroker(topic));
    tenancy.brokers().awaitInSync(Tenancy.BOBS.toBroker(topic));
    return topic;
  }

  /** Sends numbered records with the party's token and returns their values. */
  private static List<String> produce(Party party, String topic, int count) throws Exception {
    List<String> values = new ArrayList<>();
    List<Future<?>> sent = new ArrayList<>();
    try (KafkaProducer<String, String> producer = party.clients().producer(Map.of())) {
      for (int i = 0; i < count; i++) {
        String value = party.token() + "-" + i;
        values.add(value);
        sent.add(producer.send(new ProducerRecord<>(topic, value, value)));
      }
      for (Future<?> each : sent) {
        var _ = get(each);
      }
    }
    return values;
  }

  @Test
  void theOrdersOfTheExample() throws Exception {
    String topic = RealCluster.newName("orders");
    try (Admin alice = tenancy.alice().clients().admin();
        Admin bob = tenancy.bob().clients().admin();
        Admin carol = tenancy.carol().clients().admin()) {
      get(alice.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all());
      Await.until(() -> "not listed", () -> get(alice.listTopics().names()).contains(topic));
      assertThat(get(bob.listTopics().names())).doesNotContain(topic);

      get(bob.createTopics(List.of(new NewTopic(topic, 3, (short) 1))).all());

      Await.until(() -> "not listed", () -> get(bob.listTopics().names()).contains(topic));
      assertThat(get(carol.listTopics().names()))
          .contains("prefixofalice." + topic, "prefixofbob." + topic)
          .doesNotContain(topic);
      assertThat(partitions(alice, topic)).isEqualTo(2);
      assertThat(partitions(bob, topic)).isEqualTo(3);
      assertThat(get(tenancy.brokers().admin().listTopics().names()))
          .contains("prefixofalice." + topic, "prefixofbob." + topic);
      assertThat(get(alice.describeCluster().clusterId())).doesNotContain("bob");

      get(alice.deleteTopics(List.of(topic)).all());
      Await.until(() -> "still there", () -> !get(alice.listTopics().names()).contains(topic));
      assertThat(get(bob.listTopics().names())).contains(topic);
    }
  }

  private static int partitions(Admin admin, String topic) throws Exception {
    return at(get(admin.describeTopics(List.of(topic)).allTopicNames()), topic).partitions().size();
  }

  static <K, V> V at(Map<K, V> map, K key) {
    return Objects.requireNonNull(map.get(key), () -> key + " is not in " + map.keySet());
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void groupsOfBothProtocols(String protocol) throws Exception {
    String topic = newTopic(3);
    String group = RealCluster.newName("group");
    Map<Party, List<String>> values =
        Map.of(
            tenancy.alice(), produce(tenancy.alice(), topic, 50),
            tenancy.bob(), produce(tenancy.bob(), topic, 80));
    for (Party one : tenants()) {
      Map<String, Object> settings =
          Map.of(
              "group.id", group,
              "group.protocol", protocol,
              "group.instance.id", one.token() + "-instance");
      try (KafkaConsumer<String, String> consumer = one.clients().consumer(settings);
          Admin admin = one.clients().admin()) {
        consumer.subscribe(List.of(topic));
        List<String> read = new ArrayList<>();
        List<String> mine = at(values, one);
        Await.within(
            Duration.ofSeconds(30),
            () -> read.size() + " of " + mine.size() + " read",
            () -> {
              consumer.poll(Duration.ofMillis(200)).forEach(each -> read.add(each.value()));
              return read.size() >= mine.size();
            });
        assertThat(read).containsExactlyInAnyOrderElementsOf(mine);
        assertThat(consumer.assignment())
            .extracting(TopicPartition::topic)
            .containsOnly(topic)
            .hasSize(3);
        Map<TopicPartition, OffsetAndMetadata> positions = new java.util.HashMap<>();
        consumer
            .assignment()
            .forEach(each ->
                positions.put(
                    each,
                    new OffsetAndMetadata(consumer.position(each), one.token() + "-metadata")));
        consumer.commitSync(positions);

        assertThat(get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()))
            .hasSize(3)
            .allSatisfy((_, each) -> assertThat(each.metadata()).startsWith(one.token()));
        assertThat(get(admin.listGroups().all()))
            .extracting(GroupListing::groupId)
            .contains(group)
            .allSatisfy(each -> assertThat(each).doesNotContain("prefixof"));
        var described = at(get(admin.describeConsumerGroups(List.of(group)).all()), group);
        assertThat(described.members()).hasSize(1);
        described
            .members()
            .forEach(member -> {
              one.keepSecret(member.consumerId());
              assertThat(member.assignment().topicPartitions()).hasSize(3);
            });
        String other = RealCluster.newName("group-of-" + one.token());
        assertThat(
                at(
                        get(
                            tenancy
                                .brokers()
                                .admin()
                                .describeConsumerGroups(List.of(prefix(one) + group))
                                .all()),
                        prefix(one) + group)
                    .members())
            .hasSize(1);
        consumer.unsubscribe();
        get(admin.alterConsumerGroupOffsets(other, positions).all());
      }
    }
    try (Admin alice = tenancy.alice().clients().admin();
        Admin bob = tenancy.bob().clients().admin()) {
      // Static members do not leave when they close.
      get(
          alice
              .removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
              .all());
      get(alice.deleteConsumerGroups(List.of(group)).all());
      assertThat(get(bob.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()).values())
          .extracting(OffsetAndMetadata::offset)
          .satisfies(
              all -> assertThat(all.stream().mapToLong(Long::longValue).sum()).isEqualTo(80));
    }
  }

  private static String prefix(Party one) {
    return one == tenancy.alice() ? Tenancy.ALICES.prefix() : Tenancy.BOBS.prefix();
  }

  @Test
  void transactionsWithTheSameId() throws Exception {
    String topic = newTopic(1);
    String id = RealCluster.newName("transactional");
    String group = RealCluster.newName("mover");
    TopicPartition partition = new TopicPartition(topic, 0);
    Map<String, Object> settings = Map.of("transactional.id", id);
    try (KafkaProducer<String, String> alice = tenancy.alice().clients().producer(settings);
        KafkaProducer<String, String> bob = tenancy.bob().clients().producer(settings)) {
      alice.initTransactions();
      bob.initTransactions();
      alice.beginTransaction();
      bob.beginTransaction();
      get(alice.send(new ProducerRecord<>(topic, "k", "tokenofalice")));
      get(bob.send(new ProducerRecord<>(topic, "k", "tokenofbob")));
      try (KafkaConsumer<String, String> mover =
          tenancy.alice().clients().consumer(Map.of("group.id", group))) {
        alice.sendOffsetsToTransaction(
            Map.of(partition, new OffsetAndMetadata(7, "tokenofalice-metadata")),
            mover.groupMetadata());
      }
      for (Party one : tenants()) {
        try (Admin admin = one.clients().admin()) {
          assertThat(get(admin.listTransactions().all()))
              .extracting(TransactionListing::transactionalId)
              .contains(id)
              .allSatisfy(each -> assertThat(each).doesNotContain("prefixof"));
          assertThat(at(get(admin.describeTransactions(List.of(id)).all()), id).topicPartitions())
              .contains(partition)
              .allSatisfy(each -> assertThat(each.topic()).doesNotContain("prefixof"));
          assertThat(
                  at(get(admin.describeProducers(List.of(partition)).all()), partition)
                      .activeProducers())
              .hasSize(1);
        }
      }
      alice.commitTransaction();
      bob.abortTransaction();
    }
    for (Party one : tenants()) {
      try (KafkaConsumer<String, String> reader =
          one.clients().consumer(Map.of("isolation.level", "read_committed"))) {
        assertThat(Ledger.readAll(reader, topic))
            .extracting(ConsumerRecord::value)
            .isEqualTo(one == tenancy.alice() ? List.of("tokenofalice") : List.of());
      }
      try (Admin admin = one.clients().admin()) {
        assertThat(get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()))
            .hasSize(one == tenancy.alice() ? 1 : 0);
        get(admin.fenceProducers(List.of(id)).all());
      }
    }
  }

  @Test
  void patternsMatchTheTenantsOwnTopicsOnly() throws Exception {
    String topic = newTopic(1);
    String alices = topic + "-of-tokenofalice";
    try (Admin admin = tenancy.alice().clients().admin()) {
      get(admin.createTopics(List.of(new NewTopic(alices, 1, (short) 1))).all());
      tenancy.brokers().awaitInSync(Tenancy.ALICES.toBroker(alices));
    }
    for (Party one : tenants()) {
      List<String> expected = one == tenancy.alice() ? List.of(topic, alices) : List.of(topic);
      Map<String, Object> classic =
          Map.of("group.id", RealCluster.newName("classic"), "group.protocol", "classic");
      try (KafkaConsumer<String, String> consumer = one.clients().consumer(classic)) {
        consumer.subscribe(Pattern.compile(".*" + topic + ".*"));
        awaitAssigned(consumer, expected);
      }
      // Evaluated by the broker, over names with prefix (KIP-848).
      for (String pattern :
          List.of(topic + ".*", ".*" + topic + "(-of.*)?", topic + "|" + alices)) {
        Map<String, Object> settings =
            Map.of("group.id", RealCluster.newName("pattern"), "group.protocol", "consumer");
        try (KafkaConsumer<String, String> consumer = one.clients().consumer(settings)) {
          consumer.subscribe(new SubscriptionPattern(pattern));
          awaitAssigned(consumer, expected);
        }
      }
    }
  }

  private static void awaitAssigned(KafkaConsumer<String, String> consumer, List<String> topics) {
    List<String> assigned = new ArrayList<>();
    Await.within(
        Duration.ofSeconds(30),
        () -> assigned + " instead of " + topics,
        () -> {
          consumer.poll(Duration.ofMillis(100));
          assigned.clear();
          consumer.assignment().forEach(each -> assigned.add(each.topic()));
          return assigned.size() >= topics.size();
        });
    assertThat(assigned).containsExactlyInAnyOrderElementsOf(topics);
  }

  @Test
  void shareGroups() throws Exception {
    String topic = newTopic(2);
    String group = RealCluster.newName("share");
    for (Party one : tenants()) {
      try (Admin admin = one.clients().admin();
          KafkaShareConsumer<String, String> consumer =
              one.clients().shareConsumer(Map.of("group.id", group))) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        get(
            admin
                .incrementalAlterConfigs(
                    Map.of(
                        resource,
                        List.of(
                            new AlterConfigOp(
                                new ConfigEntry("share.auto.offset.reset", "earliest"),
                                AlterConfigOp.OpType.SET))))
                .all());
        List<String> values = produce(one, topic, 40);
        List<String> read = new ArrayList<>();
        consumer.subscribe(List.of(topic));
        Await.within(
            Duration.ofSeconds(30),
            () -> read.size() + " of " + values.size() + " read",
            () -> {
              consumer.poll(Duration.ofMillis(200)).forEach(each -> read.add(each.value()));
              var _ = consumer.commitSync();
              return read.size() >= values.size();
            });
        assertThat(read).containsExactlyInAnyOrderElementsOf(values);
        var described = at(get(admin.describeShareGroups(List.of(group)).all()), group);
        assertThat(described.members()).hasSize(1);
        described
            .members()
            .forEach(member -> {
              one.keepSecret(member.consumerId());
              assertThat(member.assignment().topicPartitions())
                  .extracting(TopicPartition::topic)
                  .containsOnly(topic);
            });
        assertThat(
                get(
                    admin
                        .listShareGroupOffsets(
                            Map.of(
                                group,
                                new org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec()))
                        .partitionsToOffsetInfo(group)))
            .hasSize(2);
      }
    }
  }
}
