package io.gatehouse.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** One producer. */
final class ProduceLoad implements Load {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(5);

  /**
   * How it produces.
   *
   * @param recordBytes size of each value
   * @param perSecond records due each second, sent then whatever became of those before; zero: as
   *     fast as it goes
   * @param waiting records that may wait for their acknowledgement; zero: as many as the producer
   *     holds
   * @param settings of the producer
   */
  record Shape(int recordBytes, int perSecond, int waiting, Map<String, String> settings) {}

  private final Shape shape;
  private final String topic;
  private final KafkaProducer<byte[], byte[]> producer;
  private final ClientBytes bytes;
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final Recorder latencies = new Recorder(LONGEST_MICROS, 3);
  private final Semaphore room;
  private final Thread thread;
  private volatile boolean over;

  ProduceLoad(Target target, String topic, Shape shape) {
    this.shape = shape;
    this.topic = topic;
    this.room = new Semaphore(shape.waiting == 0 ? Integer.MAX_VALUE : shape.waiting);
    Map<String, Object> settings = new HashMap<>(shape.settings);
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, target.bootstrapServers());
    settings.putAll(target.clientSettings());
    settings.put(ProducerConfig.ACKS_CONFIG, "1");
    producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    bytes = new ClientBytes(producer.metrics(), "producer-metrics");
    thread = Thread.ofPlatform().name("produce").start(this::produce);
  }

  private void produce() {
    byte[] value = new byte[shape.recordBytes];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) (i * 31);
    }
    ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(topic, value);
    long start = System.nanoTime();
    try {
      for (long sent = 0; !over; sent++) {
        long due = shape.perSecond == 0 ? 0 : start + sent * SECOND / shape.perSecond;
        if (due != 0) {
          awaitDue(due);
        }
        room.acquire();
        producer.send(
            message,
            (metadata, problem) -> {
              room.release();
              if (problem != null) {
                failure.compareAndSet(null, problem);
              } else {
                acknowledged.incrementAndGet();
                if (due != 0) {
                  latencies.recordValue((System.nanoTime() - due) / 1000);
                }
              }
            });
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }

  private static void awaitDue(long due) {
    long left = due - System.nanoTime();
    while (left > 0) {
      LockSupport.parkNanos(left);
      left = due - System.nanoTime();
    }
  }

  @Override
  public Progress progress() {
    Exception problem = failure.get();
    if (problem != null) {
      throw new IllegalStateException("the producer failed", problem);
    }
    return new Progress(bytes.total(), acknowledged.get());
  }

  @Override
  public Histogram takeLatencies() {
    return latencies.getIntervalHistogram();
  }

  @Override
  public void close() {
    over = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close();
  }
}
