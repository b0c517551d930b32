package io.gatehouse.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** One consumer without a group that reads a filled topic over and over. */
final class ConsumeLoad implements Load {

  private static final Duration POLL = Duration.ofMillis(200);

  private final Topics.Filled topic;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final ClientBytes bytes;
  private final AtomicLong received = new AtomicLong();
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
  private final Thread thread;
  private volatile boolean over;

  /**
   * @param fetchBytes what a fetch may bring, in all and per partition
   */
  ConsumeLoad(Target target, Topics.Filled topic, int fetchBytes) {
    this.topic = topic;
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, target.bootstrapServers());
    settings.putAll(target.clientSettings());
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, fetchBytes);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, fetchBytes);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000);
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    bytes = new ClientBytes(consumer.metrics(), "consumer-metrics");
    List<TopicPartition> partitions =
        IntStream.range(0, topic.partitions())
            .mapToObj(partition -> new TopicPartition(topic.name(), partition))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    thread = Thread.ofPlatform().name("consume").start(this::consume);
  }

  private void consume() {
    try {
      long inThisPass = 0;
      while (!over) {
        int count = consumer.poll(POLL).count();
        received.addAndGet(count);
        inThisPass += count;
        if (inThisPass >= topic.records()) {
          consumer.seekToBeginning(consumer.assignment());
          inThisPass = 0;
        }
      }
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    } finally {
      consumer.close();
    }
  }

  @Override
  public Progress progress() {
    RuntimeException problem = failure.get();
    if (problem != null) {
      throw new IllegalStateException("the consumer failed", problem);
    }
    return new Progress(bytes.total(), received.get());
  }

  @Override
  public Histogram takeLatencies() {
    return new Histogram(3);
  }

  @Override
  public void close() {
    over = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
