package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Figures;
import io.gatehouse.gateway.fixture.GroupReader;
import io.gatehouse.gateway.fixture.Ledger;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.fixture.RestartableGateway;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.HostPort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
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
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's Java clients work through the gateway and see no broker address. */
class JavaClientIT {

  private static final int RECORDS = 3000;

  private static RestartableGateway proxy;

  @BeforeAll
  static void start() throws Exception {
    proxy = RestartableGateway.toSharedCluster();
  }

  @AfterAll
  static void stop() {
    proxy.close();
  }

  @AfterEach
  void checkNoErrors() {
    Figures figures = Figures.of(proxy.gateway());
    assertThat(figures.ends(CloseReason.INTERNAL_ERROR)).isZero();
    assertThat(figures.ends(CloseReason.MALFORMED_REQUEST)).isZero();
    assertThat(figures.ends(CloseReason.MALFORMED_RESPONSE)).isZero();
    assertThat(figures.ends(CloseReason.NOT_KAFKA)).isZero();
    assertThat(figures.ends(CloseReason.UNSUPPORTED_VERSION)).isZero();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static <K, V> V at(Map<K, V> map, K key) {
    return Objects.requireNonNull(map.get(key), () -> key + " is not in " + map.keySet());
  }

  /** Creates a topic through the gateway. */
  private static String newTopic(Admin admin, int partitions) throws Exception {
    String topic = RealCluster.newName("topic");
    get(admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 3))).all());
    // Checked at the brokers directly, so that the test does not depend on metadata propagation.
    RealCluster.get().awaitInSync(topic);
    return topic;
  }

  private static List<String> produce(String topic, int count) throws Exception {
    List<String> values = IntStream.range(0, count).mapToObj(String::valueOf).toList();
    try (KafkaProducer<String, String> producer = proxy.producer(Map.of())) {
      List<Future<?>> sent = new ArrayList<>();
      for (String value : values) {
        sent.add(producer.send(new ProducerRecord<>(topic, value, value)));
      }
      for (Future<?> each : sent) {
        var _ = get(each);
      }
      assertThat(producer.partitionsFor(topic))
          .allSatisfy(info -> assertThat(proxy.foreignNodes(List.of(info.replicas()))).isEmpty());
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void groupsOfBothProtocols(String protocol) throws Exception {
    String group = RealCluster.newName(protocol);
    try (Admin admin = proxy.admin()) {
      String topic = newTopic(admin, 6);
      List<String> values = produce(topic, RECORDS);
      Map<String, Object> settings = Map.of("group.id", group, "group.protocol", protocol);
      Set<String> all = new HashSet<>(values);
      try (GroupReader first = GroupReader.start(proxy.consumer(settings), topic)) {
        first.awaitAll(all);
        try (GroupReader second = GroupReader.start(proxy.consumer(settings), topic)) {
          // New records are shared by both; earlier ones may have been read before the second
          // joined.
          List<String> more = produce(topic, RECORDS);
          assertThat(more).hasSize(RECORDS);
          Await.within(
              Duration.ofSeconds(30),
              () -> "not all is committed",
              () -> committed(admin, group) == 2 * RECORDS);
          assertThat(get(admin.describeConsumerGroups(List.of(group)).all()).get(group))
              .satisfies(description -> {
                assertThat(proxy.isOurs(description.coordinator())).isTrue();
                assertThat(description.members()).hasSize(2);
              });
          assertThat(second).isNotNull();
        }
      }
    }
  }

  private static long committed(Admin admin, String group) throws Exception {
    return get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
        .values()
        .stream()
        .mapToLong(OffsetAndMetadata::offset)
        .sum();
  }

  @Test
  void transactions() throws Exception {
    try (Admin admin = proxy.admin()) {
      String from = newTopic(admin, 2);
      String to = newTopic(admin, 2);
      String group = RealCluster.newName("mover");
      List<String> values = produce(from, 100);
      Map<String, Object> transactional =
          Map.of("transactional.id", RealCluster.newName("transactional"));
      try (KafkaProducer<String, String> producer = proxy.producer(transactional);
          KafkaConsumer<String, String> consumer = proxy.consumer(Map.of("group.id", group))) {
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(to, "aborted", "aborted"));
        producer.flush();
        producer.abortTransaction();

        producer.beginTransaction();
        for (ConsumerRecord<String, String> each : Ledger.readAll(consumer, from)) {
          producer.send(new ProducerRecord<>(to, each.key(), each.value()));
        }
        producer.sendOffsetsToTransaction(
            Map.of(new TopicPartition(from, 0), new OffsetAndMetadata(7)),
            consumer.groupMetadata());
        producer.commitTransaction();
      }
      try (KafkaConsumer<String, String> reader =
          proxy.consumer(Map.of("isolation.level", "read_committed"))) {
        assertThat(Ledger.readAll(reader, to))
            .extracting(ConsumerRecord::value)
            .containsExactlyInAnyOrderElementsOf(values);
      }
      assertThat(committed(admin, group)).isEqualTo(7);
      assertThat(get(admin.listTransactions().all())).isNotEmpty();
    }
  }

  @Test
  void shareGroups() throws Exception {
    String group = RealCluster.newName("share");
    try (Admin admin = proxy.admin()) {
      String topic = newTopic(admin, 3);
      get(
          admin
              .incrementalAlterConfigs(
                  Map.of(
                      new ConfigResource(ConfigResource.Type.GROUP, group),
                      List.of(
                          new AlterConfigOp(
                              new ConfigEntry("share.auto.offset.reset", "earliest"),
                              AlterConfigOp.OpType.SET))))
              .all());
      List<String> values = produce(topic, RECORDS);
      Set<String> seen = new HashSet<>();
      try (KafkaShareConsumer<String, String> consumer =
          proxy.shareConsumer(Map.of("group.id", group))) {
        consumer.subscribe(List.of(topic));
        Await.within(
            Duration.ofSeconds(40),
            () -> seen.size() + " records",
            () -> {
              consumer.poll(Duration.ofMillis(500)).forEach(each -> seen.add(each.value()));
              var _ = consumer.commitSync();
              return seen.containsAll(values);
            });
        assertThat(get(admin.describeShareGroups(List.of(group)).all()).get(group))
            .satisfies(description -> assertThat(proxy.isOurs(description.coordinator())).isTrue());
      }
    }
  }

  @Test
  void largeRecordsAndOldAcks() throws Exception {
    try (Admin admin = proxy.admin()) {
      String topic = newTopic(admin, 1);
      String large = "x".repeat(900_000);
      for (String acks : List.of("0", "1", "all")) {
        Map<String, Object> settings =
            Map.of("acks", acks, "enable.idempotence", false, "compression.type", "lz4");
        try (KafkaProducer<String, String> producer = proxy.producer(settings)) {
          for (int i = 0; i < 20; i++) {
            producer.send(new ProducerRecord<>(topic, acks, large));
          }
        }
      }
      try (KafkaConsumer<String, String> reader = proxy.consumer(Map.of())) {
        assertThat(Ledger.readAll(reader, topic))
            .hasSize(60)
            .allSatisfy(each -> assertThat(each.value()).hasSize(large.length()));
      }
    }
  }

  @Test
  void theAdminClientDescribesTheClusterWithGatewayAddresses() throws Exception {
    try (Admin admin = proxy.admin()) {
      String topic = newTopic(admin, 3);
      var cluster = admin.describeCluster();
      assertThat(get(cluster.nodes())).hasSize(3);
      assertThat(proxy.foreignNodes(get(cluster.nodes()))).isEmpty();
      assertThat(proxy.isOurs(get(cluster.controller()))).isTrue();
      at(get(admin.describeTopics(List.of(topic)).allTopicNames()), topic)
          .partitions()
          .forEach(partition -> {
            assertThat(proxy.isOurs(partition.leader())).isTrue();
            assertThat(proxy.foreignNodes(partition.replicas())).isEmpty();
            assertThat(proxy.foreignNodes(partition.isr())).isEmpty();
          });
      var quorum = get(admin.describeMetadataQuorum().quorumInfo());
      assertThat(quorum.voters()).hasSize(3);
      quorum
          .nodes()
          .values()
          .forEach(node ->
              node.endpoints()
                  .forEach(endpoint ->
                      assertThat(proxy.isOurs(new HostPort(endpoint.host(), endpoint.port())))
                          .as("%s", endpoint)
                          .isTrue()));
    }
  }

  @Test
  void brokerConfigurationsDiscloseNoBrokerAddress() throws Exception {
    try (Admin admin = proxy.admin()) {
      List<ConfigResource> brokers =
          List.of(
              new ConfigResource(ConfigResource.Type.BROKER, "1"),
              new ConfigResource(ConfigResource.Type.BROKER, "2"),
              new ConfigResource(ConfigResource.Type.BROKER, "3"),
              new ConfigResource(ConfigResource.Type.BROKER, ""));
      var described = get(admin.describeConfigs(brokers).all());
      assertThat(described).hasSize(4);
      described.forEach((broker, config) ->
          config
              .entries()
              .forEach(entry -> assertThat(entry.toString()).doesNotContain("127.0.0.1")));
      assertThat(at(described, brokers.getFirst()).get("advertised.listeners").value())
          .contains(RestartableGateway.HOST);
    }
  }

  @Test
  void adminClientOperations() throws Exception {
    try (Admin admin = proxy.admin()) {
      String topic = newTopic(admin, 1);
      TopicPartition partition = new TopicPartition(topic, 0);
      var _ = produce(topic, 100);
      assertThat(
              at(get(admin.listOffsets(Map.of(partition, OffsetSpec.latest())).all()), partition)
                  .offset())
          .isEqualTo(100);
      var deleted =
          admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(40))).lowWatermarks();
      assertThat(get(at(deleted, partition)).lowWatermark()).isEqualTo(40);
      get(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all());
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      get(
          admin
              .incrementalAlterConfigs(
                  Map.of(
                      resource,
                      List.of(
                          new AlterConfigOp(
                              new ConfigEntry("retention.ms", "12345"), AlterConfigOp.OpType.SET))))
              .all());
      // Brokers learn of a change a little after it was acknowledged.
      Await.within(
          Duration.ofSeconds(15),
          () -> "retention.ms is not changed",
          () -> {
            var described = get(admin.describeConfigs(List.of(resource)).all());
            return "12345".equals(at(described, resource).get("retention.ms").value());
          });
      assertThat(get(admin.describeLogDirs(List.of(1, 2, 3)).allDescriptions())).hasSize(3);
      assertThat(get(admin.describeProducers(List.of(partition)).all())).hasSize(1);
      assertThat(get(admin.describeFeatures().featureMetadata()).finalizedFeatures()).isNotEmpty();
      assertThat(get(admin.listGroups().all())).isNotNull();
      assertThatThrownBy(() -> get(admin.describeAcls(AclBindingFilter.ANY).values()))
          .hasMessageContaining("SecurityDisabledException");
      get(admin.deleteTopics(List.of(topic)).all());
      Await.within(
          Duration.ofSeconds(15),
          () -> "the topic is still there",
          () -> !get(admin.listTopics().names()).contains(topic));
    }
  }
}
