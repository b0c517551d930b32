package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.testkit.KafkaBroker;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.MirrorMaker;
import io.gatehouse.testkit.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several gateway nodes direct clients to another cluster, by the variables and calls of users. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FailoverIT {

  private static final String DRY_RUN = "gatehouse switch main --to two --dry-run";
  private static final String TO_TWO = "gatehouse switch main --to two";
  private static final String STATUS = "gatehouse clusters";
  private static final String BACK = "gatehouse switch main --to main";

  /** The commands of docs/failover.md. */
  static final Set<String> COMMANDS = Set.of(DRY_RUN, TO_TWO, STATUS, BACK);

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String SWITCH = "/admin/pclusters/v1/pcluster/main/switch?to=";

  private static KafkaCluster main;
  private static KafkaCluster failover;

  @BeforeAll
  static void start() {
    main = KafkaCluster.of(KafkaVersion.V4_4, 1).withFirstId(1).start();
    failover = KafkaCluster.of(KafkaVersion.V4_4, 1).withFirstId(101).start();
    main.createTopic("orders", 2, 1);
  }

  @AfterAll
  static void stop() {
    HTTP.close();
    failover.close();
    main.close();
  }

  /** A gateway node with the variables of Conduktor Gateway's documentation. */
  private static final class GatewayNode implements AutoCloseable {
    private final Ports ports = Ports.contiguous(3);
    private final ProgramProcess program;
    private final String http;

    GatewayNode() throws IOException {
      this(Map.of());
    }

    GatewayNode(Map<String, String> more) throws IOException {
      Map<String, String> all = new HashMap<>(more);
      all.put("KAFKA_MAIN_BOOTSTRAP_SERVERS", main.bootstrapServers());
      all.put("KAFKA_FAILOVER_BOOTSTRAP_SERVERS", failover.bootstrapServers());
      all.put("KAFKA_FAILOVER_GATEWAY_ROLES", "failover");
      all.put("GATEWAY_PORT_START", String.valueOf(ports.get(0)));
      all.put("GATEWAY_PORT_COUNT", "3");
      all.put("GATEWAY_MIN_BROKERID", "1");
      all.put("GATEWAY_BIND_HOST", "127.0.0.1");
      all.put("GATEWAY_ADVERTISED_HOST", "127.0.0.1");
      all.put("GATEWAY_ADMIN_API_USERS", "[{username: admin, password: right, admin: true}]");
      all.put("GATEHOUSE_HTTP_PORT", "0");
      program = ProgramProcess.start(all, "run");
      program.await("clients bootstrap at [\\w.]+:(\\d+)");
      http = program.await("Health and metrics at (http://\\S+)");
    }

    String call(String method, String path) throws Exception {
      return send(method, path, BodyPublishers.noBody()).body();
    }

    HttpResponse<String> send(String method, String path, BodyPublisher body) throws Exception {
      String user =
          Base64.getEncoder().encodeToString("admin:right".getBytes(StandardCharsets.UTF_8));
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(http + path))
              .header("Authorization", "Basic " + user)
              .header("Content-Type", "application/json")
              .method(method, body)
              .build();
      return HTTP.send(request, BodyHandlers.ofString());
    }

    void awaitActive(String cluster) {
      await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> call("GET", "/gateway/v2/cluster"),
              all -> all.contains("\"active\":\"" + cluster + "\""));
    }

    int putAccount(String name) throws Exception {
      String account =
          "{'kind': 'GatewayServiceAccount', 'apiVersion': 'gateway/v2', 'metadata': {'name': '%s'}, 'spec': {'type': 'LOCAL'}}"
              .formatted(name)
              .replace('\'', '"');
      return send("PUT", "/gateway/v2/service-account", BodyPublishers.ofString(account))
          .statusCode();
    }

    /** The properties of a client of an account. */
    Map<String, Object> client(String account) throws Exception {
      String body =
          "{'username': '%s', 'lifeTimeSeconds': 3600}".formatted(account).replace('\'', '"');
      String token = send("POST", "/gateway/v2/token", BodyPublishers.ofString(body)).body();
      return client(account, token.replaceAll(".*\"token\" *: *\"([^\"]*)\".*", "$1"));
    }

    Map<String, Object> client(String account, String token) {
      return new HashMap<>(
          Map.of(
              "bootstrap.servers",
              "127.0.0.1:" + ports.get(0),
              "security.protocol",
              "SASL_PLAINTEXT",
              "sasl.mechanism",
              "PLAIN",
              "sasl.jaas.config",
              "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
                  .formatted(account, token)));
    }

    void awaitMetric(String line) {
      await().atMost(LIMIT).until(() -> call("GET", "/metrics"), all -> all.contains(line));
    }

    /** The id of the cluster that clients reach, and the node ids that they see. */
    String reached() throws Exception {
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + ports.get(0)))) {
        return admin.describeCluster().clusterId().get(20, TimeUnit.SECONDS)
            + " "
            + admin.describeCluster().nodes().get(20, TimeUnit.SECONDS);
      }
    }

    /** Runs a command of the page against this node, and returns its output. */
    String run(int exitCode, String command) throws Exception {
      List<String> all =
          new ArrayList<>(List.of(command.replace("two", "failover").split(" ", -1)));
      all.removeFirst();
      all.add("--url=" + http);
      try (ProgramProcess run =
          ProgramProcess.start(
              Map.of("GATEHOUSE_API_PASSWORD", "right"), all.toArray(String[]::new))) {
        int code = run.exitCode();
        assertThat(code).as(run.output()).isEqualTo(exitCode);
        return run.output();
      }
    }

    @Override
    public void close() {
      program.close();
      ports.close();
    }
  }

  private static String idOf(KafkaCluster cluster) throws Exception {
    return cluster.admin().describeCluster().clusterId().get(20, TimeUnit.SECONDS);
  }

  /** The primary data centre is gone, and all nodes are started again. */
  @Test
  void resourcesAndTheSwitchOutliveThePrimary() throws Exception {
    Map<String, String> variables =
        Map.of(
            "GATEWAY_CLUSTER_ID",
            "company",
            "GATEWAY_SECURITY_PROTOCOL",
            "SASL_PLAINTEXT",
            "GATEWAY_USER_POOL_SECRET_KEY",
            "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "GATEWAY_USER_POOL_SERVICE_ACCOUNT_REQUIRED",
            "true");
    failover.createTopic("kept", 1, 1);
    String failoverId = idOf(failover);
    Map<String, Object> orders;
    Map<String, Object> former;
    try (GatewayNode one = new GatewayNode(variables)) {
      assertThat(one.putAccount("orders")).isEqualTo(200);
      assertThat(one.putAccount("former")).isEqualTo(200);
      orders = one.client("orders");
      former = one.client("former");
      String account = "{\"name\": \"former\"}";
      assertThat(
              one.send("DELETE", "/gateway/v2/service-account", BodyPublishers.ofString(account))
                  .statusCode())
          .isEqualTo(204);
      String revision =
          one.call("GET", "/metrics").replaceAll("(?s).*\ngatehouse_store_revision (\\S+).*", "$1");
      one.awaitMetric("gatehouse_store_copy_revision " + revision);
      assertThat(one.call("POST", SWITCH + "failover")).contains("Cluster switched");
    }
    main.brokers().forEach(KafkaBroker::kill);
    try (GatewayNode late = new GatewayNode(variables)) {
      System.out.println(late.program.await("(Ready for new connections after \\d+ ms)"));
      orders.put("bootstrap.servers", "127.0.0.1:" + late.ports.get(0));
      former.put("bootstrap.servers", "127.0.0.1:" + late.ports.get(0));
      assertThat(produceAndConsume(orders, failoverId)).isEqualTo("a record");
      try (Admin admin = Admin.create(former)) {
        assertThatThrownBy(() -> admin.describeCluster().nodes().get(20, TimeUnit.SECONDS))
            .hasCauseInstanceOf(SaslAuthenticationException.class);
      }
      assertThat(late.putAccount("new")).isEqualTo(503);
      assertThat(late.call("GET", "/health"))
          .contains("\"inForce\":\"topic _gatehouse_company_state_copy of the cluster failover\"");
      assertThat(late.call("GET", "/metrics"))
          .contains("gatehouse_store_up 0.0", "gatehouse_store_copy_in_force 1.0");

      main.brokers().forEach(KafkaBroker::start);
      main.awaitReady();
      late.awaitMetric("gatehouse_store_up 1.0");
      assertThat(late.putAccount("new")).isEqualTo(200);
      assertThat(late.call("GET", "/gateway/v2/service-account"))
          .contains("orders", "new")
          .doesNotContain("former");
      assertThat(late.call("GET", "/metrics")).contains("gatehouse_store_copy_in_force 0.0");
    }
  }

  private static String produceAndConsume(Map<String, Object> client, String clusterId)
      throws Exception {
    try (Admin admin = Admin.create(client);
        KafkaProducer<String, String> producer =
            new KafkaProducer<>(client, new StringSerializer(), new StringSerializer());
        KafkaConsumer<String, String> consumer =
            new KafkaConsumer<>(client, new StringDeserializer(), new StringDeserializer())) {
      assertThat(admin.describeCluster().clusterId().get(20, TimeUnit.SECONDS))
          .isEqualTo(clusterId);
      producer.send(new ProducerRecord<>("kept", 0, "", "a record")).get(20, TimeUnit.SECONDS);
      TopicPartition partition = new TopicPartition("kept", 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      return await()
          .atMost(LIMIT)
          .until(() -> consumer.poll(Duration.ofMillis(100)), some -> !some.isEmpty())
          .iterator()
          .next()
          .value();
    }
  }

  @Test
  void allNodesFollowAndRemember() throws Exception {
    String failoverId = idOf(failover);
    String mainId = idOf(main);
    try (GatewayNode one = new GatewayNode();
        GatewayNode two = new GatewayNode()) {
      assertThat(one.reached()).startsWith(mainId + " [127.0.0.1:").contains("(id: 1 ");
      assertThat(one.run(1, DRY_RUN)).contains("the topic orders is missing");
      assertThat(one.call("GET", "/gateway/v2/cluster")).contains("\"active\":\"main\"");

      main.brokers().forEach(KafkaBroker::kill);
      assertThat(one.call("POST", SWITCH + "failover"))
          .isEqualTo("{\"message\":\"Cluster switched\"}");
      two.awaitActive("failover");
      assertThat(two.reached()).startsWith(failoverId + " [127.0.0.1:").contains("(id: 1 ");
      assertThat(one.call("POST", SWITCH + "failover"))
          .isEqualTo("{\"message\":\"Cluster switched\"}");
      assertThat(one.call("GET", "/gateway/v2/cluster")).contains("\"generation\":1");
      assertThat(one.call("POST", SWITCH + "elsewhere")).contains("main or failover");
      assertThat(one.call("GET", "/metrics"))
          .contains("gatehouse_cluster_active{cluster=\"failover\"} 1.0")
          .contains("gatehouse_cluster_active{cluster=\"main\"} 0.0");

      // The first cluster is told when it is back, by the node that finds out first, unless the
      // switch was still being written to it.
      main.brokers().forEach(KafkaBroker::start);
      main.awaitReady();
      awaitTold(main, "failover");
    }
    failover.brokers().forEach(KafkaBroker::kill);
    try (GatewayNode restarted = new GatewayNode()) {
      assertThat(restarted.run(0, STATUS)).contains("main: clients are directed to failover");
      failover.brokers().forEach(KafkaBroker::start);
      failover.awaitReady();
      assertThat(restarted.reached()).startsWith(failoverId).contains("(id: 1 ");
      assertThat(restarted.run(0, BACK)).contains("Cluster switched");
      assertThat(restarted.reached()).startsWith(mainId);
      try (GatewayNode later = new GatewayNode()) {
        assertThat(later.reached()).startsWith(mainId);
      }
      assertThat(restarted.run(0, TO_TWO)).contains("Cluster switched");
      assertThat(restarted.reached()).startsWith(failoverId);
    }
  }

  /** Waits until a cluster keeps the record of a switch. */
  private static void awaitTold(KafkaCluster cluster, String to) {
    Map<String, Object> properties =
        Map.of("bootstrap.servers", cluster.bootstrapServers(), "allow.auto.create.topics", false);
    TopicPartition partition = new TopicPartition("_gatehouse_gateway_failover", 0);
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() ->
              consumer.poll(Duration.ofMillis(100)).records(partition).stream()
                  .anyMatch(record ->
                      record.key().equals("main")
                          && record.value().contains("\"to\":\"" + to + "\"")));
    }
  }

  /** The configuration file of docs/failover.md, for clusters of one broker each. */
  private static String mirrorProperties() throws IOException {
    String page = Files.readString(Path.of("../docs/failover.md"));
    String file = page.replaceAll("(?s).*```properties\n(.*?)```.*", "$1");
    assertThat(file).startsWith("clusters = one, two");
    String replicas =
        Stream.of(
                "offset-syncs.topic",
                "checkpoints.topic",
                "heartbeats.topic",
                "config.storage",
                "offset.storage",
                "status.storage")
            .map(name -> name + ".replication.factor = 1\n")
            .collect(Collectors.joining());
    return file.replace("kafka.one.example.com:9092", main.bootstrapServers())
            .replace("kafka.two.example.com:9092", failover.bootstrapServers())
            .replace("topics = .*", "topics = mirrored-.*")
            .replace("replication.factor = 3", "replication.factor = 1")
            .replaceAll("(refresh.*) = .*", "$1 = 2")
        + replicas;
  }

  /** The first cluster dies under load, comes back, and gets its clients again. */
  @Test
  void mirrorMakerReplicatesBothWays() throws Exception {
    MirroredClients.TOPICS.forEach(topic -> main.createTopic(topic, 4, 1));
    try (MirrorMaker mirror = MirrorMaker.start(mirrorProperties());
        GatewayNode node = new GatewayNode(Map.of("GATEWAY_CLUSTER_ID", "mirrored"));
        MirroredClients clients = MirroredClients.start("127.0.0.1:" + node.ports.get(0))) {
      clients.awaitMore(200);
      MirroredClients.awaitAll(clients.acked(), failover);
      clients.awaitRead(clients.acked());
      MirroredClients.awaitOffsetsBeyond(MirroredClients.offsets(main), failover);
      clients.awaitMore(200);

      clients.restartFigures();
      main.brokers().forEach(KafkaBroker::kill);
      Map<String, List<String>> before = clients.acked();
      assertThat(node.call("POST", SWITCH + "failover")).contains("Cluster switched");
      clients.awaitMore(200);
      System.out.printf(
          "the first cluster died: %s, not replicated %s%n",
          clients.figures(), MirroredClients.missing(before, failover));
      main.brokers().forEach(KafkaBroker::start);
      main.awaitReady();
      Map<String, Long> offsets = MirroredClients.offsets(main);
      MirroredClients.awaitAll(before, failover);
      Map<String, List<String>> during = clients.acked();
      clients.awaitRead(during);
      MirroredClients.awaitAll(during, main);
      MirroredClients.awaitOffsetsBeyond(offsets, main);

      clients.restartFigures();
      assertThat(node.call("POST", SWITCH + "main")).contains("Cluster switched");
      clients.awaitMore(200);
      System.out.printf("switched back: %s%n", clients.figures());
      clients.awaitRead(clients.acked());
      clients.stop();
      MirroredClients.awaitAll(clients.acked(), main);
      MirroredClients.awaitAll(clients.acked(), failover);
      System.out.printf(
          "more than once in the first cluster: %s, in the second: %s%n",
          MirroredClients.doubled(main), MirroredClients.doubled(failover));
      assertThat(mirror.log()).noneMatch(line -> line.contains("OutOfMemoryError"));
    }
  }
}
