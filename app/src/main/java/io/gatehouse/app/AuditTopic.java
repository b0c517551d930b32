package io.gatehouse.app;

import io.gatehouse.app.config.AppSettings.Log.AuditTopicSettings;
import io.gatehouse.auth.audit.AuditEvent;
import io.gatehouse.auth.audit.AuditEvents;
import io.gatehouse.control.doc.JsonText;
import io.gatehouse.control.kafka.EventTopic;
import io.gatehouse.control.kafka.KafkaAccess;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes the events of the audit log to a topic, in the format of Conduktor Gateway. */
final class AuditTopic implements MultiCollector, AutoCloseable {

  /** What an event needs beside its body, about. */
  private static final int EVENT_BYTES = 1024;

  private static final DateTimeFormatter NANOSECONDS =
      new DateTimeFormatterBuilder().appendInstant(9).toFormatter();

  private final AuditTopicSettings settings;
  private final EventTopic topic;

  private AuditTopic(AuditTopicSettings settings, KafkaAccess access) {
    this.settings = settings;
    this.topic = new EventTopic(access, settings.target());
    AuditEvents.receive(this::receive);
  }

  /**
   * @param settings null for none
   */
  static @Nullable AuditTopic open(@Nullable AuditTopicSettings settings, KafkaAccess access) {
    return settings == null ? null : new AuditTopic(settings, access);
  }

  private void receive(AuditEvent event) {
    if (settings.types().contains(event.data().type())) {
      int body =
          event.data() instanceof AuditEvent.Call call && call.body() != null
              ? 2 * call.body().length()
              : 0;
      topic.write(new EventTopic.Event(EVENT_BYTES + body, cluster -> record(event, cluster)));
    }
  }

  private byte[] record(AuditEvent event, String cluster) {
    return JsonText.bytes(
        document(event, UUID.randomUUID().toString(), cluster, settings.specVersion()));
  }

  /** An event as it is written. */
  static Map<String, @Nullable Object> document(
      AuditEvent event, String id, String cluster, String specVersion) {
    AuditEvent.Subject subject = event.subject();
    Map<String, @Nullable Object> connection = new LinkedHashMap<>();
    connection.put("localAddress", subject.local());
    connection.put("remoteAddress", subject.remote());
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("id", id);
    document.put("source", "krn://cluster=" + cluster);
    document.put("type", event.data().type());
    document.put("authenticationPrincipal", subject.principal());
    document.put("userName", subject.user());
    document.put("connection", connection);
    document.put("specVersion", specVersion);
    document.put("time", time(event.time()));
    document.put("eventData", data(event.data()));
    return document;
  }

  private static String time(Instant time) {
    return NANOSECONDS.format(time);
  }

  private static Object data(AuditEvent.Data data) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    switch (data) {
      case AuditEvent.Login(String failure) -> {
        return failure == null
            ? "SUCCESS"
            : "Authentication failed: credentials for user could not be verified. Cause: "
                + failure;
      }
      case AuditEvent.RefusedConnection(String reason) -> {
        return reason;
      }
      case AuditEvent.RefusedRequest(String rule, String message) -> {
        fields.put("level", "error");
        fields.put("plugin", rule);
        fields.put("message", message);
      }
      case AuditEvent.Call(String method, String path, String body, int status) -> {
        fields.put("method", method);
        fields.put("path", path);
        fields.put("body", body);
        fields.put("status", status);
      }
    }
    return fields;
  }

  @Override
  public MetricSnapshots collect() {
    var leftOut =
        CounterSnapshot.builder()
            .name("gatehouse_audit_topic_left_out")
            .help("Events of the audit log that were not written to the topic, by cause.");
    topic
        .dropped()
        .forEach((cause, count) ->
            leftOut.dataPoint(
                CounterDataPointSnapshot.builder()
                    .labels(Labels.of("cause", cause))
                    .value(count)
                    .build()));
    return new MetricSnapshots(
        CounterSnapshot.builder()
            .name("gatehouse_audit_topic_events")
            .help("Events of the audit log that the topic has taken.")
            .dataPoint(CounterDataPointSnapshot.builder().value(topic.written()).build())
            .build(),
        leftOut.build());
  }

  @Override
  public void close() {
    AuditEvents.receive(null);
    topic.close();
  }
}
