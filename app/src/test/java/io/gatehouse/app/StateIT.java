package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page docs/state.md: gateways that keep their resources in a topic. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class StateIT {

  private static final Path PAGE = Path.of("../docs/state.md");
  private static final String PASSWORD = "an admin's";
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String TOPIC = "_gatehouse_gateway_state";

  @TempDir static Path folder;

  private static KafkaCluster cluster;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @BeforeAll
  static void start() {
    cluster = KafkaCluster.of(KafkaVersion.V4_4, 1).start();
  }

  @AfterAll
  static void stop() {
    HTTP.close();
    if (cluster != null) {
      cluster.close();
    }
  }

  private static String block(String begin) throws IOException {
    Matcher block =
        Pattern.compile("((?:    " + begin + ")(?:.*\\n)(?:    .*\\n)*)")
            .matcher(Files.readString(PAGE));
    assertThat(block.find()).as(begin).isTrue();
    return block.group(1).replaceAll("(?m)^    ", "");
  }

  /** A running gateway with the page's configuration and another topic. */
  private record Node(
      ProgramProcess program, Ports ports, Path file, Map<String, String> environment)
      implements AutoCloseable {

    static Node start(String topic) throws IOException {
      return start(topic, cluster.bootstrapServers("PLAINTEXT"));
    }

    static Node start(String topic, String servers) throws IOException {
      return start(topic, servers, Map.of());
    }

    static Node start(String topic, String servers, Map<String, String> more) throws IOException {
      Ports ports = Ports.contiguous(3);
      String configuration =
          block("# gatehouse.yaml")
              .replace("kafka-1.example:9092", servers)
              .replace(
                  "gateway.example",
                  "127.0.0.1\n    host: 127.0.0.1\n    ports: {brokers: " + ports.get(0) + "}")
              .replace(TOPIC, topic);
      Path file = Files.writeString(folder.resolve(topic + "-" + ports.get(0)), configuration);
      Map<String, String> environment = new HashMap<>();
      environment.put("TOKEN_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
      environment.put("ADMIN_PASSWORD", PASSWORD);
      environment.put("GATEHOUSE_HTTP_PORT", "0");
      environment.putAll(more);
      return new Node(
          ProgramProcess.start(environment, "run", "--config", file.toString()),
          ports,
          file,
          environment);
    }

    /** The same again, while this one runs. */
    Node successor() throws IOException {
      return new Node(
          ProgramProcess.start(environment, "run", "--config", file.toString(), "--takeover"),
          ports,
          file,
          environment);
    }

    String http() {
      return program.await("Health and metrics at (http://\\S+)");
    }

    HttpResponse<String> get(String path) throws Exception {
      return send(request(http() + path));
    }

    /** The page's command, for another account. */
    HttpResponse<String> put(String name) throws Exception {
      String command = block("curl -X PUT");
      Matcher body = Pattern.compile("-d '([^']*)'").matcher(command);
      Matcher url = Pattern.compile("http://127.0.0.1:8888(\\S+)").matcher(command);
      assertThat(body.find() && url.find()).isTrue();
      return send(
          request(http() + url.group(1))
              .header("Content-Type", "application/json")
              .PUT(BodyPublishers.ofString(body.group(1).replace("orders", name))));
    }

    HttpResponse<String> delete(String name) throws Exception {
      return send(
          request(http() + "/gateway/v2/service-account")
              .header("Content-Type", "application/json")
              .method("DELETE", BodyPublishers.ofString("{\"name\": \"" + name + "\"}")));
    }

    private static HttpRequest.Builder request(String url) {
      String login =
          Base64.getEncoder()
              .encodeToString(("admin:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
      return HttpRequest.newBuilder(URI.create(url))
          .header("Authorization", "Basic " + login)
          .timeout(LIMIT);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
      return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    String accounts() throws Exception {
      return get("/gateway/v2/service-account").body();
    }

    @Override
    public void close() {
      program.close();
      ports.close();
    }
  }

  @Test
  void nodesWithOneTopicHaveTheSameResources() throws Exception {
    try (Node one = Node.start("shared");
        Node other = Node.start("shared")) {
      assertThat(other.accounts()).isEqualTo("[]");
      assertThat(one.put("orders").statusCode()).isEqualTo(200);
      assertThat(other.put("billing").statusCode()).isEqualTo(200);
      Awaitility.await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            assertThat(one.accounts()).contains("orders", "billing");
            assertThat(other.accounts()).isEqualTo(one.accounts());
          });
      assertThat(one.get("/health").body()).contains("topic shared of the cluster main");
      assertThat(one.get("/metrics").body())
          .contains("gatehouse_store_up 1.0", "gatehouse_store_writes_total 1.0");
    }
  }

  @Test
  void killNineLosesNothingThatWasAnswered() throws Exception {
    Set<String> answered = ConcurrentHashMap.newKeySet();
    AtomicInteger next = new AtomicInteger();
    for (int kill = 0; kill < 2; kill++) {
      int enough = answered.size() + 60;
      try (Node node = Node.start("killed");
          ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
        node.http();
        for (int i = 0; i < 8; i++) {
          callers.execute(() -> {
            try {
              while (true) {
                String name = "user-" + next.getAndIncrement();
                if (node.put(name).statusCode() == 200) {
                  answered.add(name);
                }
              }
            } catch (Exception _) {
              // It was killed.
            }
          });
        }
        Awaitility.await().atMost(LIMIT).until(() -> answered.size() > enough);
        node.program.close();
      }
    }
    try (Node node = Node.start("killed")) {
      String accounts = node.accounts();
      assertThat(answered).allSatisfy(name -> assertThat(accounts).contains("\"" + name + "\""));
    }
  }

  @Test
  void aTopicThatLosesChangesIsRefused() throws Exception {
    try (Admin admin =
        Admin.create(cluster.clientProperties("PLAINTEXT", AuthenticationProperties.none()))) {
      admin
          .createTopics(List.of(new NewTopic("deleting", Optional.of(1), Optional.empty())))
          .all()
          .get(1, TimeUnit.MINUTES);
    }
    try (Node node = Node.start("deleting")) {
      assertThat(node.program.await("^Error: (admin.store: .*)"))
          .contains("cleanup.policy=delete", "--add-config cleanup.policy=compact");
      assertThat(node.program.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void aStartWithoutTheClusterWaitsAndSaysSo() throws Exception {
    try (Ports ports = Ports.contiguous(1);
        Node node = Node.start("waiting", "127.0.0.1:" + ports.get(0))) {
      String http = node.program.await("served before the store was read.* at (http://\\S+)");
      HttpResponse<String> ready = Node.send(Node.request(http + "/health/ready"));
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(Node.send(Node.request(http + "/health")).body()).contains("topic waiting");
      assertThat(Node.send(Node.request(http + "/health/live")).statusCode()).isEqualTo(200);
      assertThat(Node.send(Node.request(http + "/metrics")).body())
          .contains("gatehouse_store_up 0.0");
    }
  }

  @Test
  void aNodeTakesOverFromAnotherWhileResourcesChange() throws Exception {
    Set<String> answered = ConcurrentHashMap.newKeySet();
    AtomicBoolean enough = new AtomicBoolean();
    try (Ports http = Ports.reserve(1);
        Node old =
            Node.start(
                "handed-over",
                cluster.bootstrapServers("PLAINTEXT"),
                Map.of(
                    "GATEHOUSE_TAKEOVER_SOCKET",
                    folder.resolve("takeover.sock").toString(),
                    "GATEHOUSE_HTTP_PORT",
                    String.valueOf(http.get(0))));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      String url = old.http();
      callers.execute(() -> {
        for (int i = 0; !enough.get(); i++) {
          try {
            if (old.put("user-" + i).statusCode() == 200) {
              answered.add("user-" + i);
            }
          } catch (Exception _) {
            // The connection was closed with the process that had it.
          }
        }
      });
      Awaitility.await().atMost(LIMIT).until(() -> answered.size() > 20);
      try (Node successor = old.successor()) {
        assertThat(successor.http()).isEqualTo(url);
        assertThat(old.program.exitCode()).isZero();
        assertThat(old.program.output()).contains("another process has taken over");
        int before = answered.size();
        Awaitility.await().atMost(LIMIT).until(() -> answered.size() > before + 20);
        enough.set(true);
        assertThat(successor.get("/metrics").body()).contains("gatehouse_store_up 1.0");
        String accounts = successor.accounts();
        assertThat(answered).allSatisfy(name -> assertThat(accounts).contains("\"" + name + "\""));
      } finally {
        enough.set(true);
      }
    }
  }

  private static void declare(Path file, String... names) throws IOException {
    String account =
        """
        ---
        kind: GatewayServiceAccount
        apiVersion: gateway/v2
        metadata: {name: %s}
        spec: {type: LOCAL}
        """;
    Files.writeString(file, Stream.of(names).map(account::formatted).collect(Collectors.joining()));
  }

  @Test
  void nodesWithOneTopicApplyTheSameFolder() throws Exception {
    Path resources = Files.createDirectory(folder.resolve("resources"));
    Path file = resources.resolve("accounts.yaml");
    Map<String, String> variables = Map.of("GATEHOUSE_ADMIN_FOLDER", resources.toString());
    String servers = cluster.bootstrapServers("PLAINTEXT");
    declare(file, "orders", "billing");
    String revision;
    try (Node one = Node.start("declared", servers, variables);
        Node other = Node.start("declared", servers, variables)) {
      for (Node node : List.of(one, other)) {
        node.http();
        assertThat(node.accounts()).contains("orders", "billing");
      }
      for (Node node : List.of(one, other)) {
        HttpResponse<String> refused = node.delete("orders");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("is declared by accounts.yaml");
      }
      assertThat(other.put("another").statusCode()).isEqualTo(200);
      declare(file, "orders", "billing", "shipping");
      for (Node node : List.of(one, other)) {
        Awaitility.await()
            .atMost(LIMIT)
            .untilAsserted(() -> {
              assertThat(node.accounts()).contains("orders", "billing", "shipping", "another");
              assertThat(node.get("/metrics").body())
                  .contains("gatehouse_folder_up_to_date 1.0", "gatehouse_folder_drift 0.0")
                  .contains("gatehouse_folder_versions_total{result=\"applied\"} 2.0");
            });
      }
      revision = revision(one);
      assertThat(revision(other)).isEqualTo(revision);
    }
    try (Node again = Node.start("declared", servers, variables)) {
      assertThat(again.accounts()).contains("orders", "billing", "shipping", "another");
      assertThat(revision(again)).as("nothing is written again").isEqualTo(revision);
    }
  }

  private static String revision(Node node) throws Exception {
    Matcher revision =
        Pattern.compile("\ngatehouse_store_revision (\\S+)").matcher(node.get("/metrics").body());
    assertThat(revision.find()).isTrue();
    return revision.group(1);
  }
}
