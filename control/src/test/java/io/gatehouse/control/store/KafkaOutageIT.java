package io.gatehouse.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.control.kafka.KafkaAccess;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The cluster of a store fails it: brokers end, or rights are missing. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KafkaOutageIT extends StoreOnKafka {

  @Test
  void whenTheTopicCannotBeWrittenChangesAreRefusedAtOnce() throws Exception {
    try (KafkaStore store = open("unwritable")) {
      increment(store, "one");
      set("unwritable", Map.of("min.insync.replicas", "3"));
      KafkaBroker leader = cluster.leader("unwritable", 0);
      KafkaBroker follower =
          cluster.brokers().stream()
              .filter(one -> one.id() != leader.id())
              .findFirst()
              .orElseThrow();
      follower.kill();
      try {
        assertThatThrownBy(() -> increment(store, "one"))
            .isInstanceOfSatisfying(
                StoreException.class,
                e -> assertThat(e.outcome()).isEqualTo(StoreException.Outcome.UNKNOWN));
        assertThat(store.status().problem()).contains("topic unwritable of the cluster main");
        assertThatThrownBy(() ->
                store.update(_ -> {
                  throw new IllegalStateException("it is not judged at all");
                }))
            .isInstanceOfSatisfying(
                StoreException.class,
                e -> assertThat(e.outcome()).isEqualTo(StoreException.Outcome.NOT_STORED));
      } finally {
        follower.start();
        cluster.awaitReady();
      }
      Awaitility.await().atMost(PATIENCE).until(() -> store.status().problem() == null);
      increment(store, "one");
    }
  }

  @Test
  void whenTheClusterIsAwayNodesServeOnAndRefuseChanges() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    KafkaAccess counted =
        _ -> {
          attempts.incrementAndGet();
          return properties();
        };
    try (KafkaStore store = open("outage");
        KafkaStore ahead =
            KafkaStore.open(new KafkaPlace(counted, "main", "truncated", -1), null)) {
      store.write(Change.put(store.current(), account("one", 1)));
      ahead.loaded().get(60, TimeUnit.SECONDS);
      ahead.write(Change.put(ahead.current(), account("lost", 1)));
      cluster.brokers().forEach(KafkaBroker::kill);
      try {
        Awaitility.await().atMost(PATIENCE).until(() -> store.status().problem() != null);
        assertThat(state(store)).hasSize(1);
        assertThatThrownBy(() -> store.write(Change.put(store.current(), account("two", 1))))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("topic outage of the cluster main");
        removeRecords("truncated");
      } finally {
        cluster.brokers().forEach(KafkaBroker::start);
        cluster.awaitReady();
      }
      Awaitility.await().atMost(PATIENCE).until(() -> store.status().problem() == null);
      store.write(Change.put(store.current(), account("three", 1)));
      try (KafkaStore other = open("outage")) {
        assertThat(state(other)).isEqualTo(state(store)).hasSize(2);
      }
      whatWasLostIsNotForgotten(ahead, attempts);
    }
  }

  /** As if an empty replica had become leader: the topic is the same, its records are gone. */
  private static void removeRecords(String topic) throws Exception {
    List<Path> removed = new ArrayList<>();
    Path broker = Objects.requireNonNull(cluster.brokers().getFirst().log().getParent());
    Path folder = Objects.requireNonNull(broker.getParent());
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path partition : all.filter(path -> path.endsWith(topic + "-0")).toList()) {
        try (Stream<Path> files = Files.list(partition)) {
          for (Path file : files.toList()) {
            Files.delete(file);
          }
        }
        Files.delete(partition);
        removed.add(partition);
      }
    }
    assertThat(removed).hasSize(3);
  }

  /** Another node, which was started later, has written more changes than were lost. */
  private static void whatWasLostIsNotForgotten(KafkaStore ahead, AtomicInteger attempts)
      throws Exception {
    try (KafkaStore other = open("truncated")) {
      assertThat(other.current().revision()).isZero();
      for (int i = 0; i < 3; i++) {
        increment(other, "new");
      }
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> String.valueOf(ahead.status().problem()).contains("lost records"));
    int now = attempts.get(); // an attempt has two clients
    Awaitility.await().atMost(PATIENCE).until(() -> attempts.get() >= now + 3);
    assertThat(ahead.status().problem()).contains("lost records");
    assertThat(state(ahead)).containsExactly(account("lost", 1).toString());
    assertThatThrownBy(() -> increment(ahead, "new")).hasMessageContaining("lost records");
  }

  private static AclBinding right(String topic, AclOperation operation) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
        new AccessControlEntry("User:gateway", "*", operation, AclPermissionType.ALLOW));
  }

  private static void allow(AclOperation operation) throws Exception {
    try (Admin admin = Admin.create(properties())) {
      admin.createAcls(List.of(right("guarded", operation))).all().get(1, TimeUnit.MINUTES);
    }
  }

  private static void forbid(AclOperation operation) throws Exception {
    try (Admin admin = Admin.create(properties())) {
      admin
          .deleteAcls(List.of(right("guarded", operation).toFilter()))
          .all()
          .get(1, TimeUnit.MINUTES);
    }
  }

  /** The brokers learn of rights one after the other. */
  private static void awaitRefused(KafkaPlace place, String... parts) {
    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> isRefused(place, parts));
  }

  private static void awaitWritten(KafkaStore store) {
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(StoreException.class)
        .until(() -> {
          increment(store, "one");
          return true;
        });
    assertThat(store.status().problem()).isNull();
  }

  @Test
  void aMissingRightIsNamedWithTheRemedy() throws Exception {
    AtomicInteger clients = new AtomicInteger();
    KafkaAccess gateway =
        _ -> {
          clients.incrementAndGet();
          return cluster.clientProperties(
              "SASL", AuthenticationProperties.plain("gateway", "secret"));
        };
    KafkaPlace place = new KafkaPlace(gateway, "main", "guarded", -1);
    isRefused(place, "may not Describe the topic guarded", "--operation Describe --topic guarded");
    allow(AclOperation.DESCRIBE);
    awaitRefused(place, "may not Create", "--operation Create", "or create the topic yourself");
    open("guarded").close();
    awaitRefused(place, "may not Read", "--operation Read");
    allow(AclOperation.READ);
    awaitRefused(place, "may not Write", "--operation Write");
    allow(AclOperation.WRITE);
    KafkaStore[] opened = new KafkaStore[1];
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(ExecutionException.class)
        .until(() -> {
          opened[0] = KafkaStore.open(place, null);
          return opened[0].loaded().handle((_, failure) -> failure == null).get();
        });
    try (KafkaStore store = Objects.requireNonNull(opened[0])) {
      awaitWritten(store);
      int before = version(store, "one");
      clients.set(0);
      forbid(AclOperation.READ);
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> String.valueOf(store.status().problem()).contains("--operation Read"));
      assertThat(version(store, "one")).isEqualTo(before);
      assertThatThrownBy(() -> increment(store, "one")).hasMessageContaining("--operation Read");
      allow(AclOperation.READ);
      awaitWritten(store);
      assertThat(clients.get()).as("clients that were made").isLessThan(20);

      forbid(AclOperation.WRITE);
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThatThrownBy(() -> increment(store, "one"))
                  .hasMessageContainingAll("may not Write", "--operation Write --topic guarded"));
      assertThat(store.status().problem()).contains("--operation Write --topic guarded");
    }
  }
}
