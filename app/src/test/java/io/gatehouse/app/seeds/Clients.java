package io.gatehouse.app.seeds;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's clients with the properties of a page. */
final class Clients {

  private static final int PARTITIONS = 3;
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final AtomicInteger TOPICS = new AtomicInteger();

  private Clients() {}

  /** Sends a record to each broker and reads all of them. */
  static void exchange(Map<String, Object> properties) throws Exception {
    exchange(properties, false);
  }

  /** The same with a consumer group, which needs a coordinator. */
  static void exchangeInGroup(Map<String, Object> properties) throws Exception {
    exchange(properties, true);
  }

  private static void exchange(Map<String, Object> properties, boolean group) throws Exception {
    String topic = "seed-" + TOPICS.incrementAndGet();
    PageEnvironment.get().cluster.createTopic(topic, PARTITIONS, 1);
    List<String> sent = new ArrayList<>();
    try (KafkaProducer<String, String> producer = producer(properties)) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        String value = topic + " " + partition;
        var at =
            producer
                .send(new ProducerRecord<>(topic, partition, "key", value))
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(at.offset()).isZero();
        sent.add(value);
      }
    }
    assertThat(read(properties, topic, group)).containsExactlyInAnyOrderElementsOf(sent);
  }

  private static List<String> read(Map<String, Object> properties, String topic, boolean group) {
    Map<String, Object> all = new HashMap<>(properties);
    all.put("group.id", topic);
    all.put("enable.auto.commit", false); // does not need a coordinator
    all.put("auto.offset.reset", "earliest");
    List<String> read = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer())) {
      if (group) {
        consumer.subscribe(List.of(topic));
      } else {
        consumer.assign(
            IntStream.range(0, PARTITIONS).mapToObj(i -> new TopicPartition(topic, i)).toList());
        consumer.seekToBeginning(List.of());
      }
      long end = System.nanoTime() + LIMIT.toNanos();
      while (read.size() < PARTITIONS && System.nanoTime() - end < 0) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> read.add(record.value()));
      }
      if (group) {
        consumer.commitSync(LIMIT);
      }
    }
    return read;
  }

  private static KafkaProducer<String, String> producer(Map<String, Object> properties) {
    Map<String, Object> all = new HashMap<>(properties);
    all.putIfAbsent("max.block.ms", LIMIT.toMillis());
    all.put("delivery.timeout.ms", 20_000);
    all.putIfAbsent("request.timeout.ms", 10_000);
    all.put("linger.ms", 0);
    return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
  }

  /** Asserts that a client is not served, because the gateway's login is refused. */
  static void assertUnserved(Map<String, Object> properties) throws Exception {
    assertThat(refusal(properties, 1_000)).isInstanceOf(TimeoutException.class);
  }

  /** The authentication error of a client. */
  static KafkaException refusal(Map<String, Object> properties) throws Exception {
    return refusal(properties, LIMIT.toMillis());
  }

  private static KafkaException refusal(Map<String, Object> properties, long limitMs)
      throws Exception {
    Map<String, Object> all = new TreeMap<>(properties);
    all.put("max.block.ms", limitMs);
    all.put("request.timeout.ms", 1_000);
    all.put("enable.idempotence", false); // otherwise closing waits for a producer id
    KafkaProducer<String, String> producer = producer(all);
    try {
      var at = producer.send(new ProducerRecord<>("refused", "value")).get(20, TimeUnit.SECONDS);
      throw new AssertionError("it was let in: " + at);
    } catch (ExecutionException e) {
      return (KafkaException) Objects.requireNonNull(e.getCause());
    } catch (KafkaException e) {
      return e;
    } finally {
      producer.close(Duration.ZERO); // it may be waiting for a response
    }
  }
}
