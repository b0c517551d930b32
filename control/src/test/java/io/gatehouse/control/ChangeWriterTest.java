package io.gatehouse.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.User;
import io.gatehouse.control.Batch.Entry;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Label;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.RevokedAccount;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.store.Change;
import io.gatehouse.control.store.Snapshot;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.Stores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Changes that are larger than the store takes at once. The store checks what each part leaves. */
class ChangeWriterTest {

  private static final Batch.Options FOLDER = new Batch.Options(Label.FOLDER, true, true);

  private final List<Snapshot> written = new ArrayList<>();
  private final Store store = Stores.ofRecords(written::add);
  private final Administration administration = new Administration(store, new AnyLogins());

  private static ServiceAccount local(String name) {
    return new ServiceAccount(new User("passthrough", name), ServiceAccount.Type.LOCAL, List.of());
  }

  private static ServiceAccount external(String name, String external) {
    return new ServiceAccount(
        new User("passthrough", name), ServiceAccount.Type.EXTERNAL, List.of(external));
  }

  private static Group group(ServiceAccount... members) {
    return new Group("all", Arrays.stream(members).map(ServiceAccount::id).toList(), List.of());
  }

  private static ServiceAccount[] accounts(String name, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> external(name + i, "x".repeat(500) + i))
        .toArray(ServiceAccount[]::new);
  }

  private void apply(Resource... resources) throws Refusal {
    written.clear();
    administration.applyInParts(
        new Batch(
            Stream.of(resources).map(one -> new Entry(one, "a.yaml")).toList(), List.of(), FOLDER));
  }

  private List<Resource> users() {
    return store.current().all().filter(one -> one.key().kind().isOfUsers()).toList();
  }

  @Test
  void deletesManyAccountsEachWithItsRevocation() throws Exception {
    apply(IntStream.range(0, 4000).mapToObj(i -> local("a" + i + "00")).toArray(Resource[]::new));
    assertThat(users()).hasSize(4000);
    apply();
    assertThat(written).hasSizeBetween(2, 10);
    assertThat(store.current().all()).hasSize(4000).allMatch(RevokedAccount.class::isInstance);
    for (Snapshot part : written) {
      long accounts = part.all(ServiceAccount.class).count();
      assertThat(part.all(RevokedAccount.class)).hasSize(4000 - (int) accounts);
      assertThat(part.all(Label.class)).hasSize((int) accounts);
    }
  }

  @Test
  void namesOfDeletedAccountsMoveToNewOnes() throws Exception {
    ServiceAccount[] old = accounts("old", 2000);
    apply(Stream.concat(Stream.of(group(old)), Stream.of(old)).toArray(Resource[]::new));
    ServiceAccount[] other = accounts("new", 2000);
    apply(Stream.concat(Stream.of(group()), Stream.of(other)).toArray(Resource[]::new));
    assertThat(written).hasSizeBetween(2, 10);
    assertThat(users()).contains(other).contains(group()).hasSize(2001);
  }

  @Test
  void namesThatMoveAmongAccountsMoveTogether() throws Exception {
    ServiceAccount[] before = accounts("old", 4000);
    apply(before);
    // Pairs of distant accounts swap their names.
    ServiceAccount[] after =
        IntStream.range(0, 4000)
            .mapToObj(i -> external("old" + i, before[3999 - i].externalNames().getFirst()))
            .toArray(ServiceAccount[]::new);
    apply(after);
    assertThat(written).hasSizeBetween(2, 12);
    assertThat(users()).containsExactlyInAnyOrder(after);
  }

  @Test
  void whatOnlyFitsTogetherIsRefusedWhenItIsTooLarge() throws Exception {
    ServiceAccount[] before = accounts("old", 4000);
    apply(before);
    ServiceAccount[] after =
        IntStream.range(0, 4000)
            .mapToObj(i -> external("old" + i, before[(i + 1) % 4000].externalNames().getFirst()))
            .toArray(ServiceAccount[]::new);
    assertThatThrownBy(() -> apply(after))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("the store takes at most 1000000 in one change");
    assertThat(users()).containsExactlyInAnyOrder(before);
  }

  @Test
  void stopsWhenAPartChangesNothing() {
    Resource[] accounts = accounts("new", 4000);
    ChangeWriter writer = new ChangeWriter(store, "user");
    assertThatThrownBy(() ->
            writer.apply(
                now ->
                    new BatchJudge.Judged(
                        new Change(now.revision(), List.of(accounts), List.of()), List.of()),
                /* inParts= */ true))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("are missing again");
    assertThat(written).hasSize(1);
    assertThat(store.current().get(new Key(Kind.SERVICE_ACCOUNT, new User("passthrough", "new0"))))
        .isNotNull();
  }
}
