package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.testkit.KafkaCluster;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The topics, groups and transactions that requests are about. No request changes them, so that one
 * that is sent twice has the same answer.
 */
final class World implements AutoCloseable {

  static final List<String> TOPICS = List.of("aa", "ab", "ba");

  /** Members by the classic protocol and by that of KIP-848, and offsets without members. */
  static final String CLASSIC_GROUP = "ga";

  static final String CONSUMER_GROUP = "gb";
  static final String EMPTY_GROUP = "gc";

  /** With offsets and without members. */
  static final String SHARE_GROUP = "h";

  /** Groups that can be deleted. */
  static final Set<String> ENDING_GROUPS = Set.of(EMPTY_GROUP, SHARE_GROUP);

  /** Without and with an ongoing transaction. */
  static final String IDLE_TRANSACTION = "ta";

  static final String OPEN_TRANSACTION = "tb";

  private static final List<String> TOPIC_NAMES =
      List.of("aa", "ab", "ba", "aa", "ab", "ba", "ax", "bx", "__consumer_offsets");
  private static final List<String> GROUP_NAMES =
      List.of(CLASSIC_GROUP, CONSUMER_GROUP, EMPTY_GROUP, "gx", SHARE_GROUP);
  private static final List<String> TRANSACTIONAL_IDS =
      List.of(IDLE_TRANSACTION, OPEN_TRANSACTION, "tx");

  private static final ListTopicsOptions ALL = new ListTopicsOptions().listInternal(true);

  private final KafkaCluster cluster;
  private final String prefix;
  private final Map<String, UUID> topicIds = new HashMap<>();
  private final List<Closeable> clients = new ArrayList<>();

  /**
   * Creates everything.
   *
   * @param prefix what names at the broker begin with, for those of a virtual cluster
   */
  World(KafkaCluster cluster, String prefix) throws Exception {
    this.cluster = cluster;
    this.prefix = prefix;
    for (String topic : TOPICS) {
      cluster.createTopic(prefix + topic, 1, 1);
    }
    join(CLASSIC_GROUP, "classic");
    join(CONSUMER_GROUP, "consumer");
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    TOPICS.forEach(topic ->
        offsets.put(new TopicPartition(prefix + topic, 0), new OffsetAndMetadata(5, "metadata")));
    cluster
        .admin()
        .alterConsumerGroupOffsets(prefix + EMPTY_GROUP, offsets)
        .all()
        .get(30, TimeUnit.SECONDS);
    Map<TopicPartition, Long> starts = new HashMap<>();
    TOPICS.forEach(topic -> starts.put(new TopicPartition(prefix + topic, 0), 0L));
    cluster
        .admin()
        .alterShareGroupOffsets(prefix + SHARE_GROUP, starts)
        .all()
        .get(30, TimeUnit.SECONDS);
    transaction(IDLE_TRANSACTION);
    KafkaProducer<byte[], byte[]> open = transaction(OPEN_TRANSACTION);
    open.beginTransaction();
    open.send(new ProducerRecord<>(prefix + "aa", new byte[] {1}));
    open.flush();
    for (String name : cluster.admin().listTopics(ALL).names().get(30, TimeUnit.SECONDS)) {
      if (name.startsWith(prefix)) {
        TopicDescription topic =
            cluster
                .admin()
                .describeTopics(List.of(name))
                .allTopicNames()
                .get(30, TimeUnit.SECONDS)
                .get(name);
        Uuid id = Objects.requireNonNull(topic).topicId();
        topicIds.put(
            name.substring(prefix.length()),
            new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()));
      }
    }
  }

  private void join(String group, String protocol) {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                cluster.bootstrapServers(),
                "group.id",
                prefix + group,
                "group.protocol",
                protocol,
                "max.poll.interval.ms",
                3_600_000,
                "enable.auto.commit",
                false),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    clients.add(consumer);
    consumer.subscribe(List.of(prefix + "aa", prefix + "ab"));
    Await.within(
        Duration.ofSeconds(30),
        () -> "no assignment in " + group,
        () -> {
          var _ = consumer.poll(Duration.ofMillis(50));
          return consumer.assignment().size() == 2;
        });
    consumer.commitSync(
        Map.of(new TopicPartition(prefix + "aa", 0), new OffsetAndMetadata(5, "metadata")));
  }

  private KafkaProducer<byte[], byte[]> transaction(String id) {
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                cluster.bootstrapServers(),
                "transactional.id",
                prefix + id,
                "transaction.timeout.ms",
                900_000),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    clients.add(producer);
    producer.initTransactions();
    return producer;
  }

  /** Names of resources, some of which do not exist. */
  static List<String> names(ResourceType type) {
    return switch (type) {
      case TOPIC -> TOPIC_NAMES;
      case GROUP -> GROUP_NAMES;
      case TRANSACTIONAL_ID -> TRANSACTIONAL_IDS;
      default -> List.of();
    };
  }

  /** The names of all resources. */
  static Set<String> names() {
    Set<String> all = new HashSet<>();
    for (ResourceType type : ResourceType.values()) {
      all.addAll(names(type));
    }
    return all;
  }

  /** The id of a topic, or that of no topic. */
  UUID topicId(String name) {
    return topicIds.getOrDefault(name, new UUID(0x4001, name.hashCode() & 0xffff));
  }

  /** Whether it is that of a virtual cluster. */
  boolean isOfTenant() {
    return !prefix.isEmpty();
  }

  @Override
  public void close() throws IOException {
    for (Closeable client : clients) {
      client.close();
    }
  }
}
