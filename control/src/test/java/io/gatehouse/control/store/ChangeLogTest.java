package io.gatehouse.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.User;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.ServiceAccount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rule of the log, its cleaning, and Kafka's compaction, in random interleavings. */
class ChangeLogTest {

  private static final int RUNS = 500;
  private static final int STEPS = 250;
  private static final int NODES = 3;
  private static final int NAMES = 4;

  private record Entry(long offset, String key, @Nullable LogRecord value) {}

  /** A topic with compaction as Kafka does it: in order, by key, as far as it has come. */
  private static final class Topic {
    final List<Entry> all = new ArrayList<>();
    List<Entry> kept = new ArrayList<>();

    long end() {
      return all.size();
    }

    void append(String key, @Nullable LogRecord value) {
      Entry entry = new Entry(end(), key, value);
      all.add(entry);
      kept.add(entry);
    }

    /**
     * @param cut offset below which the keys' latest records are looked for
     * @param reached offset below which older records are gone
     */
    void compact(long cut, long reached) {
      Map<String, Long> latest = new HashMap<>();
      kept.stream().filter(one -> one.offset < cut).forEach(one -> latest.put(one.key, one.offset));
      kept =
          kept.stream()
              .filter(one ->
                  one.offset >= reached
                      || one.offset >= Objects.requireNonNull(latest.getOrDefault(one.key, -1L)))
              .collect(Collectors.toCollection(ArrayList::new));
    }

    /** Removes some tombstones that have nothing left to remove. */
    void expireTombstones(Random random) {
      Set<String> present =
          kept.stream()
              .filter(one -> one.value != null)
              .map(Entry::key)
              .collect(Collectors.toSet());
      kept.removeIf(
          one -> one.value == null && !present.contains(one.key) && random.nextInt(3) > 0);
    }
  }

  /** A reader from the beginning, which compaction may overtake. */
  private static final class Loader {
    final long end;
    final Set<String> removed = new HashSet<>();
    final ChangeLog changes = new ChangeLog(Snapshot.EMPTY);
    boolean second;
    long next;

    Loader(long end) {
      this.end = end;
    }

    /** Returns whether it has come to the end. */
    boolean read(Topic topic, int most) {
      int count = 0;
      for (Entry entry : List.copyOf(topic.kept)) {
        if (entry.offset < next || entry.offset >= end) {
          continue;
        }
        if (count++ == most) {
          return false;
        }
        next = entry.offset + 1;
        if (!second && entry.value == null) {
          removed.add(entry.key);
        } else if (second && entry.value != null && !removed.contains(entry.key)) {
          changes.append(entry.offset, entry.key, entry.value);
        }
      }
      if (second) {
        return true;
      }
      second = true;
      next = 0;
      return false;
    }
  }

  private static final class Node {
    final String name;
    ChangeLog changes = new ChangeLog(Snapshot.EMPTY);
    long next;
    int sequence;

    Node(String name) {
      this.name = name;
    }

    void read(Topic topic, long upTo) {
      for (Entry entry : List.copyOf(topic.all.subList((int) next, (int) upTo))) {
        apply(changes, entry);
      }
      next = upTo;
    }
  }

  private static void apply(ChangeLog changes, Entry entry) {
    if (entry.value == null) {
      changes.remove(entry.key);
    } else {
      changes.append(entry.offset, entry.key, entry.value);
    }
  }

  private static ServiceAccount account(int name, int version) {
    return new ServiceAccount(
        new User("passthrough", "name-" + name),
        ServiceAccount.Type.EXTERNAL,
        List.of("version-" + version));
  }

  private static LogRecord change(Random random, long basedOn, int version) {
    List<Resource> puts = new ArrayList<>();
    Set<Key> deletes = new LinkedHashSet<>();
    for (int name = 0; name < NAMES; name++) {
      switch (random.nextInt(5)) {
        case 0, 1 -> puts.add(account(name, version));
        case 2 -> deletes.add(account(name, 0).key());
        default -> {}
      }
    }
    List<String> problems = random.nextInt(40) == 0 ? List.of("unreadable") : List.of();
    return new LogRecord(new Change(basedOn, puts, List.copyOf(deletes)), problems);
  }

  private static Map<Key, Resource> state(ChangeLog changes) {
    return changes.snapshot().all().collect(Collectors.toMap(Resource::key, one -> one));
  }

  private static ChangeLog replay(List<Entry> entries) {
    ChangeLog changes = new ChangeLog(Snapshot.EMPTY);
    entries.stream()
        .filter(one -> one.value != null)
        .forEach(one -> changes.append(one.offset, one.key, Objects.requireNonNull(one.value)));
    return changes;
  }

