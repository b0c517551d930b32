package io.gatehouse.gateway.access;

import static io.gatehouse.gateway.access.AclGateway.allow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.PatternType;
import io.gatehouse.gateway.acl.Permission;
import io.gatehouse.gateway.acl.Principal;
import io.gatehouse.gateway.acl.ResourcePattern;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.TopicRules;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's Java clients with access rules, in passthrough and in a virtual cluster. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class AclIT {

  private static KafkaCluster cluster;
  private static AclGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 1)
            .withFirstId(1)
            .with("auto.create.topics.enable", "true")
            .start();
    gateway = new AclGateway(RealCluster.servers(cluster));
  }

  @AfterAll
  static void stop() {
    gateway.close();
    cluster.close();
  }

  private static String unique(String name, boolean inTenant) {
    return name + (inTenant ? "-in-team-" : "-") + System.nanoTime();
  }

  private static Admin root(boolean inTenant) {
    return Admin.create(gateway.client("root", inTenant));
  }

  private static void create(boolean inTenant, String... topics) throws Exception {
    try (Admin admin = root(inTenant)) {
      List<NewTopic> all = new ArrayList<>();
      for (String topic : topics) {
        all.add(new NewTopic(topic, 1, (short) 1));
      }
      admin.createTopics(all).all().get(30, TimeUnit.SECONDS);
    }
  }

  private static KafkaProducer<String, String> producer(
      boolean inTenant, Map<String, Object> more) {
    Map<String, Object> properties = gateway.client("alice", inTenant);
    properties.putAll(more);
    return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
  }

  private static KafkaConsumer<String, String> consumer(boolean inTenant, String group) {
    Map<String, Object> properties = gateway.client("alice", inTenant);
    properties.put("group.id", group);
    properties.put("auto.offset.reset", "earliest");
    properties.put("enable.auto.commit", false);
    return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
  }

  private static <K, T> @Nullable T of(Map<K, KafkaFuture<T>> results, K key) throws Exception {
    return Objects.requireNonNull(results.get(key)).get(30, TimeUnit.SECONDS);
  }

  private static void produce(KafkaProducer<String, String> producer, String topic)
      throws Exception {
    producer.send(new ProducerRecord<>(topic, 0, "key", topic)).get(30, TimeUnit.SECONDS);
  }

  @Test
  void groupsCountWithTheNextRequest() throws Exception {
    String topic = unique("of-group", true);
    create(true, topic);
    AclBinding allow =
        new AclBinding(
            new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
            Principal.group("ops"),
            "*",
            Operation.WRITE,
            Permission.ALLOW);
    AclBinding deny =
        new AclBinding(
            allow.resources(), Principal.group("guests"), "*", Operation.WRITE, Permission.DENY);
    gateway.setRules(List.of(allow, deny));
    gateway.setGroups("alice", "ops");
    try (KafkaProducer<String, String> producer =
        producer(true, Map.of("enable.idempotence", false))) {
      produce(producer, topic);
      for (List<String> groups : List.of(List.of("ops", "guests"), List.<String>of())) {
        gateway.setGroups("alice", groups.toArray(String[]::new));
        assertThatThrownBy(() -> produce(producer, topic))
            .hasCauseInstanceOf(TopicAuthorizationException.class);
        gateway.setGroups("alice", "ops");
        produce(producer, topic);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void recordsAreWrittenAndReadByRight(boolean inTenant) throws Exception {
    String open = unique("open", inTenant);
    String closed = unique("closed", inTenant);
    create(inTenant, open, closed);
    List<AclBinding> rules = new ArrayList<>();
    rules.add(allow("alice", Operation.WRITE, ResourceType.TOPIC, open));
    rules.add(allow("alice", Operation.DESCRIBE, ResourceType.TOPIC, closed));
    gateway.setRules(rules);
    try (KafkaProducer<String, String> producer = producer(inTenant, Map.of("linger.ms", 100))) {
      produce(producer, open);
      // Both in one request: the one is written, the other one refused.
      var first = producer.send(new ProducerRecord<>(open, 0, "key", "with another"));
      var second = producer.send(new ProducerRecord<>(closed, 0, "key", "refused"));
      first.get(30, TimeUnit.SECONDS);
      assertThatThrownBy(() -> second.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(TopicAuthorizationException.class)
          .hasMessageContaining(closed);
      assertThatThrownBy(() -> produce(producer, unique("missing", inTenant)))
          .hasCauseInstanceOf(TopicAuthorizationException.class);
    }

    String group = unique("group", inTenant);
    try (KafkaConsumer<String, String> consumer = consumer(inTenant, group)) {
      consumer.assign(List.of(new TopicPartition(open, 0)));
      consumer.seekToBeginning(consumer.assignment());
      assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(20)))
          .isInstanceOfSatisfying(
              TopicAuthorizationException.class,
              refused -> assertThat(refused.unauthorizedTopics()).containsExactly(open));
      rules.add(allow("alice", Operation.READ, ResourceType.TOPIC, open));
      gateway.setRules(rules);
      List<String> values = new ArrayList<>();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> {
            for (ConsumerRecord<String, String> one : consumer.poll(Duration.ofMillis(100))) {
              values.add(one.value());
            }
            return values.size() == 2;
          });
      assertThat(values).containsExactly(open, "with another");

      // A right that is taken away ends the reading at once, and its session of fetches.
      rules.removeLast();
      gateway.setRules(rules);
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() ->
              assertThatThrownBy(() -> consumer.poll(Duration.ofMillis(100)))
                  .isInstanceOf(TopicAuthorizationException.class));

      consumer.unsubscribe();
      consumer.subscribe(List.of(open));
      assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(20)))
          .isInstanceOfSatisfying(
              GroupAuthorizationException.class,
              refused -> assertThat(refused.groupId()).isEqualTo(group));
    }
  }

  @Test
  void newTopicsNeedRightsAndRoom() throws Exception {
    gateway.setTenant(
        new Tenant(
            "small",
            "small.",
            new TopicRules(
                false,
                new TopicRules.Defaults(2, TopicRules.UNSET, Map.of()),
                new TopicRules.Limits(1, Integer.MAX_VALUE, Integer.MAX_VALUE))));
    gateway.setRules(
        List.of(
            allow("alice", Operation.CREATE, ResourceType.TOPIC, "first"),
            allow("alice", Operation.CREATE, ResourceType.TOPIC, "second"),
            allow("alice", Operation.DESCRIBE, ResourceType.TOPIC, "first")));
    Map<String, Class<?>> refused = new HashMap<>();
    try (Admin admin = Admin.create(gateway.client("alice", true))) {
      var all =
          Stream.of("first", "second", "third")
              .map(name -> new NewTopic(name, Optional.empty(), Optional.empty()))
              .toList();
      for (var one : admin.createTopics(all).values().entrySet()) {
        try {
          one.getValue().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
          refused.put(one.getKey(), Objects.requireNonNull(e.getCause()).getClass());
        }
      }
    }
    assertThat(refused)
        .hasSize(2)
        .containsEntry("third", TopicAuthorizationException.class)
        .containsValue(PolicyViolationException.class);
    Map<String, Object> properties = gateway.client("root", true);
    properties.put("max.block.ms", 2_000);
    try (var producer =
            new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
        Admin root = root(true)) {
      // The broker would create it.
      assertThatThrownBy(() -> produce(producer, "fourth"))
          .hasCauseInstanceOf(TimeoutException.class);
      assertThat(root.listTopics().names().get(30, TimeUnit.SECONDS))
          .hasSize(1)
          .doesNotContain("fourth");
    } finally {
      gateway.setTenant(AclGateway.TENANT);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneTopicOfAFetchIsRefused(boolean inTenant) throws Exception {
    String open = unique("readable", inTenant);
    String closed = unique("unreadable", inTenant);
    create(inTenant, open, closed);
    gateway.setRules(
        List.of(
            allow("alice", Operation.READ, ResourceType.TOPIC, open),
            allow("alice", Operation.WRITE, ResourceType.TOPIC, open),
            allow("alice", Operation.WRITE, ResourceType.TOPIC, closed)));
    try (KafkaProducer<String, String> producer = producer(inTenant, Map.of());
        KafkaConsumer<String, String> consumer = consumer(inTenant, "unused")) {
      produce(producer, open);
      produce(producer, closed);
      consumer.assign(List.of(new TopicPartition(open, 0), new TopicPartition(closed, 0)));
      consumer.seekToBeginning(consumer.assignment());
      List<String> values = new ArrayList<>();
      Set<String> refused = new HashSet<>();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> {
            try {
              consumer.poll(Duration.ofMillis(100)).forEach(one -> values.add(one.value()));
            } catch (TopicAuthorizationException e) {
              refused.addAll(e.unauthorizedTopics());
            }
            return !values.isEmpty() && !refused.isEmpty();
          });
      assertThat(values).containsExactly(open);
      assertThat(refused).containsExactly(closed);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void producersNeedRightsOnTransactionalIds(boolean inTenant) throws Exception {
    String topic = unique("transactions", inTenant);
    create(inTenant, topic);
    AclBinding write = allow("alice", Operation.WRITE, ResourceType.TOPIC, topic);
    gateway.setRules(List.of(write));
    String id = unique("id", inTenant);
    Map<String, Object> transactional = Map.of("transactional.id", id);
    try (KafkaProducer<String, String> producer = producer(inTenant, transactional)) {
      assertThatThrownBy(producer::initTransactions)
          .isInstanceOf(TransactionalIdAuthorizationException.class);
    }
    gateway.setRules(
        List.of(write, allow("alice", Operation.WRITE, ResourceType.TRANSACTIONAL_ID, id)));
    try (KafkaProducer<String, String> producer = producer(inTenant, transactional)) {
      producer.initTransactions();
      producer.beginTransaction();
      produce(producer, topic);
      producer.commitTransaction();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void adminClientsGetAnswersInPart(boolean inTenant) throws Exception {
    String open = unique("mine", inTenant);
    String closed = unique("theirs", inTenant);
    create(inTenant, open, closed);
    gateway.setRules(
        List.of(
            allow("alice", Operation.DESCRIBE, ResourceType.TOPIC, open),
            allow("alice", Operation.ALTER_CONFIGS, ResourceType.TOPIC, open),
            allow("alice", Operation.DESCRIBE, ResourceType.GROUP, "shown")));
    try (Admin admin = Admin.create(gateway.client("alice", inTenant))) {
      assertThat(admin.listTopics().names().get(30, TimeUnit.SECONDS))
          .contains(open)
          .doesNotContain(closed);
      var described =
          admin
              .describeTopics(
                  List.of(open, closed),
                  new DescribeTopicsOptions().includeAuthorizedOperations(true))
              .topicNameValues();
      assertThat(Objects.requireNonNull(of(described, open)).authorizedOperations())
          .containsExactlyInAnyOrder(
              AclOperation.DESCRIBE, AclOperation.ALTER_CONFIGS, AclOperation.DESCRIBE_CONFIGS);
      assertThatThrownBy(() -> of(described, closed))
          .hasCauseInstanceOf(TopicAuthorizationException.class);
      var deleted = admin.deleteTopics(List.of(open, closed)).topicNameValues();
      for (String topic : List.of(open, closed)) {
        assertThatThrownBy(() -> of(deleted, topic))
            .hasCauseInstanceOf(TopicAuthorizationException.class);
      }
      ConfigResource mine = new ConfigResource(ConfigResource.Type.TOPIC, open);
      ConfigResource theirs = new ConfigResource(ConfigResource.Type.TOPIC, closed);
      AlterConfigOp set =
          new AlterConfigOp(new ConfigEntry("retention.ms", "1000"), AlterConfigOp.OpType.SET);
      var altered =
          admin.incrementalAlterConfigs(Map.of(mine, List.of(set), theirs, List.of(set))).values();
      var _ = of(altered, mine);
      assertThatThrownBy(() -> of(altered, theirs))
          .hasCauseInstanceOf(TopicAuthorizationException.class);
      assertThatThrownBy(() ->
              admin
                  .createTopics(List.of(new NewTopic(unique("new", inTenant), 1, (short) 1)))
                  .all()
                  .get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(TopicAuthorizationException.class);
      if (!inTenant) {
        assertThatThrownBy(() ->
                admin
                    .describeConfigs(List.of(new ConfigResource(ConfigResource.Type.BROKER, "1")))
                    .all()
                    .get(30, TimeUnit.SECONDS))
            .hasCauseInstanceOf(ClusterAuthorizationException.class);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void topicsAreCreatedByRightOnly(boolean inTenant) throws Exception {
    String known = unique("known", inTenant);
    String mine = unique("created", inTenant);
    String theirs = unique("not-created", inTenant);
    create(inTenant, known);
    List<AclBinding> rules = new ArrayList<>();
    for (String topic : List.of(known, mine, theirs)) {
      rules.add(allow("alice", Operation.READ, ResourceType.TOPIC, topic));
    }
    rules.add(allow("alice", Operation.CREATE, ResourceType.TOPIC, mine));
    gateway.setRules(rules);
    try (KafkaConsumer<String, String> consumer = consumer(inTenant, "unused");
        Admin admin = root(inTenant)) {
      // All three in one request for metadata, which lets the broker create topics.
      consumer.assign(
          List.of(
              new TopicPartition(known, 0),
              new TopicPartition(mine, 0),
              new TopicPartition(theirs, 0)));
      consumer.seekToBeginning(consumer.assignment());
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> {
            var _ = consumer.poll(Duration.ofMillis(100));
            return admin.listTopics().names().get(30, TimeUnit.SECONDS).contains(mine);
          });
      assertThat(admin.listTopics().names().get(30, TimeUnit.SECONDS))
          .contains(known, mine)
          .doesNotContain(theirs);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void patternsNeedTheRightOnAllTopics(boolean inTenant) throws Exception {
    String topic = unique("matched", inTenant);
    String group = unique("members", inTenant);
    create(inTenant, topic);
    List<AclBinding> rules = new ArrayList<>();
    rules.add(allow("alice", Operation.READ, ResourceType.GROUP, group));
    rules.add(allow("alice", Operation.READ, ResourceType.TOPIC, topic));
    // A rule for topics whose names begin as the pattern does not make a difference.
    rules.add(
        new AclBinding(
            new ResourcePattern(ResourceType.TOPIC, "matched", PatternType.PREFIXED),
            Principal.user("alice"),
            AclBinding.ANY_HOST,
            Operation.READ,
            Permission.ALLOW));
    gateway.setRules(rules);
    Map<String, Object> properties = gateway.client("alice", inTenant);
    properties.put("group.id", group);
    properties.put("group.protocol", "consumer");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(new SubscriptionPattern("matched.*"));
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() ->
              assertThatThrownBy(() -> consumer.poll(Duration.ofMillis(100)))
                  .isInstanceOf(TopicAuthorizationException.class));
    }
    rules.add(allow("alice", Operation.READ, ResourceType.TOPIC, "*"));
    gateway.setRules(rules);
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(new SubscriptionPattern("matched.*"));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> {
            var _ = consumer.poll(Duration.ofMillis(100));
            return consumer.assignment().contains(new TopicPartition(topic, 0));
          });
    }
  }
}
