package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;

/**
 * Two producers, a group of two consumers, and a client that connects repeatedly; records the
 * result of each record and connection.
 */
final class UpgradeLoad implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String TOPIC = "upgrades";

  private final String bootstrap;
  private final AtomicBoolean enough = new AtomicBoolean();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final Set<String> read = ConcurrentHashMap.newKeySet();
  private final List<String> failed = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicLong lastAcknowledged = new AtomicLong(System.nanoTime());
  private final AtomicLong longestStall = new AtomicLong();
  private final List<Thread> producers = new ArrayList<>();
  private final List<Thread> others = new ArrayList<>();

  private UpgradeLoad(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  /**
   * The result of the load.
   *
   * @param refused connections that were refused
   * @param failed errors of the clients
   * @param missing records that were acknowledged and not read
   * @param longestStall the longest time without an acknowledgement, since {@link #takeStall}
   */
  record Result(
      int acknowledged,
      int connections,
      int refused,
      List<String> failed,
      Set<String> missing,
      Duration longestStall) {}

  static UpgradeLoad begin(String bootstrap) throws Exception {
    UpgradeLoad load = new UpgradeLoad(bootstrap);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin
          .createTopics(List.of(new NewTopic(TOPIC, 6, (short) 3)))
          .all()
          .get(60, TimeUnit.SECONDS);
    }
    for (int i = 0; i < 2; i++) {
      String name = "p" + i;
      load.producers.add(Thread.ofPlatform().name(name).start(() -> load.produce(name)));
      load.others.add(Thread.ofPlatform().name("c" + i).start(load::consume));
    }
    load.others.add(Thread.ofPlatform().name("connecting").start(load::connect));
    return load;
  }

  private void produce(String name) {
    Map<String, Object> properties =
        Map.of("bootstrap.servers", bootstrap, "linger.ms", 2, "client.id", name);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; !enough.get(); i++) {
        String value = name + "-" + i;
        producer.send(
            new ProducerRecord<>(TOPIC, value, value),
            (_, failure) -> {
              if (failure != null) {
                failed.add(value + ": " + failure);
                return;
              }
              acknowledged.add(value);
              long now = System.nanoTime();
              long gap = now - lastAcknowledged.getAndSet(now);
              longestStall.accumulateAndGet(gap, Math::max);
            });
        if (i % 5 == 0) {
          TimeUnit.MILLISECONDS.sleep(5);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void consume() {
    Map<String, Object> properties =
        Map.of(
            "bootstrap.servers",
            bootstrap,
            "group.id",
            "upgrades",
            "auto.offset.reset",
            "earliest");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(TOPIC));
      while (!stopped.get()) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> read.add(record.value()));
      }
    } catch (RuntimeException e) {
      failed.add("a consumer: " + e);
    }
  }

  /** Connects repeatedly; the port must never be closed. */
  private void connect() {
    int port = Integer.parseInt(bootstrap.substring(bootstrap.indexOf(':') + 1));
    while (!enough.get()) {
      try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
        assertThat(socket.isConnected()).isTrue();
        connections.incrementAndGet();
        TimeUnit.MILLISECONDS.sleep(2);
      } catch (ConnectException e) {
        refused.incrementAndGet();
      } catch (IOException e) {
        failed.add("a connection: " + e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Waits for this number of further acknowledged records. */
  void awaitMore(int count) {
    int goal = acknowledged.size() + count;
    Awaitility.await()
        .atMost(LIMIT)
        .alias("acknowledged, of " + goal + "; failed: " + failed)
        .until(acknowledged::size, size -> size >= goal);
  }

  /** Returns the longest time without an acknowledgement, and resets it. */
  Duration takeStall() {
    return Duration.ofNanos(longestStall.getAndSet(0));
  }

  Result end() {
    enough.set(true);
    producers.forEach(UpgradeLoad::joined);
    Set<String> missing = new TreeSet<>();
    try {
      Awaitility.await().atMost(LIMIT).until(() -> read.containsAll(acknowledged));
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      missing.addAll(acknowledged);
      missing.removeAll(read);
    }
    return new Result(
        acknowledged.size(),
        connections.get(),
        refused.get(),
        List.copyOf(failed),
        missing,
        Duration.ofNanos(longestStall.get()));
  }

  @Override
  public void close() {
    enough.set(true);
    stopped.set(true);
    others.forEach(UpgradeLoad::joined);
    producers.forEach(UpgradeLoad::joined);
  }

  private static void joined(Thread thread) {
    try {
      assertThat(thread.join(LIMIT)).as("%s ends", thread.getName()).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
