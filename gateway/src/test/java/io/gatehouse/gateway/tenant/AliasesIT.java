package io.gatehouse.gateway.tenant;

import static io.gatehouse.gateway.tenant.TenantsIT.at;
import static io.gatehouse.gateway.tenant.TenantsIT.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.tenant.Recorder.Canary;
import io.gatehouse.gateway.tenant.Tenants.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One topic that two virtual clusters share, each under a name of its own. */
class AliasesIT {

  private static final String ALICES = "orders-that-are-hers";
  private static final String BOBS = "o";

  private static Tenancy tenancy;

  /** The topic at the brokers. */
  private String topic;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    tenancy = Tenancy.start();
  }

  @AfterAll
  static void stop() {
    tenancy.close();
  }

  @BeforeEach
  void share() throws Exception {
    topic = RealCluster.newName("shared.by-both");
    tenancy.brokers().createTopic(topic, 2, 1);
    tenancy.move("alice", with(Tenancy.ALICES, ALICES));
    tenancy.move("bob", with(Tenancy.BOBS, BOBS));
  }

  private Place with(Tenant tenant, String alias) {
    return new Place.Within(tenant.with(new Aliases(Map.of(alias, topic))));
  }

  @AfterEach
  void theTopicsNameStaysHidden() throws Exception {
    tenancy.checkNothingLeaked(canary -> canary.name().contains("prefixof"));
    for (Party one : List.of(tenancy.alice(), tenancy.bob())) {
      assertThat(one.recorder().leaks(List.of(Canary.of(topic)))).isEmpty();
    }
  }

  private static List<String> numbered(String what, int count) {
    return IntStream.range(0, count).mapToObj(i -> what + i).toList();
  }

  private static void produce(Party party, String to, List<String> values) throws Exception {
    try (KafkaProducer<String, String> producer = party.clients().producer(Map.of())) {
      List<Future<?>> sent = new ArrayList<>();
      values.forEach(each -> sent.add(producer.send(new ProducerRecord<>(to, each, each))));
      for (Future<?> each : sent) {
        var _ = get(each);
      }
    }
  }

  private static void awaitAll(
      Collection<String> read, int count, java.util.concurrent.Callable<?> poll) {
    Await.within(
        Duration.ofSeconds(30),
        () -> read.size() + " of " + count + " read",
        () -> {
          var _ = poll.call();
          return read.size() >= count;
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void whatOneWritesTheOtherReads(String protocol) throws Exception {
    List<String> values = numbered("value", 200);
    produce(tenancy.alice(), ALICES, values);
    String group = RealCluster.newName("group");
    Party bob = tenancy.bob();
    try (KafkaConsumer<String, String> consumer =
            bob.clients().consumer(Map.of("group.id", group, "group.protocol", protocol));
        Admin admin = bob.clients().admin()) {
      consumer.subscribe(List.of(BOBS));
      List<ConsumerRecord<String, String>> records = new ArrayList<>();
      List<String> read = new ArrayList<>();
      awaitAll(
          read,
          values.size(),
          () -> {
            consumer
                .poll(Duration.ofMillis(200))
                .forEach(each -> {
                  records.add(each);
                  read.add(each.value());
                });
            return null;
          });
      assertThat(read).containsExactlyInAnyOrderElementsOf(values);
      assertThat(records).extracting(ConsumerRecord::topic).containsOnly(BOBS);
      consumer.commitSync();
      assertThat(get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()))
          .containsOnlyKeys(new TopicPartition(BOBS, 0), new TopicPartition(BOBS, 1));
      var member =
          at(get(admin.describeConsumerGroups(List.of(group)).all()), group).members().iterator();
      assertThat(member.next().assignment().topicPartitions())
          .extracting(TopicPartition::topic)
          .containsOnly(BOBS);
    }
  }

  @Test
  void transactionsAndShareGroups() throws Exception {
    String group = RealCluster.newName("share");
    Party bob = tenancy.bob();
    try (Admin admin = bob.clients().admin();
        KafkaShareConsumer<String, String> consumer =
            bob.clients().shareConsumer(Map.of("group.id", group));
        KafkaProducer<String, String> producer =
            tenancy.alice().clients().producer(Map.of("transactional.id", group))) {
      setConfig(
          admin,
          new ConfigResource(ConfigResource.Type.GROUP, group),
          "share.auto.offset.reset",
          "earliest");
      producer.initTransactions();
      producer.beginTransaction();
      List<String> values = numbered("in-transaction", 30);
      values.forEach(each -> producer.send(new ProducerRecord<>(ALICES, each)));
      producer.commitTransaction();
      consumer.subscribe(List.of(BOBS));
      List<String> read = new ArrayList<>();
      awaitAll(
          read,
          values.size(),
          () -> {
            consumer.poll(Duration.ofMillis(200)).forEach(each -> read.add(each.value()));
            return consumer.commitSync();
          });
      assertThat(read).containsExactlyInAnyOrderElementsOf(values);
    }
  }

  private static int partitions(Admin admin, String of) throws Exception {
    return at(get(admin.describeTopics(List.of(of)).allTopicNames()), of).partitions().size();
  }

  private static void setConfig(Admin admin, ConfigResource of, String name, String value)
      throws Exception {
    get(
        admin
            .incrementalAlterConfigs(
                Map.of(
                    of,
                    List.of(
                        new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET))))
            .all());
  }

  @Test
  void administrationReachesTheTopic() throws Exception {
    Party alice = tenancy.alice();
    produce(alice, ALICES, numbered("value", 10));
    try (Admin admin = alice.clients().admin();
        Admin brokers = tenancy.carol().clients().admin()) {
      assertThat(get(admin.listTopics().names())).contains(ALICES);
      assertThat(partitions(admin, ALICES)).isEqualTo(2);
      get(admin.createPartitions(Map.of(ALICES, NewPartitions.increaseTo(3))).all());
      Await.until(() -> "two partitions", () -> partitions(brokers, topic) == 3);
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, ALICES);
      setConfig(admin, resource, "retention.ms", "123456");
      Await.until(
          () -> "the old retention",
          () ->
              at(get(admin.describeConfigs(List.of(resource)).all()), resource)
                  .get("retention.ms")
                  .value()
                  .equals("123456"));
      TopicPartition first = new TopicPartition(ALICES, 0);
      long end =
          at(get(admin.listOffsets(Map.of(first, OffsetSpec.latest())).all()), first).offset();
      get(admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(end))).all());
      assertThat(
              at(get(admin.listOffsets(Map.of(first, OffsetSpec.earliest())).all()), first)
                  .offset())
          .isEqualTo(end);
      assertThatThrownBy(
              () -> get(admin.createTopics(List.of(new NewTopic(ALICES, 1, (short) 1))).all()))
          .hasCauseInstanceOf(TopicExistsException.class)
          .hasMessageContaining(ALICES);
      get(admin.deleteTopics(List.of(ALICES)).all());
      Await.until(() -> "still there", () -> !get(brokers.listTopics().names()).contains(topic));
    }
  }

  /** A topic of the same name that was there before can be neither seen nor written. */
  @Test
  void anAliasHidesATopicOfItsName() throws Exception {
    String own = Tenancy.ALICES.prefix() + ALICES;
    tenancy.brokers().createTopic(own, 5, 1);
    try (Admin admin = tenancy.alice().clients().admin()) {
      assertThat(partitions(admin, ALICES)).isEqualTo(2);
      assertThat(get(admin.listTopics().names()).stream().filter(ALICES::equals)).hasSize(1);
    } finally {
      get(tenancy.brokers().admin().deleteTopics(List.of(own)).all());
    }
  }

  @Test
  void anAliasThatEndsUnderItsClients() throws Exception {
    Party alice = tenancy.alice();
    try (KafkaConsumer<String, String> consumer =
            alice.clients().consumer(Map.of("group.id", RealCluster.newName("group")));
        Admin admin = alice.clients().admin()) {
      produce(alice, ALICES, List.of("value"));
      consumer.subscribe(List.of(ALICES));
      List<String> read = new ArrayList<>();
      awaitAll(
          read,
          1,
          () -> {
            consumer.poll(Duration.ofMillis(200)).forEach(each -> read.add(each.value()));
            return null;
          });
      tenancy.move("alice", new Place.Within(Tenancy.ALICES));
      // A fetch that was sent before is answered still.
      Await.until(
          () -> "still there",
          () -> {
            consumer.poll(Duration.ofMillis(200));
            return !consumer.listTopics().containsKey(ALICES);
          });
      produce(tenancy.bob(), BOBS, List.of("not for her"));
      assertThat(consumer.poll(Duration.ofMillis(500))).isEmpty();
      assertThatThrownBy(() -> get(admin.describeTopics(List.of(ALICES)).allTopicNames()))
          .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    }
  }

  /** librdkafka names topics where Kafka's client sends their ids. */
  @Test
  void kcatWritesAndReads() throws Exception {
    assumeTrue(Librdkafka.isInstalled(), "kcat is not installed: testkit/clients/install.sh");
    List<String> values = numbered("line", 50);
    kcat(tenancy.alice(), String.join("\n", values) + "\n", "-P", "-t", ALICES);
    assertThat(kcat(tenancy.bob(), "", "-C", "-t", BOBS, "-e", "-o", "beginning").lines())
        .containsExactlyInAnyOrderElementsOf(values);
    assertThat(
            kcat(tenancy.bob(), "", "-G", topic, "-e", "-X", "auto.offset.reset=earliest", BOBS)
                .lines())
        .containsAll(values);
    assertThat(kcat(tenancy.bob(), "", "-L")).contains("topic \"" + BOBS + "\" with 2");
  }

  private String kcat(Party party, String input, String... arguments) throws Exception {
    return Librdkafka.kcat(party, folder, input, arguments);
  }
}
