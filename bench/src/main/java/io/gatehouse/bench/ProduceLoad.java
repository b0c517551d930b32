package io.gatehouse.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A producer. */
final class ProduceLoad extends ClientLoad {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(5);

  /**
   * The settings of the load.
   *
   * @param recordBytes the size of each value
   * @param perSecond the number of records due each second, independent of earlier ones; zero for
   *     full speed
   * @param waiting the maximum number of unacknowledged records; zero for the producer's own limit
   * @param settings properties of the producer
   */
  record Shape(int recordBytes, int perSecond, int waiting, Map<String, String> settings) {}

  private final Shape shape;
  private final String topic;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Recorder latencies = new Recorder(LONGEST_MICROS, 3);
  private final Semaphore room;

  /** Starts the broker. */
  static ProduceLoad start(Target target, String topic, Shape shape) {
    Map<String, Object> settings = new HashMap<>(shape.settings);
    settings.putAll(target.bootstrap().settings());
    settings.put(ProducerConfig.ACKS_CONFIG, "1");
    ByteArraySerializer asTheyAre = new ByteArraySerializer();
    ProduceLoad load =
        new ProduceLoad(
            new KafkaProducer<>(settings, asTheyAre, asTheyAre), target.topic(topic), shape);
    load.start();
    return load;
  }

  private ProduceLoad(KafkaProducer<byte[], byte[]> producer, String topic, Shape shape) {
    super(producer, new ClientBytes(producer.metrics(), "producer-metrics"));
    this.producer = producer;
    this.topic = topic;
    this.shape = shape;
    this.room = new Semaphore(shape.waiting == 0 ? Integer.MAX_VALUE : shape.waiting);
  }

  @Override
  void work() throws InterruptedException {
    byte[] value = new byte[shape.recordBytes];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) (i * 31);
    }
    ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(topic, value);
    long start = System.nanoTime();
    for (long sent = 0; !isOver(); sent++) {
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
              failed(problem);
            } else {
              count(1);
              if (due != 0) {
                latencies.recordValue((System.nanoTime() - due) / 1000);
              }
            }
          });
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
  public Histogram takeLatencies() {
    return latencies.getIntervalHistogram();
  }
}
