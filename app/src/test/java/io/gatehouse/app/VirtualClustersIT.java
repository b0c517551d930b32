package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.DelegationTokenDisabledException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page docs/virtual-clusters.md, with its configuration and commands as they stand there. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class VirtualClustersIT {

  private static final DocumentedPage PAGE = DocumentedPage.of("virtual-clusters.md");
  private static final Path KCAT = Path.of("/usr/bin/kcat");
  private static final String TOPIC = "orders";
  private static final String GROUP = "g";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir static Path folder;

  private static KafkaCluster cluster;
  private static DocumentedGateway gateway;
  private static Team sales;
  private static Team logistics;

  @BeforeAll
  static void start() throws Exception {
    cluster = KafkaCluster.of(KafkaVersion.V4_4, 1).start();
    gateway =
        DocumentedGateway.start(
            PAGE, folder, cluster.bootstrapServers("PLAINTEXT"), UnaryOperator.identity());
    List<String> commands =
        PAGE.blocks().stream().filter(block -> block.startsWith("curl -X PUT")).toList();
    assertThat(commands).hasSize(6);
    for (String command : commands) {
      boolean again = command.contains("\"limits\"");
      assertThat(gateway.succeed(command))
          .endsWith("\"upsertResult\":\"%s\"}".formatted(again ? "Updated" : "Created"));
    }
    sales = Team.of("sales");
    logistics = Team.of("logistics");
  }

  @AfterAll
  static void stop() {
    if (gateway != null) {
      gateway.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  /** Its properties let a client in, and can be sent back. */
  @Test
  void theResourceTellsHowToGetIn() throws Exception {
    String shown = gateway.succeed(PAGE.block("curl http", "/virtual-cluster/sales"));
    String bootstrap = gateway.bootstrap();
    assertThat(shown)
        .contains(
            "\"bootstrapServers\":" + quoted(bootstrap),
            "\"clientProperties\":{\"PLAIN\":{\"bootstrap.servers\":" + quoted(bootstrap));
    Map<String, Object> properties = new HashMap<>();
    Matcher entries =
        Pattern.compile("\"([a-z.]+)\":\"((?:\\\\.|[^\"])*)\"")
            .matcher(shown.substring(shown.indexOf("{\"bootstrap.servers\"")));
    while (entries.find()) {
      properties.put(
          entries.group(1),
          entries
              .group(2)
              .replace("\\", "")
              .replace("{{username}}", "app")
              .replace("{{password}}", sales.token()));
    }
    try (Admin admin = Admin.create(properties)) {
      assertThat(get(admin.describeCluster().clusterId())).startsWith("sales@");
    }
    String put =
        PAGE.block("curl -X PUT", "\"sales\"}, \"spec\"")
            .replaceFirst("(?s)-d '.*'", Matcher.quoteReplacement("-d '" + shown + "'"));
    assertThat(gateway.succeed(put))
        .contains("\"clientProperties\":{\"PLAIN\":{")
        .endsWith("\"upsertResult\":\"NotChanged\"}");
  }

  private static <T> T get(KafkaFuture<T> future) throws Exception {
    return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  /** The clients of the account {@code app} of a virtual cluster. */
  private record Team(String name, String token) {

    /** Makes the account's token by the page's command. */
    static Team of(String name) {
      return new Team(
          name, gateway.token(PAGE.block("curl", "/token \\").replace("\"sales\"", quoted(name))));
    }

    Map<String, Object> properties() {
      return DocumentedGateway.properties(gateway.propertiesFile(token));
    }

    Admin admin() {
      return Admin.create(properties());
    }

    String record() {
      return "a record of " + name;
    }
  }

  private static String quoted(String name) {
    return "\"" + name + "\"";
  }

  private static void produce(Map<String, Object> properties, String topic, String value)
      throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>(topic, value)).get(1, TimeUnit.MINUTES);
    }
  }

  /** Consumes in the group until there is a record, and commits. */
  private static List<String> consume(Map<String, Object> login, String topic, String group) {
    Map<String, Object> properties = new HashMap<>(login);
    properties.put("group.id", group);
    properties.put("auto.offset.reset", "earliest");
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      long end = System.nanoTime() + LIMIT.toNanos();
      while (values.isEmpty() && System.nanoTime() < end) {
        for (ConsumerRecord<String, String> one : consumer.poll(Duration.ofMillis(200))) {
          values.add(one.value());
        }
      }
      consumer.commitSync();
    }
    return values;
  }

  private static List<String> groups(Admin admin) throws Exception {
    return get(admin.listGroups().all()).stream().map(GroupListing::groupId).toList();
  }

  @Test
  void anAliasIsATopicLikeTheTeamsOwn() throws Exception {
    cluster.createTopic("prices-of-all", 1, 1);
    produce(sales.properties(), "prices", sales.record());
    Map<String, Object> direct = Map.of("bootstrap.servers", cluster.bootstrapServers());
    assertThat(consume(direct, "prices-of-all", "of-nobody")).containsExactly(sales.record());
    try (Admin admin = sales.admin();
        Admin others = logistics.admin()) {
      assertThat(get(admin.listTopics().names())).contains("prices");
      assertThat(get(others.listTopics().names())).doesNotContain("prices");
    }
    String shared =
        PAGE.block("curl -X PUT", "/alias-topic")
            .replace("sales", "logistics")
            .replace("\"prices-of-all\"", "\"prices-of-all\", \"readOnly\": true");
    assertThat(gateway.succeed(shared)).endsWith("\"upsertResult\":\"Created\"}");
    assertThat(consume(logistics.properties(), "prices", GROUP)).containsExactly(sales.record());
    assertThatThrownBy(() -> produce(logistics.properties(), "prices", "not allowed"))
        .hasCauseInstanceOf(TopicAuthorizationException.class);
    try (Admin admin = logistics.admin()) {
      assertThatThrownBy(() -> get(admin.deleteTopics(List.of("prices")).all()))
          .hasCauseInstanceOf(TopicAuthorizationException.class);
      assertThatThrownBy(
              () -> get(admin.createTopics(List.of(new NewTopic("prices", 1, (short) 1))).all()))
          .hasCauseInstanceOf(TopicAuthorizationException.class);
      assertThatThrownBy(() ->
              get(
                  admin
                      .electLeaders(ElectionType.UNCLEAN, Set.of(new TopicPartition("prices", 0)))
                      .all()))
          .hasCauseInstanceOf(ClusterAuthorizationException.class);
      assertThatThrownBy(() -> get(admin.describeAcls(AclBindingFilter.ANY).values()))
          .hasCauseInstanceOf(SecurityDisabledException.class);
    }
    // Other tests see none.
    try (Admin admin = sales.admin()) {
      get(admin.deleteTopics(List.of("prices")).all());
      await().until(() -> !get(admin.listTopics().names()).contains("prices"));
    }
  }

  @Test
  void twoTeamsHaveEqualNames() throws Exception {
    for (Team team : List.of(sales, logistics)) {
      try (Admin admin = team.admin()) {
        get(admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all());
      }
      produce(team.properties(), TOPIC, team.record());
    }
    for (Team team : List.of(sales, logistics)) {
      assertThat(consume(team.properties(), TOPIC, GROUP)).containsExactly(team.record());
    }
    for (Team team : List.of(sales, logistics)) {
      try (Admin admin = team.admin()) {
        TopicPartition partition = new TopicPartition(TOPIC, 0);
        var end = admin.listOffsets(Map.of(partition, OffsetSpec.latest()));
        assertThat(get(end.partitionResult(partition)).offset()).isEqualTo(1);
        assertThat(get(admin.listTopics().names())).containsExactly(TOPIC);
        assertThat(groups(admin)).containsExactly(GROUP);
      }
    }
    assertThat(get(cluster.admin().listTopics().names()))
        .contains("sales-orders", "logistics-orders")
        .doesNotContain(TOPIC);
    assertThat(groups(cluster.admin())).contains("sales-g", "logistics-g").doesNotContain(GROUP);

    assumeTrue(Files.isExecutable(KCAT), "kcat is not installed: testkit/clients/install.sh");
    kcat(sales, "from C", "-P", "-t", TOPIC);
    assertThat(kcat(sales, "", "-C", "-t", TOPIC, "-o", "beginning", "-e").lines())
        .containsExactly(sales.record(), "from C");
    assertThat(kcat(logistics, "", "-C", "-t", TOPIC, "-o", "beginning", "-e").lines())
        .containsExactly(logistics.record());
    assertThat(kcat(sales, "", "-L"))
        .contains(" 1 topics:", "topic \"orders\" with 1 partitions")
        .doesNotContain("sales-", "logistics");
  }

  private static String kcat(Team team, String input, String... arguments) throws Exception {
    Map<String, Object> properties = team.properties();
    List<String> command =
        new ArrayList<>(List.of(KCAT.toString(), "-q", "-b", gateway.bootstrap()));
    for (String property :
        List.of(
            "security.protocol=" + properties.get("security.protocol"),
            "sasl.mechanism=" + properties.get("sasl.mechanism"),
            "sasl.username=app",
            "sasl.password=" + team.token())) {
      command.addAll(List.of("-X", property));
    }
    command.addAll(List.of(arguments));
    Path in = Files.writeString(folder.resolve("kcat.in"), input);
    Path out = folder.resolve("kcat.out");
    Process process =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
      String said = Files.readString(out, StandardCharsets.UTF_8);
      assertThat(ended).as("%s: %s", command, said).isTrue();
      assertThat(process.exitValue()).as("%s: %s", command, said).isZero();
      return said;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void theClusterIsTheTeamsOwn() throws Exception {
    String id = get(cluster.admin().describeCluster().clusterId());
    for (Team team : List.of(sales, logistics)) {
      try (Admin admin = team.admin()) {
        assertThat(get(admin.describeCluster().clusterId())).isEqualTo(team.name() + "@" + id);
        assertThatThrownBy(() -> get(admin.describeAcls(AclBindingFilter.ANY).values()))
            .hasCauseInstanceOf(SecurityDisabledException.class);
        assertThatThrownBy(() -> get(admin.describeDelegationToken().delegationTokens()))
            .hasCauseInstanceOf(DelegationTokenDisabledException.class);
        assertThatThrownBy(() -> get(admin.describeMetadataQuorum().quorumInfo()))
            .hasCauseInstanceOf(ClusterAuthorizationException.class);
      }
    }
  }

  @Test
  void newTopicsAreMadeByTheRules() throws Exception {
    NewTopic open = new NewTopic("open", Optional.empty(), Optional.empty());
    try (Admin admin = sales.admin()) {
      get(admin.createTopics(List.of(open)).all());
      assertThat(get(admin.describeTopics(List.of("open")).allTopicNames()).values())
          .singleElement()
          .satisfies(topic -> assertThat(topic.partitions()).hasSize(3));
      assertThatThrownBy(
              () -> get(admin.createTopics(List.of(new NewTopic("wide", 51, (short) 1))).all()))
          .hasCauseInstanceOf(PolicyViolationException.class)
          .hasMessageContaining("limits.partitionsPerTopic of the virtual cluster sales");
      get(admin.deleteTopics(List.of("open")).all());
    }
  }

  @Test
  void aNameHasRoomForItsPrefix() throws Exception {
    String longest = "x".repeat(249 - "sales-".length());
    CreateTopicsOptions dry = new CreateTopicsOptions().validateOnly(true);
    try (Admin admin = sales.admin()) {
      get(admin.createTopics(List.of(new NewTopic(longest, 1, (short) 1)), dry).all());
      assertThatThrownBy(() ->
              get(
                  admin
                      .createTopics(List.of(new NewTopic(longest + "x", 1, (short) 1)), dry)
                      .all()))
          .hasCauseInstanceOf(InvalidTopicException.class);
    }
  }

  @Test
  void aTeamMovesWithItsTopicsAndIsDeleted() throws Exception {
    Map<String, Object> direct = Map.of("bootstrap.servers", cluster.bootstrapServers());
    cluster.createTopic("team-orders", 1, 1);
    produce(direct, "team-orders", "consumed before");
    assertThat(consume(direct, "team-orders", "team-g")).containsExactly("consumed before");
    produce(direct, "team-orders", "left");

    gateway.succeed(
        PAGE.block("curl", "/virtual-cluster \\")
            .replace("sales", "moved")
            .replace("\"spec\": {}", prefix()));
    gateway.succeed(PAGE.block("curl", "/service-account \\").replace("sales", "moved"));
    Team moved = Team.of("moved");
    assertThat(consume(moved.properties(), TOPIC, GROUP)).containsExactly("left");

    String delete = PAGE.block("curl -X DELETE", "/virtual-cluster/").replace("logistics", "moved");
    try (Admin admin = moved.admin()) {
      assertThat(get(admin.listTopics().names())).containsExactly(TOPIC);
      var refused = gateway.curl(delete);
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(409);
      assertThat(refused.body()).contains("service account(s): app");
      gateway.succeed(
          "curl -X DELETE http://127.0.0.1:8888/gateway/v2/service-account"
              + " --user \"admin:$ADMIN_PASSWORD\" -H 'Content-Type: application/json'"
              + " -d '{\"name\": \"app\", \"vCluster\": \"moved\"}'");
      assertThat(gateway.curl(delete).statusCode()).isEqualTo(204);
      assertThatThrownBy(() -> get(admin.listTopics().names()))
          .hasCauseInstanceOf(SaslAuthenticationException.class);
    }
    assertThat(get(cluster.admin().listTopics().names())).contains("team-orders");
  }

  /** The prefix as the page writes it in its steps. */
  private static String prefix() throws Exception {
    String spec = "\"spec\": {\"prefix\": \"team-\"}";
    assertThat(Files.readString(PAGE.file())).contains("`" + spec + "`");
    return spec;
  }
}
