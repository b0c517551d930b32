package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaTools;
import io.gatehouse.testkit.KafkaVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page docs/acls.md, with its configuration and commands as they stand there. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class AclsIT {

  private static final DocumentedPage PAGE = DocumentedPage.of("acls.md");
  private static final String LIST = "gatehouse acl list --vcluster sales";
  private static final String EXPLAIN =
      "gatehouse acl explain --vcluster sales --principal User:app --operation WRITE --resource"
          + " topic:orders";

  /** The commands of this program on the page. */
  static final Set<String> COMMANDS = Set.of(LIST, EXPLAIN);

  private static final String TOPIC = "orders";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir static Path folder;

  private static KafkaCluster cluster;
  private static DocumentedGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    cluster = KafkaCluster.of(KafkaVersion.V4_4, 1).start();
    gateway =
        DocumentedGateway.start(
            PAGE, folder, cluster.bootstrapServers("PLAINTEXT"), UnaryOperator.identity());
    List<String> commands =
        PAGE.blocks().stream().filter(block -> block.startsWith("curl -X PUT")).toList();
    assertThat(commands).hasSize(5);
    for (String command : commands) {
      assertThat(gateway.succeed(command)).endsWith("\"upsertResult\":\"Created\"}");
    }
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

  private static <T> T get(KafkaFuture<T> future) throws Exception {
    return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  private static String quoted(String name) {
    return "\"" + name + "\"";
  }

  /** Creates an account by the page's command; the page has those of sales. */
  private static void account(String name, String virtualCluster) {
    gateway.succeed(
        PAGE.block("curl -X PUT", quoted("app"))
            .replace(quoted("app"), quoted(name))
            .replace(quoted("sales"), quoted(virtualCluster)));
  }

  /** The page's file of properties for an account, with a token made by the page's command. */
  private static String file(String account, String virtualCluster) {
    String command =
        PAGE.block("curl", "/token \\")
            .replace(quoted("lead"), quoted(account))
            .replace(quoted("sales"), quoted(virtualCluster));
    return gateway
        .propertiesFile(gateway.token(command))
        .replace("username=\"lead\"", "username=" + quoted(account));
  }

  private static Map<String, Object> login(String account, String virtualCluster) {
    return DocumentedGateway.properties(file(account, virtualCluster));
  }

  private static void create(Admin admin, String topic) throws Exception {
    get(admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all());
  }

  private static KafkaProducer<String, String> producer(Map<String, Object> login) {
    return new KafkaProducer<>(login, new StringSerializer(), new StringSerializer());
  }

  private static void send(KafkaProducer<String, String> producer, String topic) throws Exception {
    producer.send(new ProducerRecord<>(topic, "a record")).get(1, TimeUnit.MINUTES);
  }

  private static int consume(Map<String, Object> login, String topic, String group) {
    Map<String, Object> properties = new HashMap<>(login);
    properties.put("group.id", group);
    properties.put("auto.offset.reset", "earliest");
    int records = 0;
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      long end = System.nanoTime() + LIMIT.toNanos();
      while (records == 0 && System.nanoTime() < end) {
        records += consumer.poll(Duration.ofMillis(200)).count();
      }
    }
    return records;
  }

  /** Runs the page's command with kafka-acls.sh that has this part. */
  private static String acls(String part) throws IOException {
    Path properties = Files.writeString(folder.resolve("lead.properties"), file("lead", "sales"));
    List<String> words =
        Arrays.stream(
                PAGE.block("kafka-acls.sh", part)
                    .replace("\\\n", " ")
                    .replace("gateway.example:6969", gateway.bootstrap())
                    .replace("lead.properties", properties.toString())
                    .strip()
                    .split("\\s+", -1))
            .toList();
    return KafkaTools.run(
            KafkaVersion.V4_4,
            words.getFirst(),
            words.subList(1, words.size()).toArray(String[]::new))
        .orThrow()
        .stdout();
  }

  private static String run(String command, int code) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    assertThat(gateway.run(command, stream))
        .as(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(code);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static AclBinding allow(String user) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, "any", PatternType.LITERAL),
        new AccessControlEntry("User:" + user, "*", AclOperation.READ, AclPermissionType.ALLOW));
  }

  @Test
  void superUsersMakeRulesWithKafkasOwnTools() throws Exception {
    Map<String, Object> app = login("app", "sales");
    try (Admin lead = Admin.create(login("lead", "sales"));
        Admin other = Admin.create(app);
        KafkaProducer<String, String> producer = producer(app)) {
      create(lead, TOPIC);
      assertThatThrownBy(() -> send(producer, TOPIC))
          .hasRootCauseInstanceOf(TopicAuthorizationException.class);
      assertThat(get(other.listTopics().names())).isEmpty();
      assertThatThrownBy(() -> get(other.createAcls(List.of(allow("app"))).all()))
          .hasCauseInstanceOf(ClusterAuthorizationException.class);
      assertThat(run(EXPLAIN, 1)).isEqualTo("denied: no rules about the resource\n");

      acls("--producer --topic orders\n");
      send(producer, TOPIC);
      assertThatThrownBy(() -> consume(app, TOPIC, "billing"))
          .isInstanceOf(GroupAuthorizationException.class);
      acls("--consumer");
      assertThat(consume(app, TOPIC, "billing")).isEqualTo(1);
      assertThat(get(other.listTopics().names())).containsExactly(TOPIC);

      String rule = "ALLOW User:app WRITE on TOPIC LITERAL orders from *";
      assertThat(run(EXPLAIN, 0)).isEqualTo("allowed: rule " + rule + "\n");
      assertThat(run(LIST, 0).lines()).contains(rule).hasSize(5);
      assertThat(acls("--list")).contains("principal=User:app", "operation=WRITE");
      assertThat(gateway.succeed(PAGE.block("curl 'http", "/acl?")))
          .startsWith("{\"vCluster\":\"sales\",\"aclEnabled\":true,");
      assertThat(gateway.succeed(PAGE.block("curl 'http", "/acl/explain?")))
          .startsWith("{\"allowed\":true,\"reason\":\"RULE\",\"message\":\"allowed: rule " + rule);

      acls("--remove");
      assertThatThrownBy(() -> send(producer, TOPIC))
          .hasRootCauseInstanceOf(TopicAuthorizationException.class);
      assertThat(get(lead.describeAcls(AclBindingFilter.ANY).values()))
          .extracting(one -> one.entry().operation())
          .containsExactly(AclOperation.READ, AclOperation.READ);
    }
  }

  @Test
  void rulesForGroupsAreForTheirMembersOfTheMoment() throws Exception {
    String explain = EXPLAIN.replace(TOPIC, "invoices");
    Map<String, Object> app = login("app", "sales");
    app.put("enable.idempotence", false);
    try (Admin lead = Admin.create(login("lead", "sales"));
        KafkaProducer<String, String> producer = producer(app)) {
      create(lead, "invoices");
      acls("Group:shop");
      send(producer, "invoices");
      assertThat(run(explain, 0))
          .isEqualTo("allowed: rule ALLOW Group:shop WRITE on TOPIC LITERAL invoices from *\n");

      String members = PAGE.block("curl -X PUT", "\"GatewayGroup\"");
      gateway.succeed(members.replaceFirst("\"members\": \\[.*?\\], ", ""));
      assertThatThrownBy(() -> send(producer, "invoices"))
          .hasRootCauseInstanceOf(TopicAuthorizationException.class);
      run(explain, 1);
      run(explain + " --groups shop", 0);
      gateway.succeed(members);
      send(producer, "invoices");
      get(lead.deleteAcls(List.of(AclBindingFilter.ANY)).all());
    }
  }

  @Test
  void aResourceCanDeclareTheRules() throws Exception {
    account("app", "logistics");
    Map<String, Object> login = login("app", "logistics");
    try (Admin app = Admin.create(login);
        KafkaProducer<String, String> producer = producer(login)) {
      create(app, "parcels-1");
      send(producer, "parcels-1");
      assertThatThrownBy(() -> create(app, "letters"))
          .hasCauseInstanceOf(TopicAuthorizationException.class);
      assertThatThrownBy(() -> get(app.createAcls(List.of(allow("app"))).all())).isNotNull();
      gateway.succeed(PAGE.block("curl -X PUT", "REST_API").replace("\"ALL\"", "\"READ\""));
      assertThatThrownBy(() -> send(producer, "parcels-1"))
          .hasRootCauseInstanceOf(TopicAuthorizationException.class);
    }
  }

  @Test
  void clientsWithoutAVirtualClusterNeedRulesToo() throws Exception {
    account("operator", "passthrough");
    account("reader", "passthrough");
    Map<String, Object> login = login("reader", "passthrough");
    try (Admin operator = Admin.create(login("operator", "passthrough"));
        Admin reader = Admin.create(login)) {
      create(operator, "public");
      assertThat(get(reader.listTopics().names())).isEmpty();
      get(
          operator
              .createAcls(
                  List.of(
                      new AclBinding(
                          new ResourcePattern(ResourceType.TOPIC, "pub", PatternType.PREFIXED),
                          new AccessControlEntry(
                              "User:reader", "*", AclOperation.READ, AclPermissionType.ALLOW))))
              .all());
      assertThat(get(reader.listTopics().names())).containsExactly("public");
      assertThat(run("gatehouse acl list", 0))
          .isEqualTo("ALLOW User:reader READ on TOPIC PREFIXED pub from *\n");
      assertThatThrownBy(() -> create(reader, "public-2"))
          .hasCauseInstanceOf(TopicAuthorizationException.class);
    }
  }
}
