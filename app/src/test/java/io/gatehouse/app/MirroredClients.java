package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.SteadyClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * A Java and a librdkafka client, each with a topic and a group of the same name, and what two
 * clusters have of their records.
 */
record MirroredClients(NumberedTraffic java, SteadyClient librdkafka) implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String JAVA = "mirrored-java";
  private static final String LIBRDKAFKA = "mirrored-librdkafka";

  /** Their topics, of four partitions each. */
  static final List<String> TOPICS = List.of(JAVA, LIBRDKAFKA);

  static MirroredClients start(String bootstrap) {
    return new MirroredClients(
        new NumberedTraffic(bootstrap, JAVA),
        SteadyClient.start(bootstrap, LIBRDKAFKA, LIBRDKAFKA));
  }

  /** What was acknowledged, by topic. */
  Map<String, List<String>> acked() {
    return Map.of(
        JAVA, List.copyOf(java.acked.values()), LIBRDKAFKA, List.copyOf(librdkafka.acked()));
  }

  /** Waits until each got more acknowledgements. */
  void awaitMore(int count) {
    int javaGoal = java.acked.values().size() + count;
    int librdkafkaGoal = librdkafka.acked().size() + count;
    await()
        .atMost(LIMIT)
        .until(() ->
            java.acked.values().size() >= javaGoal && librdkafka.acked().size() >= librdkafkaGoal);
    assertThat(java.failed).isEmpty();
    assertThat(librdkafka.others()).noneMatch(line -> line.startsWith("failed"));
  }

  /** Waits until the groups have read these values. */
  void awaitRead(Map<String, List<String>> values) {
    await()
        .atMost(LIMIT)
        .until(() ->
            java.read.containsAll(values.getOrDefault(JAVA, List.of()))
                && librdkafka.read().containsAll(values.getOrDefault(LIBRDKAFKA, List.of())));
  }

  void restartFigures() {
    var _ = figures();
  }

  /** Since this was last called, except that what was read again is since the start. */
  String figures() {
    return "without acknowledgement Java %d ms, librdkafka %d ms, read again %d and %d of %d and %d"
        .formatted(
            java.acked.takeLongestGap().toMillis(),
            librdkafka.longestGap().toMillis(),
            java.again.get(),
            librdkafka.readAgain(),
            java.read.size(),
            librdkafka.read().size());
  }

  void stop() {
    java.stop();
    librdkafka.stop();
  }

  @Override
  public void close() {
    stop();
  }

  /** The values in a topic, and how often each is there. */
  private static Map<String, Integer> valuesIn(KafkaCluster cluster, String topic) {
    Map<String, Object> settings = Map.of("bootstrap.servers", cluster.bootstrapServers());
    Map<String, Integer> found = new HashMap<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> all =
          consumer.partitionsFor(topic).stream()
              .map(one -> new TopicPartition(topic, one.partition()))
              .toList();
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      while (all.stream().anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(one -> found.merge(one.value(), 1, Integer::sum));
      }
    }
    return found;
  }

  /** Which of these values, by topic, a cluster does not have. */
  static Set<String> missing(Map<String, List<String>> values, KafkaCluster cluster) {
    Set<String> missing = new TreeSet<>();
    values.forEach((topic, all) -> {
      Map<String, Integer> found = valuesIn(cluster, topic);
      all.stream()
          .filter(value -> !found.containsKey(value))
          .forEach(value -> missing.add(topic + " " + value));
    });
    return missing;
  }

  /** Waits until a cluster has these values. */
  static void awaitAll(Map<String, List<String>> values, KafkaCluster cluster) {
    await().atMost(LIMIT).until(() -> missing(values, cluster), Set::isEmpty);
  }

  /** How many records a cluster has more than once; none is there many times. */
  static String doubled(KafkaCluster cluster) {
    return TOPICS.stream()
        .map(topic -> {
          Map<String, Integer> all = valuesIn(cluster, topic);
          // A record that goes to and fro would be there very often.
          assertThat(all.values()).as(topic).allSatisfy(times -> assertThat(times).isLessThan(4));
          long doubled = all.values().stream().filter(times -> times > 1).count();
          return "%d of %d".formatted(doubled, all.size());
        })
        .collect(Collectors.joining(" and "));
  }

  /** The sum of a group's offsets in a cluster, by group. */
  static Map<String, Long> offsets(KafkaCluster cluster) throws Exception {
    Map<String, Long> sums = new HashMap<>();
    for (String group : TOPICS) {
      sums.put(
          group,
          cluster
              .admin()
              .listConsumerGroupOffsets(group)
              .partitionsToOffsetAndMetadata()
              .get(20, TimeUnit.SECONDS)
              .values()
              .stream()
              .filter(Objects::nonNull)
              .mapToLong(OffsetAndMetadata::offset)
              .sum());
    }
    return sums;
  }

  static void awaitOffsetsBeyond(Map<String, Long> sums, KafkaCluster cluster) {
    await()
        .atMost(LIMIT)
        .until(
            () -> offsets(cluster),
            now ->
                sums.entrySet().stream()
                    .allMatch(one -> now.getOrDefault(one.getKey(), 0L) > one.getValue()));
  }
}
