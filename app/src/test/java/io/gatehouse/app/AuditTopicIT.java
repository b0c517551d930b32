package io.gatehouse.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.control.doc.Document;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Ports;
import java.io.DataOutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The events of docs/security/README.md, in a topic of a real cluster. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AuditTopicIT {

  private static final String TOPIC = "audit-events";
  private static final String PASSWORD = "the first password";
  private static final String FAILED =
      "Authentication failed: credentials for user could not be verified. Cause: ";

  @TempDir private Path folder;

  @Test
  void everyKindOfEventIsWritten() throws Exception {
    try (KafkaCluster cluster = KafkaCluster.of(KafkaVersion.V4_4, 1).start();
        Ports ports = Ports.contiguous(3);
        ProgramProcess program = start(cluster, ports);
        HttpClient http = HttpClient.newHttpClient()) {
      String bootstrap = "127.0.0.1:" + program.await("clients bootstrap at [\\w.]+:(\\d+)");
      String base = program.await("Health and metrics at (http://\\S+)");
      cluster.createTopic("orders", 1, 1);
      change(http, base, "admin:pw");
      cause(bootstrap);
      await(http, base, "gatehouse_audit_topic_events_total [1-9]");
      cluster.brokers().getFirst().kill();
      assertThat(put(http, base, "service-account", "auditor:pw", account("lost"))).isEqualTo(403);
      await(http, base, "gatehouse_audit_topic_left_out_total\\{cause=\"write\"} [1-9]");
      cluster.brokers().getFirst().start();
      cluster.awaitReady();
      // The last event is written when the process ends.
      assertThat(put(http, base, "service-account", "auditor:pw", account("b"))).isEqualTo(403);
      program.terminate();
      assertThat(program.exitCode()).isZero();
      check(read(cluster), base, bootstrap);
      checkTopic(cluster);
    }
  }

  private ProgramProcess start(KafkaCluster cluster, Ports ports) throws Exception {
    String topic =
        Files.readAllLines(Path.of("../docs/security/README.md")).stream()
            .dropWhile(line -> !line.equals("    # gatehouse.yaml"))
            .takeWhile(line -> line.startsWith("    "))
            .map(line -> line.substring(4))
            .reduce("", (all, line) -> all + line + "\n");
    assertThat(topic).contains("name: " + TOPIC);
    String configuration =
        """
        upstream: {bootstrapServers: "%s"}
        listeners:
          - host: 127.0.0.1
            advertisedHost: 127.0.0.1
            ports: {brokers: %d}
            authentication: {mechanisms: [{name: SCRAM-SHA-512, accounts: true}]}
        rules: {acksZeroForbidden: true}
        admin:
          users:
            - {name: admin, password: pw, admin: true}
            - {name: auditor, password: pw}
        """
            .formatted(cluster.bootstrapServers("PLAINTEXT"), ports.get(0));
    String producer = "      properties: {delivery.timeout.ms: 6000}\n";
    Path file =
        Files.writeString(folder.resolve("gatehouse.yaml"), configuration + topic + producer);
    return ProgramProcess.start(
        Map.of("GATEHOUSE_HTTP_PORT", "0"), "run", "--config", file.toString());
  }

  private static String account(String name) {
    return """
    {"kind": "GatewayServiceAccount", "apiVersion": "gateway/v2",
     "metadata": {"name": "%s"}, "spec": {"type": "LOCAL"}}
    """
        .formatted(name);
  }

  private static void change(HttpClient http, String base, String user) throws Exception {
    assertThat(put(http, base, "service-account", user, account("alice"))).isEqualTo(200);
    String password = "{\"name\": \"alice\", \"password\": \"%s\"}".formatted(PASSWORD);
    assertThat(put(http, base, "service-account/password", user, password)).isEqualTo(200);
    assertThat(put(http, base, "service-account", "mallory:guess", account("c"))).isEqualTo(401);
  }

  private static int put(HttpClient http, String base, String path, String user, String body)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + "/gateway/v2/" + path))
            .header("Content-Type", "application/json")
            .header(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8)))
            .PUT(BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    return answer.statusCode();
  }

  private static void await(HttpClient http, String base, String metric) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Pattern.compile(metric).matcher(get(http, base + "/metrics")).find());
  }

  private static String get(HttpClient http, String url) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
    return http.send(request, BodyHandlers.ofString()).body();
  }

  private static Map<String, Object> client(String bootstrap, String password) {
    Map<String, Object> properties =
        new HashMap<>(AuthenticationProperties.scram("SCRAM-SHA-512", "alice", password));
    properties.put("bootstrap.servers", bootstrap);
    properties.put("security.protocol", "SASL_PLAINTEXT");
    properties.put("acks", "0");
    properties.put("enable.idempotence", false);
    return properties;
  }

  /** Has logins and requests that the gateway refuses. */
  private static void cause(String bootstrap) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            client(bootstrap, PASSWORD), new ByteArraySerializer(), new ByteArraySerializer())) {
      var _ = producer.send(new ProducerRecord<>("orders", new byte[1])).get(1, TimeUnit.MINUTES);
    }
    try (Admin admin = Admin.create(client(bootstrap, "a guess"))) {
      assertThatThrownBy(() -> admin.describeCluster().clusterId().get())
          .hasCauseInstanceOf(SaslAuthenticationException.class);
    }
    String[] address = bootstrap.split(":", 2);
    try (Socket socket = new Socket(address[0], Integer.parseInt(address[1]))) {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(14); // a Metadata request of version 1, without a client id
      out.writeShort(3);
      out.writeShort(1);
      out.writeInt(1);
      out.writeShort(-1);
      out.writeInt(0);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  private static List<Map<?, ?>> read(KafkaCluster cluster) throws Exception {
    List<Map<?, ?>> events = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            cluster.clientProperties("PLAINTEXT", AuthenticationProperties.none()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(TOPIC).stream()
              .map(one -> new TopicPartition(one.topic(), one.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end = consumer.endOffsets(partitions).values().stream().mapToLong(Long::longValue).sum();
      while (events.size() < end) {
        for (var record : consumer.poll(Duration.ofSeconds(1))) {
          assertThat(new String(record.value(), UTF_8)).doesNotContain(PASSWORD);
          events.add(map(Document.read(record.value(), Document.Form.JSON).plain()));
        }
      }
    }
    return events;
  }

  private static void check(List<Map<?, ?>> events, String http, String bootstrap) {
    assertThat(events)
        .allSatisfy(event -> {
          assertThat(event.keySet().stream().map(String::valueOf).toList())
              .containsExactly(
                  "id",
                  "source",
                  "type",
                  "authenticationPrincipal",
                  "userName",
                  "connection",
                  "specVersion",
                  "time",
                  "eventData");
          assertThat(text(event, "id")).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
          assertThat(text(event, "source")).matches("krn://cluster=\\S{20,}");
          assertThat(event.get("specVersion")).isEqualTo("0.1.0");
          assertThat(text(event, "time"))
              .matches("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z");
          assertThat(text(event.get("connection"), "remoteAddress")).startsWith("127.0.0.1:");
        });
    assertThat(events.stream().map(event -> event.get("id")).distinct()).hasSameSizeAs(events);
    String local = http.substring("http://".length());
    assertThat(events)
        .anySatisfy(event -> {
          is(event, "AUTHENTICATION", "passthrough", "alice", bootstrap);
          assertThat(event.get("eventData")).isEqualTo("SUCCESS");
        })
        .anySatisfy(event -> {
          is(event, "AUTHENTICATION", "passthrough", "alice", bootstrap);
          assertThat(text(event, "eventData")).startsWith(FAILED);
        })
        .anySatisfy(event -> {
          is(event, "AUTHENTICATION", "mallory", "mallory", local);
          assertThat(event.get("eventData")).isEqualTo(FAILED + "wrong credentials");
        })
        .anySatisfy(event -> {
          is(event, "CONNECTION", null, null, bootstrap);
          assertThat(text(event, "eventData")).contains("authenticat");
        })
        .anySatisfy(event -> {
          assertThat(event.get("type")).isEqualTo("SAFEGUARD");
          assertThat(event.get("userName")).isEqualTo("alice");
          Map<?, ?> data = map(event.get("eventData"));
          assertThat(data.get("level")).isEqualTo("error");
          assertThat(data.get("plugin")).isEqualTo("acks_zero_forbidden");
          assertThat(text(data, "message")).contains("acks");
        })
        .anySatisfy(event -> {
          is(event, "REST_API", "admin", "admin", local);
          Map<?, ?> data = map(event.get("eventData"));
          assertThat(data.get("method")).isEqualTo("PUT");
          assertThat(data.get("path")).isEqualTo("/gateway/v2/service-account");
          assertThat(data.get("body"))
              .isEqualTo(
                  "{\"kind\":\"GatewayServiceAccount\",\"apiVersion\":\"gateway/v2\","
                      + "\"metadata\":{\"name\":\"alice\"},\"spec\":{\"type\":\"LOCAL\"}}");
          assertThat(text(data, "status")).isEqualTo("200");
        })
        .anySatisfy(event -> {
          Map<?, ?> data = data(event);
          assertThat(data.get("path")).isEqualTo("/gateway/v2/service-account/password");
          assertThat(data.get("body")).isEqualTo("{\"name\":\"alice\",\"password\":\"***\"}");
        })
        .noneSatisfy(event -> assertThat(text(data(event), "body")).contains("lost"))
        .anySatisfy(event -> {
          is(event, "REST_API", "auditor", "auditor", local);
          assertThat(text(data(event), "status")).isEqualTo("403");
        });
  }

  private static Map<?, ?> map(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  private static String text(@Nullable Object value, String key) {
    return String.valueOf(map(value).get(key));
  }

  private static Map<?, ?> data(Map<?, ?> event) {
    assertThat(event.get("type")).isEqualTo("REST_API");
    return map(event.get("eventData"));
  }

  private static void is(
      Map<?, ?> event,
      String type,
      @Nullable String principal,
      @Nullable String user,
      String local) {
    assertThat(event.get("type")).isEqualTo(type);
    assertThat(event.get("authenticationPrincipal")).isEqualTo(principal);
    assertThat(event.get("userName")).isEqualTo(user);
    assertThat(text(event.get("connection"), "localAddress")).isEqualTo(local);
  }

  private static void checkTopic(KafkaCluster cluster) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
    var config =
        requireNonNull(
            cluster.admin().describeConfigs(List.of(resource)).all().get().get(resource));
    assertThat(config.get("cleanup.policy").value()).isEqualTo("delete");
    assertThat(config.get("retention.ms").value()).isEqualTo("604800000");
    var topic =
        requireNonNull(
            cluster.admin().describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC));
    assertThat(topic.partitions()).hasSize(3);
  }
}
