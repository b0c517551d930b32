package io.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KafkaClusterIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @ParameterizedTest
  @EnumSource
  void killedLeaderIsReplacedAndComesBack(KafkaVersion version) throws Exception {
    long before = System.nanoTime();
    try (KafkaCluster cluster = KafkaCluster.of(version, 3).start()) {
      report(cluster, before);
      cluster.createTopic("t", 1, 3);
      produce(cluster, 0, 10);
      assertThat(consume(cluster, 10)).isEqualTo(values(10));

      KafkaBroker leader = cluster.leader("t", 0);
      long pid = leader.pid();
      int port = leader.port();
      long killed = System.nanoTime();
      leader.kill();
      assertThat(leader.isAlive()).isFalse();
      assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
      KafkaBroker successor = cluster.leader("t", 0);
      System.out.printf("Kafka %s: new leader after %d ms%n", version, millisSince(killed));
      assertThat(successor.id()).isNotEqualTo(leader.id());
      produce(cluster, 10, 10);
      assertThat(consume(cluster, 20)).isEqualTo(values(20));

      leader.start();
      cluster.awaitReady();
      assertThat(leader.pid()).isNotEqualTo(pid);
      assertThat(leader.port()).isEqualTo(port);
      cluster.awaitInSync("t");
      assertThat(replicasInSync(cluster)).contains(leader.id());
    }
  }

  private static void report(KafkaCluster cluster, long before) {
    System.out.printf(
        "Kafka %s: %d brokers ready after %d ms, resident MiB: %s%n",
        cluster.version(),
        cluster.brokers().size(),
        millisSince(before),
        cluster.brokers().stream().map(broker -> broker.residentKilobytes() / 1024).toList());
    assertThat(cluster.brokers()).allMatch(broker -> broker.residentKilobytes() > 10_000);
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }

  /** As seen by Kafka's client. */
  private static List<Integer> replicasInSync(KafkaCluster cluster) throws Exception {
    Map<String, TopicDescription> topics =
        cluster.admin().describeTopics(List.of("t")).allTopicNames().get();
    return topics.values().stream()
        .flatMap(topic -> topic.partitions().stream())
        .flatMap(partition -> partition.isr().stream())
        .map(Node::id)
        .toList();
  }

  @Test
  void stoppedBrokersKeepTheirDataAndPausedOnesAreDetected() {
    try (KafkaCluster cluster = KafkaCluster.of(KafkaVersion.V4_4, 3).start()) {
      cluster.createTopic("t", 1, 3);
      produce(cluster, 0, 5);
      KafkaBroker leader = cluster.leader("t", 0);

      leader.stop();
      assertThat(leader.isAlive()).isFalse();
      cluster.awaitReady();
      leader.start();
      cluster.awaitReady();

      cluster.awaitInSync("t");
      KafkaBroker paused = cluster.leader("t", 0);
      paused.pause();
      assertThat(paused.isAlive()).isTrue();
      assertThat(cluster.leader("t", 0).id()).isNotEqualTo(paused.id());
      cluster.awaitReady();
      paused.resume();
      cluster.awaitReady();
      assertThat(consume(cluster, 5)).isEqualTo(values(5));
    }
  }

  @Test
  void newGroupsAndTransactionsAreThere() throws Exception {
    try (KafkaCluster cluster = KafkaCluster.of(KafkaVersion.V4_4, 1).start()) {
      cluster.createTopic("t", 2, 1);
      Map<String, FinalizedVersionRange> features =
          cluster.admin().describeFeatures().featureMetadata().get().finalizedFeatures();
      assertThat(features.keySet())
          .contains("group.version", "share.version", "streams.version", "transaction.version");

      setShareGroupToEarliest(cluster);
      Map<String, Object> transactional = producer(cluster);
      transactional.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "tx");
      try (KafkaProducer<String, String> producer = new KafkaProducer<>(transactional)) {
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("t", "committed"));
        producer.commitTransaction();
      }

      Map<String, Object> grouped = consumer(cluster, "new-group");
      grouped.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer");
      try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(grouped)) {
        consumer.subscribe(List.of("t"));
        List<String> values = new ArrayList<>();
        await()
            .atMost(PATIENCE)
            .until(() -> {
              consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
              return values.equals(List.of("committed"));
            });
      }

      Map<String, Object> shared = consumer(cluster, "share-group");
      shared.remove(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG);
      shared.remove(ConsumerConfig.ISOLATION_LEVEL_CONFIG);
      try (KafkaShareConsumer<String, String> consumer = new KafkaShareConsumer<>(shared)) {
        consumer.subscribe(List.of("t"));
        List<String> values = new ArrayList<>();
        await()
            .atMost(PATIENCE)
            .until(() -> {
              consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
              return values.equals(List.of("committed"));
            });
      }
    }
  }

  private static void setShareGroupToEarliest(KafkaCluster cluster) throws Exception {
    cluster
        .admin()
        .incrementalAlterConfigs(
            Map.of(
                new ConfigResource(ConfigResource.Type.GROUP, "share-group"),
                List.of(
                    new AlterConfigOp(
                        new ConfigEntry("share.auto.offset.reset", "earliest"),
                        AlterConfigOp.OpType.SET))))
        .all()
        .get();
  }

  @Test
  void takesIdsListenersAndProperties() throws Exception {
    try (KafkaCluster cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 2)
            .withFirstId(7)
            .withListener("OTHER", "PLAINTEXT")
            .with("num.partitions", "3")
            .withBroker(8, "broker.rack", "r8")
            .withDynamicQuorum()
            .start()) {
      assertThat(cluster.brokers()).extracting(KafkaBroker::id).containsExactly(7, 8);
      assertThat(cluster.bootstrapServers("OTHER"))
          .isEqualTo(cluster.broker(7).address("OTHER") + "," + cluster.broker(8).address("OTHER"));
      assertThat(cluster.admin().describeCluster().nodes().get())
          .extracting(Node::rack)
          .containsExactlyInAnyOrder(null, "r8");
      assertThat(cluster.admin().describeMetadataQuorum().quorumInfo().get().nodes().keySet())
          .containsExactlyInAnyOrder(7, 8);
      assertThatThrownBy(() -> cluster.broker(1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no broker 1");
      try (RawClient client =
          RawClient.connect(cluster.broker(8).host(), cluster.broker(8).port("OTHER"))) {
        int id = client.request(RawClient.Header.V1, 18, 0, new byte[0]);
        byte[] answer = client.readFrame(PATIENCE);
        assertThat(answer).startsWith(0, 0, 0, id, 0, 0);
        client.send("no Kafka at all\0".getBytes(StandardCharsets.US_ASCII));
        client.expectClosed(PATIENCE);
      }
    }
  }

  @Test
  void failedStartShowsTheLog() {
    assertThatThrownBy(
            () -> KafkaCluster.of(KafkaVersion.V4_4, 1).with("num.io.threads", "many").start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("broker-0 has died")
        .hasMessageContaining("many")
        .hasMessageContaining("num.io.threads");
  }

  @Test
  void lostPortIsNoticed() throws Exception {
    try (ClusterNodes nodes = ClusterNodes.create(KafkaCluster.of(KafkaVersion.V4_4, 1));
        ServerSocket squatter =
            new ServerSocket(
                nodes.brokers().getFirst().port(), 1, InetAddress.getLoopbackAddress())) {
      nodes.launch();
      await().atMost(PATIENCE).until(nodes::lostPort);
      assertThat(squatter.isBound()).isTrue();
    }
  }

  private static List<String> values(int count) {
    return IntStream.range(0, count).mapToObj(i -> "v" + i).toList();
  }

  private static Map<String, Object> producer(KafkaCluster cluster) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrapServers());
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    return settings;
  }

  private static void produce(KafkaCluster cluster, int first, int count) {
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(producer(cluster))) {
      for (int i = first; i < first + count; i++) {
        producer.send(new ProducerRecord<>("t", "v" + i));
      }
      producer.flush();
    }
  }

  private static Map<String, Object> consumer(KafkaCluster cluster, String group) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrapServers());
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class);
    settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class);
    return settings;
  }

  private static List<String> consume(KafkaCluster cluster, int count) {
    List<String> values = new ArrayList<>();
    Deadline deadline = Deadline.in(PATIENCE);
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(consumer(cluster, "g"))) {
      consumer.assign(List.of(new TopicPartition("t", 0)));
      consumer.seekToBeginning(consumer.assignment());
      while (values.size() < count && !deadline.isOver()) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }
}