  @Test
  void everyReaderAgreesHoweverFarCompactionHasCome() {
    int compacted = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      compacted += run(new Random(seed), "seed " + seed);
    }
    assertThat(compacted).isGreaterThan(RUNS * STEPS / 20);
  }

  /** Returns how many records compaction has removed. */
  private static int run(Random random, String seed) {
    Topic topic = new Topic();
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      nodes.add(new Node(i + "-"));
    }
    List<Loader> loaders = new ArrayList<>();
    for (int step = 0; step < STEPS; step++) {
      Node node = nodes.get(random.nextInt(NODES));
      switch (random.nextInt(10)) {
        case 0, 1, 2 ->
            topic.append(
                node.name + node.sequence++, change(random, node.changes.revision(), step));
        case 3, 4, 5 -> node.read(topic, node.next + random.nextLong(topic.end() - node.next + 1));
        case 6 -> {
          long others = random.nextBoolean() ? topic.end() : 0;
          for (String key : node.changes.removable(node.name, others, 1 + random.nextInt(5))) {
            // Some do not arrive.
            if (random.nextInt(4) > 0) {
              topic.append(key, null);
            }
          }
        }
        case 7 -> {
          // Younger records are not compacted, so a reader has begun after all that is.
          long cut = loaders.stream().mapToLong(one -> one.end).min().orElse(topic.end());
          topic.compact(cut, random.nextLong(cut + 1));
          if (loaders.isEmpty()) {
            topic.expireTombstones(random);
          }
        }
        case 8 -> loaders.add(new Loader(topic.end()));
        default -> {
          for (Loader loader : List.copyOf(loaders)) {
            if (loader.read(topic, 1 + random.nextInt(20))) {
              loaders.remove(loader);
              check(topic, loader.changes, loader.end, seed);
              // It goes on as a node.
              node.changes = loader.changes;
              node.next = loader.end;
            }
          }
        }
      }
    }
    nodes.forEach(node -> {
      node.read(topic, topic.end());
      check(topic, node.changes, topic.end(), seed);
    });
    Loader last = new Loader(topic.end());
    while (!last.read(topic, 10)) {}
    check(topic, last.changes, topic.end(), seed);
    return (int) (topic.end() - topic.kept.size());
  }

  private static void check(Topic topic, ChangeLog changes, long end, String seed) {
    ChangeLog whole = replay(topic.all.subList(0, (int) end));
    assertThat(changes.revision()).as(seed).isEqualTo(whole.revision());
    assertThat(state(changes)).as(seed).isEqualTo(state(whole));
  }

  private static LogRecord record(long basedOn, List<Resource> puts, List<Key> deletes) {
    return new LogRecord(new Change(basedOn, puts, deletes), List.of());
  }

  @Test
  void aChangeIsAcceptedIfItIsBasedOnTheLastAcceptedOne() {
    ChangeLog changes = new ChangeLog(Snapshot.EMPTY);
    assertThat(changes.append(3, "a", record(0, List.of(account(1, 1)), List.of()))).isTrue();
    assertThat(changes.revision()).isEqualTo(4);
    assertThat(changes.append(4, "b", record(3, List.of(account(1, 2)), List.of()))).isFalse();
    assertThat(changes.append(7, "c", record(4, List.of(account(2, 1)), List.of()))).isTrue();
    assertThat(state(changes).values()).containsExactlyInAnyOrder(account(1, 1), account(2, 1));
  }

  @Test
  void aChangeThatIsBasedOnAFutureRevisionIsNotAccepted() {
    ChangeLog changes = new ChangeLog(Snapshot.EMPTY);
    changes.append(0, "a", record(0, List.of(account(1, 1)), List.of()));
    long offset = 1;
    for (long lie : new long[] {2, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
      LogRecord record = record(lie, List.of(account(1, 2)), List.of());
      assertThat(changes.append(offset++, "lie" + lie, record)).as("based on %d", lie).isFalse();
    }
    assertThat(changes.revision()).isEqualTo(1);
    assertThat(changes.append(5, "b", record(1, List.of(account(2, 1)), List.of()))).isTrue();
    assertThat(changes.removable("", 9, 9)).hasSize(4);
  }

  @Test
  void whatHasLostGoesFirstAndADeletionAfterWhatItDeleted() {
    Key one = account(1, 1).key();
    ChangeLog changes = new ChangeLog(Snapshot.EMPTY);
    changes.append(0, "put", record(0, List.of(account(1, 1)), List.of()));
    changes.append(1, "lost", record(0, List.of(account(1, 2)), List.of()));
    changes.append(2, "delete", record(1, List.of(), List.of(one)));
    changes.append(3, "other", record(3, List.of(account(2, 1)), List.of()));
    assertThat(changes.removable("", 9, 9)).containsExactly("lost");
    changes.remove("lost");
    assertThat(changes.removable("", 9, 9)).containsExactly("put");
    changes.remove("put");
    assertThat(changes.removable("", 9, 9)).containsExactly("delete");
    changes.remove("delete");
    assertThat(changes.removable("", 9, 9)).isEmpty();
    assertThat(changes.garbage()).isZero();
    assertThat(state(changes).values()).containsExactly(account(2, 1));
  }

  /** It has the revision. */
  @Test
  void theLastAcceptedChangeStays() {
    ChangeLog changes = new ChangeLog(Snapshot.EMPTY);
    changes.append(0, "put", record(0, List.of(account(1, 1)), List.of()));
    changes.append(1, "delete", record(1, List.of(), List.of(account(1, 1).key())));
    changes.remove("put");
    assertThat(changes.removable("", 9, 9)).isEmpty();
    changes.append(2, "other", record(2, List.of(account(2, 1)), List.of()));
    assertThat(changes.removable("", 9, 9)).containsExactly("delete");
  }

  @Test
  void whatAnotherVersionMayNeedStays() {
    ChangeLog changes = new ChangeLog(Snapshot.EMPTY);
    changes.append(
        0, "newer", new LogRecord(new Change(0, List.of(), List.of()), List.of("a new kind")));
    changes.append(1, "put", record(1, List.of(account(1, 1)), List.of()));
    changes.append(2, "delete", record(2, List.of(), List.of(account(1, 1).key())));
    changes.append(3, "other", record(3, List.of(account(2, 1)), List.of()));
    changes.remove("put");
    assertThat(changes.removable("", 9, 9)).isEmpty();
  }

  @Test
  void aCopySaysWhatItIsACopyOf() throws Exception {
    LogRecord.Origin origin = new LogRecord.Origin("AAAAAAAAAAAAAAAAAAAAAQ", 12, true);
    byte[] value = copyOf(origin);
    ChangeLog copy = new ChangeLog(Snapshot.EMPTY);
    assertThat(copy.origin()).isNull();
    assertThat(copy.append(0, "one", LogRecord.decode(value))).isTrue();
    assertThat(copy.origin()).isEqualTo(origin);
    byte[] late = copyOf(new LogRecord.Origin(origin.topic(), 13, true));
    assertThat(copy.append(1, "late", LogRecord.decode(late))).isFalse();
    assertThat(copy.origin()).isEqualTo(origin);
    String text = new String(value, java.nio.charset.StandardCharsets.UTF_8);
    assertThatThrownBy(() ->
            LogRecord.decode(
                text.replace("AAAAAQ", "?").getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .hasMessageContaining("copyOf");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRecordIsReadAsItWasWritten(boolean isCopy) throws Exception {
    LogRecord.Origin origin =
        isCopy ? new LogRecord.Origin("AAAAAAAAAAAAAAAAAAAAAQ", 12, false) : null;
    Key group = Key.of(Kind.GROUP, "a \"group\"");
    List<String> puts = List.of(LogRecord.put(account(1, 1)));
    List<String> deletes = List.of(LogRecord.delete(group), LogRecord.delete(account(2, 1).key()));
    List<String> by =
        List.of(LogRecord.by("an \"admin\""), LogRecord.by(null), LogRecord.by("other"));
    LogRecord read = decode(new LogWriter.Draft(7, puts, deletes, by, origin));
    assertThat(read.problems()).isEmpty();
    assertThat(read.origin()).isEqualTo(origin);
    List<Key> deleted = List.of(group, account(2, 1).key());
    assertThat(read.change())
        .isEqualTo(
            new Change(
                7,
                List.of(account(1, 1)),
                deleted,
                Map.of(account(1, 1).key(), "an \"admin\"", account(2, 1).key(), "other")));
    assertThat(decode(new LogWriter.Draft(7, puts, deletes, List.of())).change())
        .as("a record without names")
        .isEqualTo(new Change(7, List.of(account(1, 1)), deleted));
  }

  private static byte[] copyOf(LogRecord.Origin origin) {
    return LogRecord.encode(
        java.time.Instant.EPOCH, new LogWriter.Draft(0, List.of(), List.of(), List.of(), origin));
  }

  private static LogRecord decode(LogWriter.Draft draft) throws Exception {
    return LogRecord.decode(LogRecord.encode(java.time.Instant.EPOCH, draft));
  }
}
