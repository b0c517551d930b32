package io.gatehouse.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A consumer without a group that reads a topic repeatedly. */
final class ConsumeLoad extends ClientLoad {

  private static final Duration POLL = Duration.ofMillis(200);

  private final Topics.Filled topic;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /**
   * Starts the broker.
   *
   * @param fetchBytes the maximum size of a fetch, in total and per partition
   */
  static ConsumeLoad start(Target target, Topics.Filled topic, int fetchBytes) {
    Map<String, Object> settings = new HashMap<>(target.bootstrap().settings());
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, fetchBytes);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, fetchBytes);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000);
    ByteArrayDeserializer asTheyAre = new ByteArrayDeserializer();
    Topics.Filled named =
        new Topics.Filled(target.topic(topic.name()), topic.partitions(), topic.records());
    ConsumeLoad load = new ConsumeLoad(new KafkaConsumer<>(settings, asTheyAre, asTheyAre), named);
    load.start();
    return load;
  }

  private ConsumeLoad(KafkaConsumer<byte[], byte[]> consumer, Topics.Filled topic) {
    super(consumer, new ClientBytes(consumer.metrics(), "consumer-metrics"));
    this.topic = topic;
    this.consumer = consumer;
    List<TopicPartition> partitions =
        IntStream.range(0, topic.partitions())
            .mapToObj(partition -> new TopicPartition(topic.name(), partition))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  @Override
  void work() {
    long inThisPass = 0;
    while (!isOver()) {
      int count = consumer.poll(POLL).count();
      count(count);
      inThisPass += count;
      if (inThisPass >= topic.records()) {
        consumer.seekToBeginning(consumer.assignment());
        inThisPass = 0;
      }
    }
  }
}
