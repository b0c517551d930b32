package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.gateway.tenant.TopicRules.Defaults;
import io.gatehouse.gateway.tenant.TopicRules.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a virtual cluster allows of new topics, at real brokers that do not create topics of their
 * own accord.
 */
class NewTopicsIT {

  private static final int NONE = Integer.MAX_VALUE;
  private static final Defaults NO_DEFAULTS =
      new Defaults(TopicRules.UNSET, TopicRules.UNSET, Map.of());
  private static final CreateTopicsOptions DRY = new CreateTopicsOptions().validateOnly(true);

  private static Tenancy tenancy;

  private String name = "";

  @BeforeAll
  static void start() throws Exception {
    tenancy = Tenancy.start();
  }

  @AfterAll
  static void stop() {
    tenancy.close();
  }

  @AfterEach
  void nothingLeaked() throws Exception {
    tenancy.checkNothingLeaked();
  }

  /** Moves Alice to an empty virtual cluster with these rules. */
  private Admin within(Defaults defaults, Limits limits) {
    name = RealCluster.newName("limited");
    Tenant tenant =
        new Tenant(
            name, Tenancy.ALICES.prefix() + name + ".", new TopicRules(true, defaults, limits));
    tenancy.move("alice", new Place.Within(tenant));
    return tenancy.alice().clients().admin();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static NewTopic topic(String name, int partitions) {
    return new NewTopic(name, partitions, (short) 1);
  }

  private static void create(Admin admin, String name, int partitions) throws Exception {
    get(admin.createTopics(List.of(topic(name, partitions))).all());
  }

  private static TopicDescription described(Admin admin, String topic) throws Exception {
    return Objects.requireNonNull(
        get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic));
  }

  @Test
  void whatExceedsTheNumberOfTopicsIsRefusedAloneUntilOneIsDeleted() throws Exception {
    try (Admin alice = within(NO_DEFAULTS, new Limits(2, NONE, NONE))) {
      create(alice, "first", 1);
      var created = alice.createTopics(List.of(topic("second", 1), topic("third", 1))).values();
      List<String> refused = new ArrayList<>();
      for (Map.Entry<String, KafkaFuture<Void>> one : created.entrySet()) {
        try {
          get(one.getValue());
        } catch (ExecutionException e) {
          assertThat(e)
              .hasCauseInstanceOf(PolicyViolationException.class)
              .hasMessageContaining(
                  "limits.topics of the virtual cluster %s: it has 2 topics, and can have at most 2"
                      .formatted(name));
          refused.add(one.getKey());
        }
      }
      assertThat(refused).hasSize(1);
      assertThatThrownBy(() -> get(alice.createTopics(List.of(topic("fourth", 1)), DRY).all()))
          .hasCauseInstanceOf(PolicyViolationException.class);
      NewTopic open = new NewTopic("open", Optional.empty(), Optional.empty());
      assertThatThrownBy(() -> get(alice.createTopics(List.of(open)).all()))
          .hasCauseInstanceOf(PolicyViolationException.class);
      assertThatThrownBy(() -> create(alice, "first", 1))
          .hasCauseInstanceOf(TopicExistsException.class);

      get(alice.deleteTopics(Set.of("first")).all());
      Await.until(() -> "there is no room", () -> isCreated(alice, "fifth"));
    }
  }

  private static boolean isCreated(Admin admin, String topic) throws Exception {
    try {
      create(admin, topic, 1);
      return true;
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(PolicyViolationException.class);
      return false;
    }
  }

  @Test
  void partitionsAreLimitedForEachTopicAndForAll() throws Exception {
    try (Admin alice = within(NO_DEFAULTS, new Limits(NONE, 10, 6))) {
      assertThatThrownBy(() -> create(alice, "wide", 7))
          .hasCauseInstanceOf(PolicyViolationException.class)
          .hasMessageContaining("limits.partitionsPerTopic")
          .hasMessageContaining("at most 6 partitions, and 7 are asked for");
      get(alice.createTopics(List.of(topic("large", 6)), DRY).all());
      create(alice, "large", 6);
      assertThatThrownBy(() -> create(alice, "more", 5))
          .hasCauseInstanceOf(PolicyViolationException.class)
          .hasMessageContaining("it has 6 partitions, and can have at most 10; a topic of 5");
      get(
          alice
              .createTopics(List.of(new NewTopic("one", Optional.empty(), Optional.empty())))
              .all());
      assertThat(described(alice, "one").partitions()).hasSize(1);

      var partitions =
          alice
              .createPartitions(
                  Map.of("one", NewPartitions.increaseTo(5), "large", NewPartitions.increaseTo(7)))
              .values();
      assertThatThrownBy(() -> get(Objects.requireNonNull(partitions.get("one"))))
          .hasCauseInstanceOf(PolicyViolationException.class)
          .hasMessageContaining("it has 7 partitions, and can have at most 10; a topic of 5");
      assertThatThrownBy(() -> get(Objects.requireNonNull(partitions.get("large"))))
          .hasCauseInstanceOf(PolicyViolationException.class)
          .hasMessageContaining("limits.partitionsPerTopic");
      CreatePartitionsOptions dry = new CreatePartitionsOptions().validateOnly(true);
      get(alice.createPartitions(Map.of("one", NewPartitions.increaseTo(4)), dry).all());
      get(alice.createPartitions(Map.of("one", NewPartitions.increaseTo(4))).all());
      assertThatThrownBy(() -> create(alice, "eleventh", 1))
          .hasCauseInstanceOf(PolicyViolationException.class);
    }
  }

