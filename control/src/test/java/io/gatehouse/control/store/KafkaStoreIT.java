package io.gatehouse.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.control.Administration;
import io.gatehouse.control.Applied;
import io.gatehouse.control.Batch;
import io.gatehouse.control.Logins;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.kafka.KafkaAccess;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Label;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.ServiceAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KafkaStoreIT extends StoreOnKafka {

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
      Snapshot last = other.write(Change.put(other.current(), account("three", 1)).by("alice"));
      store.snapshots().await(last.revision(), PATIENCE);
      for (KafkaStore node : List.of(store, other)) {
        RecentChanges.Part history = node.snapshots().recent().all();
        assertThat(history.after()).isZero();
        assertThat(history.revision()).isEqualTo(last.revision());
        RecentChanges.Seen seen = history.changes().getLast();
        assertThat(seen.by()).isEqualTo("alice");
        assertThat(seen.revision()).isEqualTo(last.revision());
        assertThat(seen.versions())
            .isEqualTo(new RecentChanges.Versions(null, account("three", 1)));
      }
    }
    assertThat(users("kept")).contains(Map.of(account("three", 1).key(), "alice"));
    try (KafkaStore store = open("kept")) {
      assertThat(state(store)).containsExactly(account("three", 1).toString());
      assertThat(store.current().revision()).isGreaterThan(first.revision());
      // A node's history begins with its start, and a watch may go on from there.
      assertThat(store.snapshots().recent().all().changes()).isEmpty();
      assertThat(store.snapshots().recent().after(first.revision(), Duration.ZERO)).isNull();
      long revision = store.current().revision();
      assertThat(store.snapshots().recent().after(revision, Duration.ZERO)).isNotNull();
      assertThat(store.status().problem()).isNull();
    }
    try (Admin admin = Admin.create(properties())) {
      ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "kept");
      var config =
          Objects.requireNonNull(
              admin.describeConfigs(List.of(topic)).all().get(1, TimeUnit.MINUTES).get(topic));
      assertThat(config.get("cleanup.policy").value()).isEqualTo("compact");
      assertThat(config.get("min.insync.replicas").value()).isEqualTo("2");
      assertThat(config.get("unclean.leader.election.enable").value()).isEqualTo("false");
    }
  }

  @Test
  void aStateThatIsLargerThanARecordIsRestoredInParts() throws Exception {
    List<Resource> large = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      large.add(largeAccount(i, "a-rather-long-name-"));
    }
    large.addFirst(new Group("all", List.of(new User("passthrough", "account-2999")), List.of()));
    try (KafkaStore store = open("restored")) {
      Administration administration = new Administration(store, new NoLogins());
      Applied applied = administration.restore(large, false);
      assertThat(applied.outcomes())
          .hasSize(3001)
          .allSatisfy(one -> assertThat(one.effect()).isEqualTo(Administration.Upsert.CREATED));
      assertThat(store.current().all()).containsExactlyInAnyOrderElementsOf(large);
      assertThat(applied.revision()).isEqualTo(store.current().revision()).isGreaterThan(2);
      // What is one change of a user stays one. A folder may be made in parts.
      List<Batch.Entry> entries = new ArrayList<>();
      for (int i = 0; i < 3000; i++) {
        entries.add(new Batch.Entry(largeAccount(i, "another-name-"), null));
      }
      Batch batch = new Batch(entries, List.of(), new Batch.Options("label", false, false));
      assertThatThrownBy(() -> administration.apply(batch, false))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("takes at most");
      assertThat(administration.applyInParts(batch).outcomes())
          .hasSize(3000)
          .allSatisfy(one -> assertThat(one.effect()).isEqualTo(Administration.Upsert.UPDATED));
      assertThat(store.current().all(Label.class)).hasSize(3000);
    }
  }

  private static ServiceAccount largeAccount(int i, String external) {
    return new ServiceAccount(
        new User("passthrough", "account-" + i),
        ServiceAccount.Type.EXTERNAL,
        List.of(external.repeat(20) + i));
  }

  private static final class NoLogins implements Logins {
    @Override
    public @Nullable Secret tokenKey() {
      return null;
    }

    @Override
    public boolean take(ServiceAccount.Type type) {
      return true;
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

  @Test
  void anUnexpectedErrorEndsNeitherTheReaderNorTheWriter() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    KafkaAccess access =
        _ -> {
          if (calls.incrementAndGet() == 1) {
            throw new StackOverflowError("the first time");
          }
          return properties();
        };
    try (KafkaStore store = KafkaStore.open(new KafkaPlace(access, "main", "errors", -1), null)) {
      store.loaded().get(60, TimeUnit.SECONDS);
      assertThatThrownBy(() ->
              store.update(_ -> {
                throw new StackOverflowError("of a judge");
              }))
          .rootCause()
          .hasMessage("of a judge");
      store.update(now -> Change.put(now, account("two", 1)));
      assertThat(version(store, "two")).isEqualTo(1);
    }
  }

  @Test
  void aNodeThatIsBehindReadsBeforeItAnswersWithoutWriting() throws Exception {
    CountDownLatch mayRead = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch judged = new CountDownLatch(1);
    try (KafkaStore ahead = open("behind");
        KafkaStore behind = open("behind");
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      behind
          .snapshots()
          .onChange(_ -> {
            held.countDown();
            try {
              assertThat(mayRead.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      increment(ahead, "changed");
      assertThat(held.await(60, TimeUnit.SECONDS)).isTrue();
      increment(ahead, "changed");
      increment(ahead, "new");
      Future<Snapshot> unchanged =
          pool.submit(() ->
              behind.update(now -> {
                judged.countDown();
                ServiceAccount wanted = account("changed", 1);
                return wanted.equals(now.get(wanted.key())) ? null : Change.put(now, wanted);
              }));
      Future<Snapshot> refused =
          pool.submit(() ->
              behind.update(now -> {
                judged.countDown();
                if (now.get(account("new", 1).key()) == null) {
                  throw new IllegalArgumentException("there is no such account");
                }
                return null;
              }));
      assertThat(judged.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(version(behind, "changed")).isEqualTo(1);
      mayRead.countDown();
      refused.get(60, TimeUnit.SECONDS);
      long written = unchanged.get(60, TimeUnit.SECONDS).revision();
      ahead.snapshots().await(written, PATIENCE);
      assertThat(version(ahead, "changed")).isEqualTo(1);
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

  @Test
  void nodesAgreeAfterACompactionWhileTheyWrite() throws Exception {
    String topic = "compacted";
    try (KafkaStore a = open(topic);
        KafkaStore b = open(topic);
        KafkaStore c = open(topic)) {
      set(
          topic,
          Map.of(
              "min.compaction.lag.ms", "0",
              "max.compaction.lag.ms", "100",
              "min.cleanable.dirty.ratio", "0.01",
              "segment.ms", "100"));
      List<KafkaStore> nodes = List.of(a, b, c);
      int[] written = {0};
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> {
            for (int i = 0; i < 60; i++) {
              increment(nodes.get(i % 3), "counter-" + i % 7);
            }
            written[0] += 60;
            return written[0] >= 300 && values(topic) < written[0] / 2;
          });
      set(topic, Map.of("min.compaction.lag.ms", "3600000", "max.compaction.lag.ms", "7200000"));
      long last = nodes.stream().mapToLong(one -> one.current().revision()).max().orElseThrow();
      try (KafkaStore later = open(topic)) {
        for (KafkaStore node : List.of(a, b, c, later)) {
          node.snapshots().await(last, PATIENCE);
          assertThat(state(node)).isEqualTo(state(a)).hasSize(7);
          assertThat(node.current().revision()).isEqualTo(last);
        }
        int sum = IntStream.range(0, 7).map(i -> version(later, "counter-" + i)).sum();
        assertThat(sum).isEqualTo(written[0]);
        increment(later, "counter-0");
        a.snapshots().await(later.current().revision(), PATIENCE);
        assertThat(state(a)).isEqualTo(state(later));
        assertThat(a.status().problem()).isNull();
      }
    }
  }

  /** How many records a topic has that are no tombstones. */
  private static int values(String topic) {
    TopicPartition partition = new TopicPartition(topic, 0);
    int records = 0;
    try (var consumer =
        new KafkaConsumer<>(
            properties(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        for (var record : consumer.poll(Duration.ofSeconds(1))) {
          records += record.value() == null ? 0 : 1;
        }
      }
    }
    return records;
  }
}
