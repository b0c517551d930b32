package io.gatehouse.app;

import io.gatehouse.testkit.Acknowledged;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Kafka's Java clients that produce the numbers from 0 to four partitions, and read them as a
 * member of a group with the topic's name, until this is closed.
 */
final class NumberedTraffic implements AutoCloseable {

  private static final int PARTITIONS = 4;

  final Acknowledged acked = new Acknowledged();
  final Queue<Exception> failed = new ConcurrentLinkedQueue<>();
  final Set<String> read = ConcurrentHashMap.newKeySet();
  final AtomicInteger again = new AtomicInteger();

  private final AtomicBoolean enough = new AtomicBoolean();
  private final Map<String, Object> common;
  private final String topic;
  private final Thread writing;
  private final Thread reading;

  NumberedTraffic(String bootstrap, String topic) {
    this.topic = topic;
    common =
        Map.of(
            "bootstrap.servers", bootstrap,
            "reconnect.backoff.max.ms", 200,
            "metadata.max.age.ms", 2000);
    writing = Thread.ofVirtual().start(this::write);
    reading = Thread.ofVirtual().start(this::read);
  }

  private Map<String, Object> with(Map<String, Object> more) {
    Map<String, Object> all = new TreeMap<>(common);
    all.putAll(more);
    return all;
  }

  private void write() {
    Map<String, Object> settings =
        with(Map.of("acks", "all", "enable.idempotence", false, "linger.ms", 2));
    try (var producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; !enough.get(); i++) {
        String value = String.valueOf(i);
        producer.send(
            new ProducerRecord<>(topic, i % PARTITIONS, value, value),
            (_, failure) -> {
              if (failure == null) {
                acked.add(value);
              } else {
                failed.add(failure);
              }
            });
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void read() {
    Map<String, Object> settings =
        with(
            Map.of(
                "group.id",
                topic,
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false,
                "session.timeout.ms",
                6000,
                "heartbeat.interval.ms",
                1000));
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      while (!enough.get()) {
        for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(100))) {
          if (!read.add(each.value())) {
            again.incrementAndGet();
          }
        }
        consumer.commitAsync((_, _) -> {});
      }
    }
  }

  /** Lets it deliver what it has sent, and ends it. */
  void stop() {
    enough.set(true);
    try {
      writing.join();
      reading.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
  }
}
