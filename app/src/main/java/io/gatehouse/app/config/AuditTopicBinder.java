package io.gatehouse.app.config;

import io.gatehouse.app.config.AppSettings.Log.AuditTopicSettings;
import io.gatehouse.auth.Nearest;
import io.gatehouse.auth.audit.AuditEvent;
import io.gatehouse.control.kafka.EventTopic;
import io.gatehouse.gateway.settings.Entry;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads {@code log.audit.topic}: the topic that events of the audit log are written to. */
final class AuditTopicBinder {

  private static final int PARTITIONS = 3;
  private static final int MAX_PARTITIONS = 1000;
  private static final Duration RETENTION = Duration.ofDays(7);

  /** What may differ. How the producer connects is a matter of the upstream cluster. */
  private static final Set<String> PRODUCER =
      new TreeSet<>(
          Set.of(
              "acks",
              "batch.size",
              "client.id",
              "compression.type",
              "delivery.timeout.ms",
              "enable.idempotence",
              "linger.ms",
              "max.in.flight.requests.per.connection",
              "max.request.size",
              "metadata.max.age.ms",
              "reconnect.backoff.max.ms",
              "reconnect.backoff.ms",
              "request.timeout.ms",
              "retries",
              "retry.backoff.max.ms",
              "retry.backoff.ms"));

  private AuditTopicBinder() {}

  /**
   * @param clusters names of the upstream clusters
   */
  static @Nullable AuditTopicSettings read(Section section, Set<String> clusters) {
    String name = section.optionalText("name", "needed", AuditTopicBinder::topic);
    String cluster = section.text("cluster", Entry.MAIN);
    int partitions = section.number("partitions", PARTITIONS, 1, MAX_PARTITIONS);
    Integer replicas =
        section.optionalNumber("replicationFactor", "as the brokers do by default", 1, 100);
    Duration retention = section.duration("retention", RETENTION, false);
    List<AuditEvent.Type> types =
        section.list(
            "events", "all", text -> Parse.choice(text, AuditEvent.Type.class), Parse::nameOf);
    String version = section.text("specVersion", "0.1.0");
    Map<String, String> producer = section.properties("properties");
    if (name == null && section.isFine()) {
      section.problem("name", "the topic has no name");
    }
    if (!clusters.contains(cluster)) {
      section.problem(
          "cluster",
          "there is no upstream cluster '%s'%s"
              .formatted(cluster, Nearest.hintOrAll(cluster, clusters.stream().sorted().toList())));
    }
    for (String property : producer.keySet()) {
      if (!PRODUCER.contains(property)) {
        section.problem(
            "properties",
            "%s cannot be set for this producer, which connects as the upstream cluster says%s"
                .formatted(property, Nearest.hintOrAll(property, List.copyOf(PRODUCER))));
      }
    }
    section.close();
    if (name == null || !section.isFine()) {
      return null;
    }
    return new AuditTopicSettings(
        new EventTopic.Settings(
            cluster, name, partitions, replicas == null ? -1 : replicas, retention, producer),
        types.isEmpty() ? EnumSet.allOf(AuditEvent.Type.class) : EnumSet.copyOf(types),
        version);
  }

  private static String topic(String text) {
    if (!text.matches("[A-Za-z0-9._-]{1,249}") || text.matches("\\.{1,2}")) {
      throw new IllegalArgumentException(
          "'%s' is no name of a topic: it may have up to 249 letters, digits, dots, dashes and underscores"
              .formatted(text));
    }
    return text;
  }
}
