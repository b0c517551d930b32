package io.gatehouse.bench;

import io.gatehouse.testkit.KafkaCluster;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The topics that loads use. */
final class Topics {

  /** Deletes what was produced soon, or the log outgrows the memory it lies in. */
  private static final Map<String, String> SHORT_LIVED =
      Map.of(
          "retention.bytes", String.valueOf(64 << 20),
          "segment.bytes", String.valueOf(64 << 20),
          "file.delete.delay.ms", "1000");

  private static final int FILLED_RECORDS = 384 << 10;
  private static final int RECORD_BYTES = 1 << 10;
  private static final int PARTITIONS = 4;

  /** A topic to read. */
  record Filled(String name, int partitions, long records) {}

  private final Filled filled = new Filled("filled", PARTITIONS, FILLED_RECORDS);

  /** Creates and fills them, straight at the broker. */
  Topics(KafkaCluster cluster) {
    cluster.createTopic(new NewTopic(many(), PARTITIONS, (short) 1).configs(SHORT_LIVED));
    cluster.createTopic(new NewTopic(one(), 1, (short) 1).configs(SHORT_LIVED));
    cluster.createTopic(filled.name(), PARTITIONS, 1);
    Map<String, Object> settings =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            cluster.bootstrapServers(),
            ProducerConfig.BATCH_SIZE_CONFIG,
            "65536",
            ProducerConfig.LINGER_MS_CONFIG,
            "5");
    byte[] value = new byte[RECORD_BYTES];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) (i * 31);
    }
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < FILLED_RECORDS; i++) {
        producer.send(new ProducerRecord<>(filled.name(), i % PARTITIONS, null, value));
      }
      producer.flush();
    }
  }

  /** To produce to: four partitions. */
  String many() {
    return "many";
  }

  /** To produce to: one partition. */
  String one() {
    return "one";
  }

  /** To consume: four partitions, 384 MiB in records of 1 KiB. */
  Filled filled() {
    return filled;
  }
}
