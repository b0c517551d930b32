package io.gatehouse.control.kafka;

import io.gatehouse.auth.OutageLog;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to a topic, on a thread of its own. The topic is created if it is missing. Events
 * wait while the cluster does not answer, up to a limit; what exceeds it is dropped and counted.
 */
public final class EventTopic implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EventTopic.class);

  /** How many events may wait. */
  private static final int MAX_EVENTS = 8192;

  /** How many bytes of events may wait; as many again may wait in the producer. */
  private static final long MAX_BYTES = 8 << 20;

  private static final int REQUEST_MILLIS = 5000;
  private static final long RETRY_MILLIS = 1000;

  /** After that long without a success, a new producer is made. */
  private static final long NEW_PRODUCER_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** How long the events that wait may take when the process ends. */
  private static final Duration FLUSH = Duration.ofSeconds(3);

  private static final Event WAKE_UP = new Event(0, _ -> new byte[0]);

  private static final Map<String, Object> PRODUCER =
      Map.of(
          "client.id",
          "gatehouse-events",
          "acks",
          "all",
          "linger.ms",
          20,
          "compression.type",
          "gzip",
          "max.block.ms",
          REQUEST_MILLIS,
          "request.timeout.ms",
          REQUEST_MILLIS,
          "delivery.timeout.ms",
          30_000,
          "buffer.memory",
          MAX_BYTES,
          "reconnect.backoff.max.ms",
          RETRY_MILLIS);

  private final KafkaAccess access;
  private final Settings settings;
  private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(MAX_EVENTS);
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicLong written = new AtomicLong();
  private final AtomicLongArray dropped = new AtomicLongArray(Cause.values().length);
  private final OutageLog troubles = new OutageLog(log);
  private final Thread thread = Thread.ofVirtual().name("event-topic").unstarted(this::run);

  /** When the process began to end, or null. */
  private final AtomicReference<@Nullable Long> closedAt = new AtomicReference<>();

  private volatile long succeededAt = System.nanoTime();
  private @Nullable Producer<byte[], byte[]> producer;
  private String clusterId = "";

  /**
   * Where events are written.
   *
   * @param cluster an upstream cluster
   * @param partitions of the topic if it is created, as the next two
   * @param replicationFactor -1 for that of the brokers
   * @param producer properties of the producer that differ from the usual ones
   */
  public record Settings(
      String cluster,
      String topic,
      int partitions,
      int replicationFactor,
      Duration retention,
      Map<String, String> producer) {
    public Settings {
      producer = Map.copyOf(producer);
    }
  }

  /**
   * An event.
   *
   * @param size about how many bytes it needs while it waits
   */
  public record Event(int size, Form form) {}

  /** Makes the record of an event. */
  public interface Form {
    /**
     * @param clusterId the id of the cluster that it is written to
     */
    byte[] record(String clusterId);
  }

  /** Why an event was dropped. */
  private enum Cause {
    /** Too many were waiting. */
    QUEUE,
    /** The cluster has not taken it. */
    WRITE,
    /** The process has ended. */
    END
  }

  public EventTopic(KafkaAccess access, Settings settings) {
    this.access = access;
    this.settings = settings;
    thread.start();
  }

  /** Writes an event some time. Never blocks. */
  public void write(Event event) {
    if (closedAt.get() != null) {
      drop(Cause.END);
    } else if (waitingBytes.addAndGet(event.size) > MAX_BYTES || !queue.offer(event)) {
      waitingBytes.addAndGet(-event.size);
      drop(Cause.QUEUE);
    }
  }

  /** Events that the cluster has taken. */
  public long written() {
    return written.get();
  }

  /** Events that were dropped, by cause. */
  public Map<String, Long> dropped() {
    Map<String, Long> all = new TreeMap<>();
    for (Cause cause : Cause.values()) {
      all.put(cause.name().toLowerCase(Locale.ROOT), dropped.get(cause.ordinal()));
    }
    return all;
  }

  private void drop(Cause cause) {
    dropped.incrementAndGet(cause.ordinal());
  }

  private void run() {
    try {
      while (closedAt.get() == null || !queue.isEmpty()) {
        if (producer == null && !open()) {
          if (closedAt.get() != null) {
            return;
          }
          Thread.sleep(RETRY_MILLIS);
        } else {
          send(queue.take());
        }
      }
    } catch (InterruptedException | org.apache.kafka.common.errors.InterruptException _) {
      // The time for the last events is over.
    } catch (RuntimeException e) {
      log.error("Events are no longer written to the topic {}", settings.topic, e);
    } finally {
      closeProducer();
    }
  }

  /** Returns whether the topic exists and a producer is there. */
  private boolean open() throws InterruptedException {
    try {
      try (Admin admin = Admin.create(properties("gatehouse-events-admin"))) {
        clusterId = get(admin.describeCluster().clusterId().toCompletionStage());
        requireTopic(admin);
      }
      Map<String, Object> properties = properties("gatehouse-events");
      PRODUCER.forEach(properties::put);
      properties.putAll(settings.producer);
      producer =
          new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
      succeededAt = System.nanoTime();
      return true;
    } catch (ExecutionException e) {
      failed(e.getCause() == null ? e : e.getCause());
    } catch (KafkaException | IllegalArgumentException | TimeoutException e) {
      failed(e);
    }
    return false;
  }

  private Map<String, Object> properties(String clientId) {
    Map<String, Object> properties = new HashMap<>(access.properties(settings.cluster));
    properties.put("client.id", clientId);
    properties.put("request.timeout.ms", REQUEST_MILLIS);
    properties.put("default.api.timeout.ms", REQUEST_MILLIS);
    return properties;
  }

  private void requireTopic(Admin admin)
      throws ExecutionException, InterruptedException, TimeoutException {
    try {
      var _ =
          get(admin.describeTopics(List.of(settings.topic)).allTopicNames().toCompletionStage());
      return;
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
        throw e;
      }
    }
    Optional<Short> replicas =
        settings.replicationFactor < 0
            ? Optional.empty()
            : Optional.of((short) settings.replicationFactor);
    NewTopic topic =
        new NewTopic(settings.topic, Optional.of(settings.partitions), replicas)
            .configs(
                Map.of(
                    "cleanup.policy",
                    "delete",
                    "retention.ms",
                    Long.toString(settings.retention.toMillis())));
    try {
      var _ = get(admin.createTopics(List.of(topic)).all().toCompletionStage());
      log.info("The topic {} was created", settings.topic);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  private static <T> T get(java.util.concurrent.CompletionStage<T> stage)
      throws ExecutionException, InterruptedException, TimeoutException {
    return stage.toCompletableFuture().get(2L * REQUEST_MILLIS, TimeUnit.MILLISECONDS);
  }

  @SuppressWarnings("ReferenceEquality") // WAKE_UP is one object
  private void send(Event event) {
    waitingBytes.addAndGet(-event.size);
    Producer<byte[], byte[]> open = producer;
    if (event == WAKE_UP || open == null) {
      return;
    }
    try {
      byte[] value = event.form.record(clusterId);
      open.send(
          new ProducerRecord<>(settings.topic, value),
          (_, failure) -> {
            if (failure == null) {
              succeededAt = System.nanoTime();
              written.incrementAndGet();
              troubles.works("The topic " + settings.topic);
            } else {
              drop(Cause.WRITE);
              failed(failure);
            }
          });
    } catch (KafkaException e) {
      drop(Cause.WRITE);
      failed(e);
    }
    if (System.nanoTime() - succeededAt > NEW_PRODUCER_NANOS && troubles.isFailing()) {
      // The properties hold only as long as the bootstrap servers stay the same.
      closeProducer();
    }
  }

  private void failed(Throwable why) {
    if (closedAt.get() == null) {
      troubles.failed(
          "Events cannot be written to the topic %s of the cluster %s: %s"
              .formatted(settings.topic, settings.cluster, why));
    }
  }

  /** Waits for what was sent until the time is over, and fails the rest. */
  private void closeProducer() {
    Producer<byte[], byte[]> open = producer;
    producer = null;
    if (open != null) {
      Long since = closedAt.get();
      long left = since == null ? 0 : FLUSH.toNanos() - (System.nanoTime() - since);
      open.close(Duration.ofNanos(Math.max(0, left)));
    }
  }

  /** Writes the events that wait, for some seconds at most. */
  @Override
  public void close() {
    if (!closedAt.compareAndSet(null, System.nanoTime())) {
      return;
    }
    var _ = queue.offer(WAKE_UP); // a full queue needs none
    try {
      if (!thread.join(FLUSH)) {
        thread.interrupt();
        var _ = thread.join(FLUSH);
      }
    } catch (InterruptedException _) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
    long left = queue.stream().filter(event -> !event.equals(WAKE_UP)).count();
    dropped.addAndGet(Cause.END.ordinal(), left);
    long lost = dropped().values().stream().mapToLong(Long::longValue).sum();
    if (lost > 0) {
      log.warn("{} events were not written to the topic {}", lost, settings.topic);
    }
  }
}