  @Test
  void whatABrokerRefusesTakesNoRoom() throws Exception {
    try (Admin alice = within(NO_DEFAULTS, new Limits(1, NONE, NONE))) {
      NewTopic wrong = topic("wrong", 1).configs(Map.of("retention.ms", "often"));
      assertThatThrownBy(() -> get(alice.createTopics(List.of(wrong)).all()))
          .hasCauseInstanceOf(InvalidConfigurationException.class);
      create(alice, "right", 1);
    }
  }

  @Test
  void requestsAtTheSameTimeGetNoMoreTogether() throws Exception {
    try (Admin alice = within(NO_DEFAULTS, new Limits(5, NONE, NONE));
        Admin other = tenancy.alice().clients().admin()) {
      List<KafkaFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        all.add(alice.createTopics(List.of(topic("a" + i, 1))).all());
        all.add(other.createTopics(List.of(topic("b" + i, 1))).all());
      }
      int created = 0;
      for (KafkaFuture<Void> one : all) {
        try {
          get(one);
          created++;
        } catch (ExecutionException e) {
          assertThat(e).hasCauseInstanceOf(PolicyViolationException.class);
        }
      }
      assertThat(created).isEqualTo(5);
    }
  }

  @Test
  void topicsOfOthersDoNotCountAndManyAreCounted() throws Exception {
    try (Admin alice = within(NO_DEFAULTS, new Limits(NONE, 5_000, NONE))) {
      // More partitions than brokers tell of at once.
      get(
          alice
              .createTopics(IntStream.range(0, 3).mapToObj(i -> topic("many" + i, 800)).toList())
              .all());
      assertThatThrownBy(() -> create(alice, "too-many", 2_601))
          .hasCauseInstanceOf(PolicyViolationException.class)
          .hasMessageContaining("it has 2400 partitions");
      get(alice.deleteTopics(List.of("many0", "many1", "many2")).all());
    }
  }

  @Test
  void defaultsFillWhatCreatorsLeaveOpen() throws Exception {
    Defaults defaults = new Defaults(3, 2, Map.of("retention.ms", "60000", "segment.ms", "5000"));
    try (Admin alice = within(defaults, Limits.NONE)) {
      NewTopic open =
          new NewTopic("open", Optional.empty(), Optional.empty())
              .configs(Map.of("segment.ms", "7000"));
      NewTopic chosen = topic("chosen", 1);
      NewTopic assigned = new NewTopic("assigned", Map.of(0, List.of(1)));
      get(alice.createTopics(List.of(open, chosen, assigned)).all());
      assertThat(described(alice, "open").partitions())
          .hasSize(3)
          .allSatisfy(partition -> assertThat(partition.replicas()).hasSize(2));
      assertThat(described(alice, "chosen").partitions())
          .singleElement()
          .satisfies(partition -> assertThat(partition.replicas()).hasSize(1));
      assertThat(described(alice, "assigned").partitions()).hasSize(1);
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, "open");
      var config =
          Objects.requireNonNull(get(alice.describeConfigs(List.of(resource)).all()).get(resource));
      assertThat(config.get("retention.ms").value()).isEqualTo("60000");
      assertThat(config.get("segment.ms").value()).isEqualTo("7000");
    }
  }

  private static void produce(String topic) throws Exception {
    try (KafkaProducer<String, String> producer =
        tenancy.alice().clients().producer(Map.of("max.block.ms", "3000"))) {
      get(producer.send(new ProducerRecord<>(topic, "any")));
    }
  }

  @Test
  void topicsThatAreAskedForAreCreatedByTheRules() throws Exception {
    Defaults defaults = new Defaults(3, 2, Map.of("retention.ms", "60000"));
    try (Admin alice = within(defaults, new Limits(1, NONE, NONE))) {
      produce("made");
      assertThat(described(alice, "made").partitions())
          .hasSize(3)
          .allSatisfy(partition -> assertThat(partition.replicas()).hasSize(2));
      assertThatThrownBy(() -> produce("second")).hasCauseInstanceOf(TimeoutException.class);
      assertThat(get(alice.listTopics().names())).containsExactly("made");
    }
  }
}
