package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;

/** Clients that produce and consume while gateways come and go. */
final class SteadyTraffic {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private SteadyTraffic() {}

  /** An idempotent producer at work. */
  static final class Producing {

    private final KafkaProducer<String, String> producer;
    private final AtomicBoolean enough = new AtomicBoolean();
    private final Collection<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final Collection<Exception> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final Thread thread;

    Producing(String topic, Map<String, Object> properties) {
      properties.put("acks", "all");
      properties.put("linger.ms", 0);
      producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
      String prefix = properties.get("client.id") + " ";
      thread =
          Thread.ofVirtual()
              .start(() -> {
                for (int i = 0; !enough.get(); i++) {
                  String value = prefix + i;
                  producer.send(
                      new ProducerRecord<>(topic, value, value),
                      (_, failure) -> {
                        if (failure == null) {
                          acknowledged.add(value);
                          count.incrementAndGet();
                        } else {
                          failures.add(failure);
                        }
                      });
                  java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
                }
              });
    }

    void awaitMore(int more) {
      int goal = count.get() + more;
      Awaitility.await().atMost(LIMIT).until(() -> count.get() >= goal);
    }

    Collection<String> end() throws InterruptedException {
      enough.set(true);
      assertThat(thread.join(LIMIT)).isTrue();
      producer.close();
      assertThat(failures).isEmpty();
      return acknowledged;
    }
  }

  /** A consumer group at work. */
  static final class Reading {

    private final Set<String> read = java.util.concurrent.ConcurrentHashMap.newKeySet();
    private final AtomicBoolean enough = new AtomicBoolean();
    private final Thread thread;

    Reading(String topic, Map<String, Object> properties) {
      properties.put("group.id", topic);
      properties.put("auto.offset.reset", "earliest");
      thread =
          Thread.ofVirtual()
              .start(() -> {
                try (KafkaConsumer<String, String> consumer =
                    new KafkaConsumer<>(
                        properties, new StringDeserializer(), new StringDeserializer())) {
                  consumer.subscribe(List.of(topic));
                  while (!enough.get()) {
                    consumer
                        .poll(Duration.ofMillis(200))
                        .forEach(record -> read.add(record.value()));
                  }
                }
              });
    }

    void awaitAll(Set<String> values) throws InterruptedException {
      Awaitility.await().atMost(LIMIT).until(() -> read.containsAll(values));
      enough.set(true);
      assertThat(thread.join(LIMIT)).isTrue();
    }
  }
}
