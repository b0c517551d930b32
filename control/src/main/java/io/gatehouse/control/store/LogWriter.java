package io.gatehouse.control.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.control.store.StoreException.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes records to a log. Connects when it is first needed. */
final class LogWriter implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LogWriter.class);

  private static final Duration DELIVERY = Duration.ofSeconds(10);

  /** How long a record that is written may take to be read. */
  private static final Duration READ = Duration.ofSeconds(2);

  private static final Duration CLOSE = Duration.ofSeconds(1);

  private static final Map<String, Object> PRODUCER =
      Map.ofEntries(
          Map.entry("acks", "all"),
          Map.entry("enable.idempotence", true),
          Map.entry("client.id", "gatehouse-store"),
          Map.entry("linger.ms", 0),
          Map.entry("max.block.ms", 5000),
          Map.entry("request.timeout.ms", 5000),
          Map.entry("delivery.timeout.ms", (int) DELIVERY.toMillis()),
          Map.entry("buffer.memory", 8L << 20),
          Map.entry("max.request.size", KafkaStore.MAX_RECORD_BYTES + 4096),
          Map.entry("compression.type", "gzip"),
          Map.entry("reconnect.backoff.max.ms", 1000),
          Map.entry("metadata.max.age.ms", 30_000));

  private final KafkaPlace place;
  private final String prefix;
  private long sequence;
  private @Nullable Producer<byte[], byte[]> producer;
  private volatile boolean written;
  private final AtomicBoolean removing = new AtomicBoolean();

  LogWriter(KafkaPlace place) {
    this.place = place;
    byte[] random = new byte[8];
    ThreadLocalRandom.current().nextBytes(random);
    prefix = HexFormat.of().formatHex(random) + "-";
  }

  /** The beginning of the keys of this writer's records. */
  String prefix() {
    return prefix;
  }

  boolean hasWritten() {
    return written;
  }

  /**
   * The documents of a change.
   *
   * @param by who has changed each of the resources
   * @param origin what the log is a copy of, with this change; null if it is no copy
   */
  record Draft(
      long basedOn,
      List<String> puts,
      List<String> deletes,
      List<String> by,
      LogRecord.@Nullable Origin origin) {
    Draft(long basedOn, List<String> puts, List<String> deletes, List<String> by) {
      this(basedOn, puts, deletes, by, null);
    }
  }

  /**
   * Writes a change, and waits until it was read and judged.
   *
   * @return whether it is accepted
   * @throws StoreException with what became of it
   */
  boolean write(Draft draft, LogReader reader) throws StoreException, InterruptedException {
    byte[] value = LogRecord.encode(Instant.now(), draft);
    Producer<byte[], byte[]> open = open();
    String key = prefix + sequence++;
    CompletableFuture<Boolean> judged = reader.expect(key);
    try {
      var record = new ProducerRecord<>(place.topic(), 0, key.getBytes(UTF_8), value);
      open.send(
          record,
          (_, failure) -> {
            if (failure != null) {
              failed(failure, judged);
            }
          });
      return judged.get(DELIVERY.plus(READ).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      drop();
      throw new StoreException(Outcome.UNKNOWN, "the %s did not answer in time".formatted(place));
    } catch (ExecutionException e) {
      drop();
      throw e.getCause() instanceof StoreException known
          ? known
          : new StoreException("%s".formatted(e), e);
    } catch (KafkaException e) {
      drop();
      throw new StoreException(
          Outcome.UNKNOWN, "the %s cannot be written: %s".formatted(place, e.getMessage()));
    } finally {
      written = true;
      reader.forget(key);
    }
  }

  /** Most failures leave open whether the record was stored. */
  private void failed(Exception failure, CompletableFuture<Boolean> judged) {
    if (failure instanceof AuthorizationException) {
      judged.completeExceptionally(place.missing("Write"));
    } else if (failure instanceof RecordTooLargeException
        || failure instanceof InvalidConfigurationException) {
      judged.completeExceptionally(
          new StoreException(
              Outcome.TOO_LARGE,
              "the %s does not take the change: %s".formatted(place, failure.getMessage())));
    } else {
      judged.completeExceptionally(
          new StoreException(
              Outcome.UNKNOWN,
              "a change was not confirmed by the %s: %s".formatted(place, failure.getMessage())));
    }
  }

  /** Before anything is sent, so a failure leaves nothing open. */
  private synchronized Producer<byte[], byte[]> open() throws StoreException {
    try {
      if (producer == null) {
        producer =
            new KafkaProducer<>(
                place.client(PRODUCER), new ByteArraySerializer(), new ByteArraySerializer());
      }
      producer.partitionsFor(place.topic());
      return producer;
    } catch (KafkaException | IllegalArgumentException e) {
      throw new StoreException("the %s cannot be written: %s".formatted(place, e.getMessage()), e);
    }
  }

  /**
   * Writes tombstones on a thread of their own, because each may have to wait for the cluster. The
   * first that fails is the last one; what is left is superseded later too.
   */
  void remove(List<String> keys) {
    if (keys.isEmpty() || !removing.compareAndSet(false, true)) {
      return;
    }
    Thread.ofVirtual()
        .name("store-cleaner")
        .start(() -> {
          try {
            Producer<byte[], byte[]> open = opened();
            if (open != null) {
              sendTombstones(open, place.topic(), keys);
            }
          } catch (RuntimeException e) { // also of a producer that was closed meanwhile
            log.debug("superseded records stay for now", e);
          } finally {
            removing.set(false);
          }
        });
  }

  static void sendTombstones(Producer<byte[], byte[]> to, String topic, List<String> keys) {
    AtomicBoolean failed = new AtomicBoolean();
    for (String key : keys) {
      to.send(
          new ProducerRecord<>(topic, 0, key.getBytes(UTF_8), null),
          (_, failure) -> failed.compareAndSet(false, failure != null));
      if (failed.get()) {
        return;
      }
    }
  }

  private synchronized @Nullable Producer<byte[], byte[]> opened() {
    return producer;
  }

  private synchronized void drop() {
    if (producer != null) {
      producer.close(Duration.ZERO);
      producer = null;
    }
  }

  @Override
  public String toString() {
    return place.toString();
  }

  @Override
  public synchronized void close() {
    if (producer != null) {
      producer.close(CLOSE);
      producer = null;
    }
  }
}
