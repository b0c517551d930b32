package io.gatehouse.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.gatehouse.auth.User;
import io.gatehouse.control.kafka.KafkaAccess;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.ServiceAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A store keeps a copy in another cluster, with which nodes start while its own is away. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KafkaCopyIT extends StoreOnKafka {

  /** A store with a copy. Its cluster responds once it is there. */
  private static KafkaStore withCopy(String topic, AtomicBoolean there) {
    KafkaAccess access =
        name -> {
          Map<String, Object> all = new HashMap<>(properties());
          if (name.equals("main") && !there.get()) {
            all.put("bootstrap.servers", "127.0.0.1:1");
          }
          return all;
        };
    return KafkaStore.open(new KafkaPlace(access, "main", topic, -1), "two");
  }

  private static KafkaStore withCopy(String topic) throws Exception {
    KafkaStore store = withCopy(topic, new AtomicBoolean(true));
    store.loaded().get(60, TimeUnit.SECONDS);
    return store;
  }

  private static void awaitCopied(KafkaStore store) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> copy(store),
            copy -> copy.problem() == null && copy.revision() == store.current().revision());
  }

  private static StoreStatus.Copy copy(KafkaStore store) {
    return Objects.requireNonNull(store.status().copy());
  }

  @Test
  void aNodeStartsFromTheCopyWhileTheClusterIsAway() throws Exception {
    AtomicBoolean there = new AtomicBoolean();
    Set<String> kept;
    try (KafkaStore store = withCopy("copied")) {
      for (String name : List.of("one", "two", "three")) {
        store.write(Change.put(store.current(), account(name, 1)));
      }
      store.write(Change.delete(store.current(), account("two", 1).key()));
      awaitCopied(store);
      kept = state(store);
    }
    try (KafkaStore late = withCopy("copied", there)) {
      late.loaded().get(60, TimeUnit.SECONDS);
      assertThat(state(late)).isEqualTo(kept).hasSize(2);
      assertThat(copy(late).inForce()).isTrue();
      assertThat(late.status().problem()).contains("cannot be read");
      assertThatThrownBy(() -> late.write(Change.put(late.current(), account("four", 1))))
          .isInstanceOf(StoreException.class);
      try (KafkaStore other = withCopy("copied")) {
        other.write(Change.put(other.current(), account("five", 1)));
        // It follows the copy until it can read the topic.
        late.snapshots().await(other.current().revision(), PATIENCE);
        assertThat(state(late)).isEqualTo(state(other)).hasSize(3);
        assertThat(copy(late).inForce()).isTrue();
      }
      there.set(true);
      Awaitility.await().atMost(PATIENCE).until(() -> late.status().problem() == null);
      assertThat(copy(late).inForce()).isFalse();
      late.write(Change.put(late.current(), account("six", 1)).by("alice"));
      awaitCopied(late);
      assertThat(state(late)).hasSize(4);
      // What it started with is no change, whether it came from the copy or the topic.
      assertThat(late.snapshots().recent().all().changes())
          .extracting(one -> one.key().id().name(), RecentChanges.Seen::by)
          .containsExactly(tuple("five", null), tuple("six", "alice"));
    }
  }

  @Test
  void aNodeWithoutResourcesStartsWhileTheClusterIsAway() throws Exception {
    try (KafkaStore store = withCopy("none-copied")) {
      awaitCopied(store);
    }
    try (KafkaStore late = withCopy("none-copied", new AtomicBoolean())) {
      late.loaded().get(60, TimeUnit.SECONDS);
      assertThat(state(late)).isEmpty();
    }
    try (KafkaStore never = withCopy("never-copied", new AtomicBoolean())) {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> String.valueOf(never.status().problem()).contains("cannot be read"));
      assertThat(never.loaded()).isNotDone();
    }
  }

  @Test
  void nodesThatCopyAtOnceAgree() throws Exception {
    try (KafkaStore a = withCopy("copiers");
        KafkaStore b = withCopy("copiers");
        KafkaStore c = withCopy("copiers")) {
      // More than fits in one record of the copy.
      List<Resource> large = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        List<String> names = new ArrayList<>();
        for (int j = 0; j < 50; j++) {
          names.add("a-rather-long-name-".repeat(6) + i + "-" + j);
        }
        large.add(
            new ServiceAccount(
                new User("passthrough", "large" + i), ServiceAccount.Type.EXTERNAL, names));
      }
      a.write(new Change(a.current().revision(), large, List.of()));
      for (int i = 0; i < 100; i++) {
        increment(List.of(a, b, c).get(i % 3), "counter-" + i % 7);
      }
      for (int i = 0; i < 100; i++) {
        a.snapshots().await(c.current().revision(), PATIENCE);
        increment(i % 2 == 0 ? a : c, "counter-" + i % 7);
      }
      long last =
          Math.max(
              a.current().revision(), Math.max(b.current().revision(), c.current().revision()));
      b.snapshots().await(last, PATIENCE);
      awaitCopied(b);
      try (KafkaStore late = withCopy("copiers", new AtomicBoolean())) {
        late.loaded().get(60, TimeUnit.SECONDS);
        assertThat(late.current().revision()).isEqualTo(last);
        assertThat(state(late)).isEqualTo(state(b)).hasSize(107);
      }
    }
  }

  @Test
  void aCopyOfALostTopicIsServedAndNotOverwritten() throws Exception {
    Set<String> kept;
    try (KafkaStore store = withCopy("replaced")) {
      store.write(Change.put(store.current(), account("one", 1)));
      awaitCopied(store);
      kept = state(store);
    }
    try (Admin admin = Admin.create(properties())) {
      admin.deleteTopics(List.of("replaced")).all().get(1, TimeUnit.MINUTES);
    }
    try (KafkaStore store = withCopy("replaced")) {
      assertThat(state(store)).isEqualTo(kept);
      assertThat(store.status().problem()).contains("was deleted");
      assertThatThrownBy(() -> store.write(Change.put(store.current(), account("two", 1))))
          .isInstanceOf(StoreException.class);
    }
    try (KafkaStore other = open("replaced")) {
      other.write(Change.put(other.current(), account("other", 1)));
    }
    try (KafkaStore store = withCopy("replaced")) {
      assertThat(state(store)).isEqualTo(kept);
      assertThat(store.status().problem())
          .contains("created again", "delete the topic replaced_copy of the cluster two");
    }
  }
}
