package io.gatehouse.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The topics of the loads. */
final class Topics {

  /** A short retention, because the log is in memory. */
  private static final Map<String, String> SHORT_LIVED =
      Map.of(
          "retention.bytes", String.valueOf(64 << 20),
          "segment.bytes", String.valueOf(64 << 20),
          "file.delete.delay.ms", "1000");

  private static final int FILLED_RECORDS = 384 << 10;
  private static final int RECORD_BYTES = 1 << 10;
  private static final int PARTITIONS = 4;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** A topic with records to consume. */
  record Filled(String name, int partitions, long records) {}

  /** What all names begin with; the prefix of the virtual cluster that some clients see. */
  static final String PREFIX = "bench-";

  private final Filled filled = new Filled(PREFIX + "filled", PARTITIONS, FILLED_RECORDS);

  /** Creates and fills the topics directly at the broker, and closes its connections. */
  Topics(String bootstrapServers) {
    try (Admin admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(many(), PARTITIONS, (short) 1).configs(SHORT_LIVED),
                  new NewTopic(one(), 1, (short) 1).configs(SHORT_LIVED),
                  new NewTopic(filled.name(), PARTITIONS, (short) 1)))
          .all()
          .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating topics", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("cannot create topics", e);
    }
    Map<String, Object> settings =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
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

  /** The topic to produce to, with four partitions. */
  String many() {
    return PREFIX + "many";
  }

  /** The topic to produce to, with one partition. */
  String one() {
    return PREFIX + "one";
  }

  /** The topic to consume: four partitions, 384 MiB in records of 1 KiB. */
  Filled filled() {
    return filled;
  }
}
