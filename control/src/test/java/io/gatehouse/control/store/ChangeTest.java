package io.gatehouse.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.User;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Label;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.RevokedToken;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.VirtualCluster;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The parts of a change that is too large for one record. */
class ChangeTest {

  private static ServiceAccount account(int i) {
    return new ServiceAccount(
        new User("passthrough", "a" + i),
        ServiceAccount.Type.EXTERNAL,
        List.of("x".repeat(1000) + i));
  }

  @Test
  void aSmallChangeIsOnePart() {
    Change change = new Change(1, List.of(account(1)), List.of(Key.of(Kind.GROUP, "g")));
    assertThat(change.firstPart(Snapshot.EMPTY)).isEqualTo(change);
    assertThat(change.firstPart(Snapshot.EMPTY).isAsLargeAs(change)).isTrue();
  }

  @Test
  void theFirstPartRevokesAndNothingRefersToALaterOne() {
    List<Resource> puts = new ArrayList<>();
    Group group = new Group("g", List.of(account(1).id()), List.of());
    puts.add(group);
    for (int i = 0; i < 1000; i++) {
      puts.add(account(i));
    }
    for (int i = 0; i < 1000; i++) {
      puts.add(new Label(account(i).key(), "shop", null));
    }
    RevokedToken revoked = new RevokedToken("id", Instant.EPOCH);
    puts.add(revoked);
    Key old = Key.of(Kind.GROUP, "old");
    Key account = account(2000).key();
    Change change =
        new Change(1, puts, List.of(Label.keyOf(old), account, old)).by("user".repeat(100));

    Change first = change.firstPart(Snapshot.EMPTY);
    assertThat(first.isAsLargeAs(change)).isFalse();
    assertThat(first.deletes()).isEmpty();
    assertThat(first.puts())
        .startsWith(revoked, account(0), new Label(account(0).key(), "shop", null))
        .doesNotContain(group)
        .hasSizeGreaterThan(500)
        .hasSizeLessThan(1000);
    assertThat(first.by()).containsKey(account(0).key());

    // What is missing then.
    List<Resource> rest = new ArrayList<>(puts);
    rest.removeAll(first.puts());
    int parts = 1;
    Change next = new Change(1, rest, change.deletes()).by("user");
    while (!next.firstPart(Snapshot.EMPTY).isAsLargeAs(next)) {
      parts++;
      rest.removeAll(next.firstPart(Snapshot.EMPTY).puts());
      next = new Change(1, rest, change.deletes()).by("user");
    }
    assertThat(parts).isBetween(2, 4);
    assertThat(next.firstPart(Snapshot.EMPTY).puts()).endsWith(group);
    assertThat(next.firstPart(Snapshot.EMPTY).deletes())
        .containsExactly(old, account, Label.keyOf(old));
  }

  private static VirtualCluster cluster(String name) {
    return new VirtualCluster(
        name,
        VirtualCluster.Type.STANDARD,
        "shop.",
        new VirtualCluster.Access(false, VirtualCluster.AclMode.KAFKA_API, List.of(), List.of()));
  }

  @Test
  void aVirtualClusterWithThePrefixOfADeletedOneComesWithItsDeletion() {
    ServiceAccount member =
        new ServiceAccount(new User("old", "abc"), ServiceAccount.Type.LOCAL, List.of());
    Snapshot now = Snapshot.EMPTY.with(new Change(0, List.of(cluster("old"), member), List.of()));
    List<Resource> puts = new ArrayList<>();
    puts.add(cluster("new"));
    for (int i = 0; i < 1000; i++) {
      puts.add(account(i));
    }
    Key other = Key.of(Kind.GROUP, "other");
    Change change = new Change(1, puts, List.of(cluster("old").key(), member.key(), other));
    Change first = change.firstPart(now);
    assertThat(first.puts()).startsWith(cluster("new")).hasSizeLessThan(1000);
    assertThat(first.deletes()).containsExactly(member.key(), cluster("old").key());
  }
}
