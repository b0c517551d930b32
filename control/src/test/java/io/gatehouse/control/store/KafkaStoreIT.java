package io.gatehouse.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.User;
import io.gatehouse.control.kafka.KafkaAccess;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaBroker;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KafkaStoreIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static KafkaCluster cluster;

  @BeforeAll
  static void start() {
    cluster = KafkaCluster.of(KafkaVersion.V4_4, 3).with("default.replication.factor", "3").start();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static Map<String, Object> properties() {
    return cluster.clientProperties("PLAINTEXT", AuthenticationProperties.none());
  }

  private static KafkaPlace place(String topic) {
    KafkaAccess access = _ -> properties();
    return new KafkaPlace(access, "main", topic, -1);
  }

  private static KafkaStore open(String topic) throws Exception {
    KafkaStore store = KafkaStore.open(place(topic));
    store.loaded().get(60, TimeUnit.SECONDS);
    return store;
  }

  private static ServiceAccount account(String name, int version) {
    return new ServiceAccount(
        new User("passthrough", name), ServiceAccount.Type.EXTERNAL, List.of(name + "-" + version));
  }

  private static int version(Store store, String name) {
    ServiceAccount now = store.current().get(account(name, 0).key(), ServiceAccount.class);
    return now == null
        ? 0
        : Integer.parseInt(now.externalNames().getFirst().substring(name.length() + 1));
  }

  private static Snapshot increment(Store store, String name) throws StoreException {
    return store.update(now -> {
      ServiceAccount found = now.get(account(name, 0).key(), ServiceAccount.class);
      int before =
          found == null
              ? 0
              : Integer.parseInt(found.externalNames().getFirst().substring(name.length() + 1));
      return Change.put(now, account(name, before + 1));
    });
  }

  private static Set<String> state(Store store) {
    return store.current().all().map(Object::toString).collect(Collectors.toSet());
  }

  @Test
  void whatWasWrittenIsThereAfterwardsAndElsewhere() throws Exception {
    Snapshot first;
    try (KafkaStore store = open("kept");
        KafkaStore other = open("kept")) {
      assertThat(store.current().revision()).isZero();
      first = store.write(Change.put(store.current(), account("one", 1)));
      assertThat(first.get(account("one", 1).key())).isEqualTo(account("one", 1));
      assertThat(other.snapshots().await(first.revision(), PATIENCE).revision())
          .isEqualTo(first.revision());
      assertThatThrownBy(() -> store.write(new Change(0, List.of(account("two", 1)), List.of())))
          .isInstanceOf(StaleException.class);
      assertThat(other.write(Change.delete(first, account("one", 1).key())).all()).isEmpty();
      other.write(Change.put(other.current(), account("three", 1)).by("alice"));
    }
    assertThat(users("kept")).contains(Map.of(account("three", 1).key(), "alice"));
    try (KafkaStore store = open("kept")) {
      assertThat(state(store)).containsExactly(account("three", 1).toString());
      assertThat(store.current().revision()).isGreaterThan(first.revision());
      assertThat(store.status().problem()).isNull();
    }
    try (Admin admin = Admin.create(properties())) {
      ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "kept");
      var config =
          Objects.requireNonNull(
              admin.describeConfigs(List.of(topic)).all().get(1, TimeUnit.MINUTES).get(topic));
      assertThat(config.get("cleanup.policy").value()).isEqualTo("compact");
      assertThat(config.get("min.insync.replicas").value()).isEqualTo("2");
    }
  }

  /** Who has made the changes that the records of a topic hold. */
  private static List<Map<Key, String>> users(String topic) throws Exception {
    TopicPartition partition = new TopicPartition(topic, 0);
    List<Map<Key, String>> users = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            properties(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        for (var record : consumer.poll(Duration.ofSeconds(1))) {
          if (record.value() != null) {
            users.add(LogRecord.decode(record.value()).change().by());
          }
        }
      }
    }
    return users;
  }

  @Test
  void threeNodesRaceAndNoUpdateIsLost() throws Exception {
    int threads = 8;
    int each = 10_000 / 3 / threads + 1;
    List<Long> revisions = new ArrayList<>();
    try (KafkaStore a = open("race");
        KafkaStore b = open("race");
        KafkaStore c = open("race");
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      a.snapshots().onChange(snapshot -> revisions.add(snapshot.revision()));
      long begin = System.nanoTime();
      List<Future<?>> all = new ArrayList<>();
      for (KafkaStore store : List.of(a, b, c)) {
        for (int thread = 0; thread < threads; thread++) {
          all.add(
              pool.submit(() -> {
                for (int i = 0; i < each; i++) {
                  increment(store, "counter");
                }
                return null;
              }));
        }
      }
      for (Future<?> one : all) {
        one.get(4, TimeUnit.MINUTES);
      }
      long millis = (System.nanoTime() - begin) / 1_000_000;
      System.out.printf(
          "%d racing writes of 3 nodes in %d ms, %d records accepted%n",
          3 * threads * each, millis, revisions.size());
      long last =
          Math.max(
              a.current().revision(), Math.max(b.current().revision(), c.current().revision()));
      for (KafkaStore store : List.of(a, b, c)) {
        assertThat(store.snapshots().await(last, PATIENCE).revision()).isEqualTo(last);
        assertThat(version(store, "counter")).isEqualTo(3 * threads * each);
      }
      assertThat(revisions).isSorted().doesNotHaveDuplicates();
      // The nodes tidy up: what is left is a fraction.
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            increment(a, "other");
            increment(b, "other");
            increment(c, "other");
            assertThat(a.status().counts().superseded()).isLessThan(1500);
          });
      try (KafkaStore later = open("race")) {
        assertThat(version(later, "counter")).isEqualTo(3 * threads * each);
      }
    }
  }

  @Test
  void oneNodeWritesManyChangesASecond() throws Exception {
    int threads = 50;
    int each = 40;
    try (KafkaStore store = open("rate");
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      store.write(Change.put(store.current(), account("warm-up", 1)));
      long begin = System.nanoTime();
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        String name = "name-" + thread + "-";
        all.add(
            pool.submit(() -> {
              for (int i = 0; i < each; i++) {
                increment(store, name + i);
              }
              return null;
            }));
      }
      for (Future<?> one : all) {
        one.get(2, TimeUnit.MINUTES);
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      System.out.printf("%.0f changes a second on one node%n", threads * each / seconds);
      assertThat(store.current().all().count()).isEqualTo(threads * each + 1);
    }
  }

  @Test
  void recordsThatCannotBeReadAreKeptAndReported() throws Exception {
    try (KafkaStore store = open("garbage")) {
      store.write(Change.put(store.current(), account("one", 1)));
    }
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(properties(), new StringSerializer(), new StringSerializer())) {
      for (String value :
          List.of(
              "garbage",
              "{}",
              "{\"format\":2,\"basedOn\":1,\"more\":{}}",
              "{\"format\":1,\"basedOn\":4,\"puts\":[{\"kind\":\"Future\"}],\"deletes\":[]}")) {
        producer.send(new ProducerRecord<>("garbage", value, value)).get(1, TimeUnit.MINUTES);
      }
    }
    try (KafkaStore store = open("garbage")) {
      assertThat(store.status().counts().unreadable()).isEqualTo(4);
      assertThat(store.current().revision()).isEqualTo(5);
      assertThat(state(store)).containsExactly(account("one", 1).toString());
      store.write(Change.put(store.current(), account("two", 1)));
      assertThat(state(store)).hasSize(2);
    }
  }

  private static void isRefused(String topic, String... parts) {
    KafkaStore store = KafkaStore.open(place(topic));
    try (store) {
      assertThatThrownBy(() -> store.loaded().get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(StoreException.class)
          .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }
  }

  private static void create(String topic, int partitions, Map<String, String> configs)
      throws Exception {
    try (Admin admin = Admin.create(properties())) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(configs)))
          .all()
          .get(1, TimeUnit.MINUTES);
    }
    cluster.leader(topic, 0);
  }

  @Test
  void aTopicThatWouldLoseChangesIsRefusedWithWhatToDo() throws Exception {
    create("deleting", 1, Map.of());
    isRefused("deleting", "cleanup.policy=delete", "--add-config cleanup.policy=compact");
    create("hasty", 1, Map.of("cleanup.policy", "compact"));
    isRefused("hasty", "min.compaction.lag.ms=0", "--add-config min.compaction.lag.ms=3600000");
    create("wide", 2, Map.of("cleanup.policy", "compact"));
    isRefused("wide", "has 2 partitions");
  }

  @Test
  void aChangeThatIsTooLargeIsRefused() throws Exception {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      names.add("a-rather-long-name-".repeat(6) + i);
    }
    ServiceAccount large =
        new ServiceAccount(new User("passthrough", "large"), ServiceAccount.Type.EXTERNAL, names);
    try (KafkaStore store = open("large")) {
      assertThatThrownBy(() -> store.write(Change.put(store.current(), large)))
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> assertThat(e.outcome()).isEqualTo(StoreException.Outcome.TOO_LARGE));
      store.write(Change.put(store.current(), account("small", 1)));
    }
  }

  @Test
  void whenTheClusterIsAwayNodesServeOnAndRefuseChanges() throws Exception {
    try (KafkaStore store = open("outage")) {
      store.write(Change.put(store.current(), account("one", 1)));
      cluster.brokers().forEach(KafkaBroker::kill);
      try {
        Awaitility.await().atMost(PATIENCE).until(() -> store.status().problem() != null);
        assertThat(state(store)).hasSize(1);
        assertThatThrownBy(() -> store.write(Change.put(store.current(), account("two", 1))))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("topic outage of the cluster main");
      } finally {
        cluster.brokers().forEach(KafkaBroker::start);
        cluster.awaitReady();
      }
      Awaitility.await().atMost(PATIENCE).until(() -> store.status().problem() == null);
      store.write(Change.put(store.current(), account("three", 1)));
      try (KafkaStore other = open("outage")) {
        assertThat(state(other)).isEqualTo(state(store)).hasSize(2);
      }
    }
  }

  @Test
  void aTopicThatWasMadeAgainIsNoticed() throws Exception {
    try (KafkaStore store = open("remade");
        Admin admin = Admin.create(properties())) {
      store.write(Change.put(store.current(), account("one", 1)));
      admin.deleteTopics(List.of("remade")).all().get(1, TimeUnit.MINUTES);
      try (KafkaStore other = open("remade")) {
        assertThat(other.current().revision()).isZero();
      }
      Awaitility.await()
          .atMost(PATIENCE.plus(PATIENCE))
          .until(() -> String.valueOf(store.status().problem()).contains("lost records"));
      assertThat(state(store)).hasSize(1);
    }
  }
}
