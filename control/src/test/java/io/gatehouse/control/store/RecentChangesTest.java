package io.gatehouse.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Label;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.store.RecentChanges.Part;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a process remembers of the changes that it has seen. */
class RecentChangesTest {

  private final Store store = Stores.memory();
  private final RecentChanges recent = store.snapshots().recent();

  private static Group group(String name, String... external) {
    return new Group(name, List.of(), List.of(external));
  }

  private void write(@Nullable String by, Resource... resources) throws Exception {
    Change change = new Change(store.current().revision(), List.of(resources), List.of());
    store.write(by == null ? change : change.by(by));
  }

  @Test
  void remembersWhoHasChangedWhat() throws Exception {
    write("ann", group("a"), group("b"));
    write(null, group("a"));
    write("bob", group("a", "x"));
    store.write(Change.delete(store.current(), Key.of(Kind.GROUP, "b")).by("ann"));

    Part all = recent.all();
    assertThat(all.after()).isZero();
    assertThat(all.revision()).isEqualTo(4);
    assertThat(all.changes())
        .extracting(RecentChanges.Seen::revision, one -> one.key().id().name(), one -> one.by())
        .containsExactly(
            tuple(1L, "a", "ann"),
            tuple(1L, "b", "ann"),
            tuple(3L, "a", "bob"),
            tuple(4L, "b", "ann"));
    assertThat(all.changes().get(2).versions().before()).isEqualTo(group("a"));
    assertThat(all.changes().get(2).versions().now()).isEqualTo(group("a", "x"));
    assertThat(all.changes().get(3).versions().now()).isNull();
  }

  @Test
  void internalResourcesAreNotShown() throws Exception {
    write("ann", new Label(Key.of(Kind.GROUP, "a"), "shop", null));
    assertThat(recent.all().changes()).isEmpty();
    assertThat(recent.all().revision()).isEqualTo(1);
  }

  @Test
  void forgetsTheOldestAndSaysSo() throws Exception {
    for (int i = 0; i <= RecentChanges.MAX_CHANGES; i++) {
      write("ann", group("g" + i));
    }
    assertThat(recent.all().changes()).hasSize(RecentChanges.MAX_CHANGES);
    assertThat(recent.all().after()).isEqualTo(1);
    assertThat(recent.after(0, Duration.ZERO)).isNull();
    assertThat(Objects.requireNonNull(recent.after(1, Duration.ZERO)).changes())
        .hasSize(RecentChanges.MAX_CHANGES);
    assertThat(recent.after(RecentChanges.MAX_CHANGES + 2, Duration.ZERO)).isNull();

    String large = "x".repeat(700_000);
    for (int i = 0; i < 5; i++) {
      write("ann", group("large" + i, large + i));
    }
    assertThat(recent.all().changes().size()).isEqualTo(2);
  }

  @Test
  void whatWasStoredBeforeIsNoChange() {
    Snapshots snapshots = new Snapshots(Snapshot.EMPTY);
    Change first = Change.put(Snapshot.EMPTY, group("a"));
    snapshots.publish(Snapshot.EMPTY.with(first), first.changed(), /* first= */ true);
    assertThat(snapshots.recent().all().changes()).isEmpty();
    assertThat(snapshots.recent().all().after()).isEqualTo(1);
    Snapshot now = snapshots.current();
    Change second = Change.put(now, group("b"));
    snapshots.publish(now.with(second), second.changed(), /* first= */ false);
    assertThat(snapshots.recent().all().changes()).hasSize(1);
    // For example of a file that another process has written.
    Snapshot other =
        Snapshot.EMPTY.with(Change.put(Snapshot.EMPTY, group("b", "x"))).at(now.revision() + 5);
    snapshots.publishWhole(other, /* first= */ false);
    assertThat(snapshots.recent().all().changes())
        .extracting(RecentChanges.Seen::revision, one -> one.key().id().name())
        .containsExactly(tuple(2L, "b"), tuple(6L, "a"), tuple(6L, "b"));
  }

  @Test
  void waitsForTheNextRevision() throws Exception {
    assertThat(Objects.requireNonNull(recent.after(0, Duration.ofMillis(1))).changes()).isEmpty();
    CompletableFuture<@Nullable Part> next = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            next.complete(recent.after(0, Duration.ofMinutes(1)));
          } catch (InterruptedException e) {
            next.completeExceptionally(e);
          }
        });
    write("ann", group("a"));
    assertThat(Objects.requireNonNull(next.get(1, TimeUnit.MINUTES)).changes()).hasSize(1);
  }
}
