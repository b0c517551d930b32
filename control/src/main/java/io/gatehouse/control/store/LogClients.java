package io.gatehouse.control.store;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The Kafka clients that read a log. */
final class LogClients {

  /** How long a broker keeps a fetch of a reader at the end of the log. */
  static final Duration FETCH_WAIT = Duration.ofSeconds(3);

  private static final Map<String, Object> CONSUMER =
      Map.ofEntries(
          Map.entry("enable.auto.commit", false),
          Map.entry("auto.offset.reset", "none"),
          Map.entry("allow.auto.create.topics", false),
          Map.entry("client.id", "gatehouse-store"),
          Map.entry("max.poll.records", 2000),
          Map.entry("fetch.max.bytes", 2 << 20),
          Map.entry("max.partition.fetch.bytes", 1 << 20),
          Map.entry("request.timeout.ms", 10_000),
          Map.entry("default.api.timeout.ms", 10_000),
          Map.entry("reconnect.backoff.max.ms", 1000),
          Map.entry("metadata.max.age.ms", 30_000));

  private static final Map<String, Object> ADMIN =
      Map.of(
          "client.id", "gatehouse-store",
          "request.timeout.ms", 5000,
          "default.api.timeout.ms", 10_000);

  private LogClients() {}

  static Admin admin(KafkaPlace place) {
    return Admin.create(place.client(ADMIN));
  }

  /**
   * @param wait how long a broker keeps a fetch that finds no records
   */
  static Consumer<byte[], byte[]> consumer(KafkaPlace place, Duration wait) {
    Map<String, Object> properties = new HashMap<>(CONSUMER);
    properties.put("fetch.max.wait.ms", (int) wait.toMillis());
    return new KafkaConsumer<>(
        place.client(properties), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
