package io.gatehouse.control.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps for all gateway nodes where the clients of a cluster are directed to, in a compacted topic
 * of that cluster and of its failover cluster. Each node reads both topics all the time. The record
 * of the highest generation is in force, and is copied to a cluster that has missed it.
 */
public final class SwitchLog implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SwitchLog.class);
  private static final long RETRY_MILLIS = 1000;

  /** How long a record may take to arrive that another node has just written. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

  /**
   * How long to wait after a record could not be copied to a cluster, which may just have begun.
   */
  private static final long FIRST_COPY_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** How long to wait after that failed often; twice as long each time until then. */
  private static final long COPY_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final Duration POLL = Duration.ofSeconds(3);
  private static final Duration REQUEST = Duration.ofSeconds(5);

  private final KafkaAccess access;
  private final Place place;
  private final Consumer<SwitchRecord> changed;
  private final List<Reader> readers = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private SwitchRecord current = SwitchRecord.NONE;

  /**
   * Where it is kept.
   *
   * @param cluster the cluster that is switched, which is also the key of the records
   */
  public record Place(String cluster, String failover, String topic) {}

  /** No cluster has acknowledged a switch. */
  public static final class NotKeptException extends Exception {
    private static final long serialVersionUID = 1;

    NotKeptException(String message) {
      super(message);
    }
  }

  /**
   * Starts to read.
   *
   * @param changed receives the record in force after it has changed, on any thread; an earlier one
   *     may arrive after a later one, see {@link #current}
   */
  public SwitchLog(KafkaAccess access, Place place, Consumer<SwitchRecord> changed) {
    this.access = access;
    this.place = place;
    this.changed = changed;
    for (String cluster : List.of(place.cluster, place.failover)) {
      Reader reader = new Reader(cluster);
      readers.add(reader);
      Thread.ofVirtual().name("switch-log-" + cluster).start(reader::run);
    }
  }

  /**
   * Waits until both clusters were read, or one of them if the other does not respond in time.
   *
   * @return whether one was read
   */
  public boolean awaitRead(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    int read = 0;
    for (Reader reader : readers) {
      try {
        reader.read.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        read++;
      } catch (TimeoutException e) {
        log.warn(
            "the cluster {} has not told within {} ms where clients are directed to: {}",
            reader.cluster,
            limit.toMillis(),
            reader.problem);
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return read > 0;
      }
    }
    return read > 0;
  }

  /** The record in force; empty if nothing was ever switched. */
  public synchronized Optional<SwitchRecord> current() {
    return current.equals(SwitchRecord.NONE) ? Optional.empty() : Optional.of(current);
  }

  /**
   * Writes a record of the next generation. Returns when the target cluster has acknowledged it, or
   * only the other one if the target does not in time. First, this node must have read the topic of
   * both clusters, or of one if the other does not respond: otherwise it may not know the highest
   * generation, and other nodes would ignore the record.
   *
   * @throws NotKeptException if no cluster was read or has acknowledged the record; clients are
   *     then where they were
   */
  public SwitchRecord write(String to, Map<Integer, Integer> nodeIds) throws NotKeptException {
    if (!awaitRead(REQUEST.multipliedBy(2))) {
      throw new NotKeptException(
          readers.stream()
              .map(reader -> reader.cluster + " cannot be read: " + reader.problem)
              .collect(Collectors.joining("; ")));
    }
    SwitchRecord next;
    synchronized (this) {
      next = new SwitchRecord(current.generation() + 1, 0, to, nodeIds);
    }
    return keep(next);
  }

  /**
   * Writes other node ids for a switch. A later switch is not affected.
   *
   * @throws NotKeptException if no cluster has acknowledged them
   */
  public SwitchRecord assign(SwitchRecord made, Map<Integer, Integer> nodeIds)
      throws NotKeptException {
    return keep(new SwitchRecord(made.generation(), made.assignment() + 1, made.to(), nodeIds));
  }

  private SwitchRecord keep(SwitchRecord next) throws NotKeptException {
    String to = next.to();
    Map<String, CompletableFuture<Void>> written = new HashMap<>();
    for (String cluster : List.of(place.cluster, place.failover)) {
      written.put(cluster, begin(cluster, next));
    }
    String other = to.equals(place.cluster) ? place.failover : place.cluster;
    List<String> problems = new ArrayList<>();
    for (String cluster : List.of(to, other)) {
      try {
        Objects.requireNonNull(written.get(cluster))
            .get(2 * REQUEST.toMillis(), TimeUnit.MILLISECONDS);
        learn(next);
        return next;
      } catch (ExecutionException e) {
        problems.add(cluster + ": " + said(e.getCause() == null ? e : e.getCause()));
      } catch (TimeoutException e) {
        problems.add(cluster + ": no acknowledgement in time");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        problems.add("interrupted");
      }
    }
    throw new NotKeptException(String.join("; ", problems));
  }

  private CompletableFuture<Void> begin(String cluster, SwitchRecord record) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("switch-log-write-" + cluster)
        .start(() -> {
          try {
            write(cluster, record);
            done.complete(null);
          } catch (ExecutionException e) {
            done.completeExceptionally(e.getCause() == null ? e : e.getCause());
          } catch (InterruptedException | RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  private void write(String cluster, SwitchRecord record)
      throws ExecutionException, InterruptedException {
    Map<String, Object> properties = properties(cluster);
    properties.put("acks", "all");
    properties.put("linger.ms", 0);
    properties.put("delivery.timeout.ms", (int) REQUEST.toMillis());
    properties.put("request.timeout.ms", (int) REQUEST.toMillis() / 2);
    properties.put("max.block.ms", REQUEST.toMillis());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      byte[] key = place.cluster.getBytes(StandardCharsets.UTF_8);
      var _ = producer.send(new ProducerRecord<>(place.topic, 0, key, record.bytes())).get();
      producer.close(Duration.ZERO);
    }
  }

  private Map<String, Object> properties(String cluster) {
    Map<String, Object> properties = access.properties(cluster);
    properties.put("client.id", "gatehouse-switch");
    properties.put("reconnect.backoff.max.ms", RETRY_MILLIS);
    return properties;
  }

  private void learn(SwitchRecord record) {
    synchronized (this) {
      if (!record.beats(current)) {
        return;
      }
      current = record;
    }
    changed.accept(record);
  }

  private static String said(Throwable thrown) {
    return thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
  }

  @Override
  public void close() {
    closed.countDown();
    readers.forEach(Reader::wakeup);
  }

  /** Reads the topic of one cluster. */
  private final class Reader {
    private final String cluster;
    private final CompletableFuture<Void> read = new CompletableFuture<>();
    private volatile String problem = "no answer yet";
    private volatile boolean failed;
    private volatile @Nullable KafkaConsumer<?, ?> consumer;

    /** The highest record in this cluster. Used by the reader's thread only, as the next one. */
    private SwitchRecord here = SwitchRecord.NONE;

    private boolean missing;

    /** When a record that is missing here is written to this cluster. */
    private volatile long copyAfter;

    private volatile boolean copyFailed;
    private volatile long copyAgainNanos = FIRST_COPY_AGAIN_NANOS;

    /** Whether the record in force is being written here. */
    private volatile boolean telling;

    Reader(String cluster) {
      this.cluster = cluster;
    }

    void run() {
      try {
        do {
          try {
            createTopic();
            follow();
          } catch (RuntimeException | ExecutionException e) {
            failed(e.getCause() == null ? e : e.getCause());
          }
        } while (!closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void failed(Throwable why) {
      problem = said(why);
      if (!failed && closed.getCount() > 0) {
        failed = true;
        log.warn(
            "the topic {} of the cluster {} cannot be read: {}. Trying again",
            place.topic,
            cluster,
            problem);
      }
    }

    private void createTopic() throws ExecutionException, InterruptedException {
      Map<String, Object> properties = properties(cluster);
      properties.put("default.api.timeout.ms", (int) REQUEST.toMillis());
      properties.put("request.timeout.ms", (int) REQUEST.toMillis());
      try (Admin admin = Admin.create(properties)) {
        // Without the right to create topics, a topic that exists is still readable.
        if (!exists(admin)) {
          NewTopic topic =
              new NewTopic(place.topic, Optional.of(1), Optional.empty())
                  .configs(
                      Map.of(
                          "cleanup.policy", "compact", "unclean.leader.election.enable", "false"));
          admin.createTopics(List.of(topic)).all().get();
        }
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }

    private boolean exists(Admin admin) throws ExecutionException, InterruptedException {
      try {
        var _ = admin.describeTopics(List.of(place.topic)).allTopicNames().get();
        return true;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof UnknownTopicOrPartitionException) {
          return false;
        }
        throw e;
      }
    }

    private void follow() {
      Map<String, Object> properties = properties(cluster);
      properties.put("default.api.timeout.ms", (int) REQUEST.toMillis());
      properties.put("allow.auto.create.topics", false);
      properties.put("auto.offset.reset", "earliest");
      properties.put("enable.auto.commit", false);
      properties.put("fetch.max.wait.ms", (int) POLL.toMillis());
      TopicPartition partition = new TopicPartition(place.topic, 0);
      try (KafkaConsumer<byte[], byte[]> reading =
          new KafkaConsumer<>(
              properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        consumer = reading;
        reading.assign(List.of(partition));
        reading.seekToBeginning(List.of(partition));
        long end = reading.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        here = SwitchRecord.NONE;
        while (closed.getCount() > 0) {
          for (ConsumerRecord<byte[], byte[]> one : reading.poll(POLL)) {
            take(one);
          }
          if (reading.position(partition) >= end) {
            onReadToEnd();
          }
        }
      } catch (WakeupException e) {
        // closed
      }
    }

    private void take(ConsumerRecord<byte[], byte[]> one) {
      String key = one.key() == null ? "" : new String(one.key(), StandardCharsets.UTF_8);
      if (!key.equals(place.cluster) || one.value() == null) {
        return;
      }
      SwitchRecord record = SwitchRecord.read(one.value());
      boolean known =
          record != null
              && (record.to().equals(place.cluster) || record.to().equals(place.failover));
      if (record == null || !known) {
        log.warn(
            "the record {} of the topic {} in the cluster {} is ignored: it is of a later version,"
                + " or names another cluster",
            one.offset(),
            place.topic,
            cluster);
      } else {
        here = record.beats(here) ? record : here;
        learn(record);
      }
    }

    private void onReadToEnd() {
      if (failed) {
        failed = false;
        log.info("the topic {} of the cluster {} can be read again", place.topic, cluster);
      }
      read.complete(null);
      SwitchRecord known = current().orElse(SwitchRecord.NONE);
      long now = System.nanoTime();
      if (!known.beats(here)) {
        missing = false;
      } else if (!missing) {
        missing = true; // it may be on its way
        copyAfter = now + GRACE_NANOS;
      } else if (!telling && now - copyAfter > 0) {
        telling = true; // other nodes may do the same
        begin(cluster, known).whenComplete((_, failure) -> told(known, failure));
      }
    }

    private void told(SwitchRecord known, @Nullable Throwable failure) {
      if (failure == null) {
        copyFailed = false;
        copyAgainNanos = FIRST_COPY_AGAIN_NANOS;
        log.info("the cluster {} had missed a switch to {} and knows it now", cluster, known.to());
      } else {
        copyAfter = System.nanoTime() + copyAgainNanos;
        copyAgainNanos = Math.min(COPY_AGAIN_NANOS, 2 * copyAgainNanos);
        if (!copyFailed) {
          copyFailed = true;
          log.warn(
              "the cluster {} has missed a switch to {}, which cannot be written to it: {}."
                  + " Trying again, later every minute",
              cluster,
              known.to(),
              said(failure));
        }
      }
      telling = false;
    }

    void wakeup() {
      KafkaConsumer<?, ?> reading = consumer;
      if (reading != null) {
        reading.wakeup();
      }
    }
  }
}
