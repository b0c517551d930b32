package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Ports;
import java.io.IOException;
import java.io.OutputStream;
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
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page docs/nodes.md: three gateways as processes in front of one cluster, by the configuration
 * and the command of the page.
 */
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class NodesIT {

  private static final Path PAGE = Path.of("../docs/nodes.md");
  private static final Path KCAT = Path.of("/usr/bin/kcat");
  private static final String HERE = "127.0.0.1";
  private static final String PASSWORD = "an auditor's";
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int BROKERS = 3;
  private static final AtomicInteger CLUSTERS = new AtomicInteger();

  @TempDir static Path folder;

  private static KafkaCluster kafka;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final String state = "_gatehouse_nodes" + CLUSTERS.incrementAndGet() + "_state";
  private final List<Node> nodes = new ArrayList<>();

  @BeforeAll
  static void start() {
    kafka =
        KafkaCluster.of(KafkaVersion.V4_4, BROKERS).withBroker(0, "broker.rack", "rack-2").start();
  }

  @AfterAll
  static void stop() {
    HTTP.close();
    if (kafka != null) {
      kafka.close();
    }
  }

  @AfterEach
  void stopNodes() {
    nodes.forEach(Node::close);
  }

  /** The block of the page that begins with this, as lines. */
  private static String block(String begin) throws IOException {
    StringBuilder block = new StringBuilder();
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("    ") && (!block.isEmpty() || line.startsWith(begin, 4))) {
        block.append(line.substring(4)).append('\n');
      } else if (!block.isEmpty()) {
        break;
      }
    }
    assertThat(block).as(begin).isNotEmpty();
    return block.toString();
  }

  /** One of the gateways. */
  private record Node(String id, ProgramProcess program, Ports ports, String http)
      implements AutoCloseable {

    int bootstrap() {
      return ports.get(0);
    }

    boolean owns(int port) {
      return port >= ports.get(0) && port <= ports.get(BROKERS);
    }

    /** The ids of the nodes that this one names, by the command of the page. */
    Set<String> known() throws Exception {
      Set<String> ids = new HashSet<>();
      var id = Pattern.compile("\"id\":\"([^\"]*)\"").matcher(list());
      while (id.find()) {
        ids.add(id.group(1));
      }
      return ids;
    }

    String list() throws Exception {
      String command = block("curl ");
      var url = Pattern.compile("http://[^\\s\\\\]+").matcher(command);
      assertThat(url.find()).isTrue();
      String user = "auditor:" + PASSWORD;
      assertThat(command).contains("--user \"auditor:$AUDITOR_PASSWORD\"");
      var request =
          HttpRequest.newBuilder(URI.create(url.group().replace("http://127.0.0.1:8888", http)))
              .header(
                  "Authorization",
                  "Basic "
                      + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)))
              .build();
      var response = HTTP.send(request, BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      return response.body();
    }

    void kill() throws IOException {
      assertThat(new ProcessBuilder("kill", "-9", Long.toString(program.pid())).start().onExit())
          .succeedsWithin(LIMIT);
    }

    @Override
    public void close() {
      program.close();
      ports.close();
    }
  }

  private Node startNode(int number) throws IOException {
    Ports ports = Ports.contiguous(1 + BROKERS);
    String configuration =
        block("# gatehouse.yaml")
            .replace("kafka-1.example:9092", kafka.bootstrapServers("PLAINTEXT"))
            .replace(
                "{bootstrap: 9092, brokers: 9093}",
                "{bootstrap: %d, brokers: %d}\n    host: %s"
                    .formatted(ports.get(0), ports.get(1), HERE))
            .replace("_gatehouse_prod_state", state)
            .replace(
                "    - {name: auditor",
                "    - {name: admin, password: a, admin: true}\n    - {name: auditor");
    Path file = Files.writeString(folder.resolve(state + number + ".yaml"), configuration);
    ProgramProcess program =
        ProgramProcess.start(
            Map.of(
                "NODE_HOST",
                HERE,
                "NODE_ID",
                "gw-" + number,
                "NODE_RACK",
                "rack-" + number,
                "AUDITOR_PASSWORD",
                PASSWORD,
                "GATEHOUSE_HTTP_PORT",
                "0"),
            "run",
            "--config",
            file.toString());
    String http = program.await("Health and metrics at (http://\\S+)");
    program.await("clients (bootstrap) at");
    Node node = new Node("gw-" + number, program, ports, http);
    nodes.add(node);
    return node;
  }

  private void startThree() throws Exception {
    for (int i = 1; i <= 3; i++) {
      var _ = startNode(i);
    }
    for (Node node : nodes) {
      awaitKnown(node, "gw-1", "gw-2", "gw-3");
    }
  }

  private static void awaitKnown(Node node, String... ids) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(node.known()).containsExactlyInAnyOrder(ids));
  }

  private static Map<String, Object> client(String id, Node... bootstrap) {
    List<String> servers = new ArrayList<>();
    for (Node node : bootstrap) {
      servers.add(HERE + ":" + node.bootstrap());
    }
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", String.join(",", servers));
    properties.put("client.id", id);
    return properties;
  }

  private Node owner(int port) {
    return nodes.stream()
        .filter(node -> node.owns(port))
        .findFirst()
        .orElseThrow(() -> new AssertionError(port + " belongs to no node"));
  }

  /** The node that a client is told for each broker. */
  private Map<Integer, String> told(String client, Node bootstrap) throws Exception {
    Map<Integer, String> told = new TreeMap<>();
    try (Admin admin = Admin.create(client(client, bootstrap))) {
      for (var broker : admin.describeCluster().nodes().get(1, TimeUnit.MINUTES)) {
        Node node = owner(broker.port());
        assertThat(broker.port()).isEqualTo(node.ports.get(1 + broker.id()));
        told.put(broker.id(), node.id);
      }
    }
    return told;
  }

  @Test
  void clientsAreSpreadOverTheNodes() throws Exception {
    startThree();
    Set<String> used = new HashSet<>();
    Set<Map<Integer, String>> mappings = new HashSet<>();
    for (int client = 0; client < 8; client++) {
      Map<Integer, String> told = told("client-" + client, nodes.getFirst());
      assertThat(told).hasSize(BROKERS).containsEntry(0, "gw-2");
      assertThat(told("client-" + client, nodes.getLast())).isEqualTo(told);
      used.addAll(told.values());
      mappings.add(told);
    }
    assertThat(used).containsExactlyInAnyOrder("gw-1", "gw-2", "gw-3");
    assertThat(mappings).hasSizeGreaterThan(2);
    assertThat(nodes.getFirst().list())
        .contains("\"self\":true", "\"rack\":\"rack-3\"", "\"main\":\"0-2=127.0.0.1:");

    aChangeWaitsForAllNodes();

    nodes.get(1).program.terminate();
    assertThat(nodes.get(1).program.exitCode()).isZero();
    awaitKnown(nodes.get(0), "gw-1", "gw-3");
    awaitKnown(nodes.get(2), "gw-1", "gw-3");
    for (int client = 0; client < 4; client++) {
      assertThat(told("client-" + client, nodes.getFirst()).values()).doesNotContain("gw-2");
    }
    assertThat(nodes.getFirst().program.output()).contains("Gateway node gw-2 has left");
  }

  /** All have it when the answer comes; one that stands still is named. */
  private void aChangeWaitsForAllNodes() throws Exception {
    var all = change("a");
    assertThat(all.statusCode()).as(all.body()).isEqualTo(200);
    assertThat(all.headers().firstValue("Gatehouse-Late")).isEmpty();
    String revision = all.headers().firstValue("Gatehouse-Revision").orElseThrow();
    var applied = Pattern.compile("\"revision\":" + revision + "\\b").matcher(nodes.get(1).list());
    assertThat(applied.results().count()).isEqualTo(3);

    signal("STOP", nodes.get(2));
    try {
      var late = change("b");
      assertThat(late.statusCode()).as(late.body()).isEqualTo(202);
      assertThat(late.headers().firstValue("Gatehouse-Late")).hasValue("gw-3");
    } finally {
      signal("CONT", nodes.get(2));
    }
    Awaitility.await().atMost(LIMIT).until(() -> change("c").statusCode() == 200);
  }

  private HttpResponse<String> change(String group) throws Exception {
    String user = Base64.getEncoder().encodeToString("admin:a".getBytes(StandardCharsets.UTF_8));
    return HTTP.send(
        HttpRequest.newBuilder(
                URI.create(nodes.getFirst().http + "/gateway/v2/group?wait=true&timeout=3"))
            .header("Authorization", "Basic " + user)
            .header("Content-Type", "application/json")
            .PUT(
                BodyPublishers.ofString(
                    "{\"kind\":\"GatewayGroup\",\"apiVersion\":\"gateway/v2\","
                        + "\"metadata\":{\"name\":\"%s\"},\"spec\":{}}".formatted(group)))
            .build(),
        BodyHandlers.ofString());
  }

  private static void signal(String name, Node node) throws IOException {
    assertThat(
            new ProcessBuilder("kill", "-" + name, Long.toString(node.program.pid()))
                .start()
                .onExit())
        .succeedsWithin(LIMIT);
  }

  @Test
  void aNodeThatIsKilledLosesAndDoublesNoRecord() throws Exception {
    startThree();
    String topic = "killed";
    kafka.createTopic(topic, 6, 1);
    Node[] all = nodes.toArray(Node[]::new);
    List<SteadyTraffic.Producing> producing = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      producing.add(new SteadyTraffic.Producing(topic, client("producer-" + i, all)));
    }
    SteadyTraffic.Reading reading = new SteadyTraffic.Reading(topic, client("reader", all));
    Process kcat = Files.isExecutable(KCAT) ? kcat(topic, all) : null;
    producing.forEach(each -> each.awaitMore(200));

    nodes.get(1).kill();
    producing.forEach(each -> each.awaitMore(200));
    awaitKnown(nodes.get(0), "gw-1", "gw-3");
    awaitKnown(nodes.get(2), "gw-1", "gw-3");
    producing.forEach(each -> each.awaitMore(200));

    Set<String> sent = new HashSet<>();
    for (SteadyTraffic.Producing each : producing) {
      sent.addAll(each.end());
    }
    if (kcat != null) {
      sent.addAll(endKcat(kcat));
    }
    Map<String, Integer> stored = stored(topic);
    assertThat(stored.keySet()).as("nothing is lost").containsAll(sent);
    assertThat(stored.entrySet()).as("nothing is doubled").allMatch(each -> each.getValue() == 1);
    reading.awaitAll(stored.keySet());
    assumeTrue(kcat != null, "kcat is not installed: testkit/clients/install.sh");
  }

  /** Produces with librdkafka what is written to its input. */
  private static Process kcat(String topic, Node... all) throws IOException {
    Process kcat =
        new ProcessBuilder(
                KCAT.toString(),
                "-P",
                "-b",
                (String) client("", all).get("bootstrap.servers"),
                "-t",
                topic,
                "-X",
                "enable.idempotence=true",
                "-X",
                "client.id=kcat")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    Thread.ofVirtual()
        .start(() -> {
          try (OutputStream in = kcat.getOutputStream()) {
            for (int i = 0; i < KCAT_LINES; i++) {
              in.write(("kcat " + i + "\n").getBytes(StandardCharsets.UTF_8));
              in.flush();
              java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
            }
          } catch (IOException e) {
            // its exit code tells
          }
        });
    return kcat;
  }

  private static final int KCAT_LINES = 1_500;

  private static Collection<String> endKcat(Process kcat) throws InterruptedException {
    assertThat(kcat.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(kcat.exitValue()).isZero();
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < KCAT_LINES; i++) {
      sent.add("kcat " + i);
    }
    return sent;
  }

  /** How often each value is in the topic, read from the brokers. */
  private static Map<String, Integer> stored(String topic) {
    Map<String, Integer> stored = new HashMap<>();
    try (KafkaConsumer<String, String> reader =
        new KafkaConsumer<>(
            kafka.clientProperties("PLAINTEXT", AuthenticationProperties.none()),
            new StringDeserializer(),
            new StringDeserializer())) {
      List<TopicPartition> partitions =
          reader.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      reader.assign(partitions);
      reader.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = reader.endOffsets(partitions);
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> {
            reader
                .poll(Duration.ofMillis(200))
                .forEach(record -> stored.merge(record.value(), 1, Integer::sum));
            return ends.entrySet().stream()
                .allMatch(end -> reader.position(end.getKey()) >= end.getValue());
          });
    }
    return stored;
  }
}
