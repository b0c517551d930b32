package io.gatehouse.control.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.auth.User;
import io.gatehouse.control.Administration;
import io.gatehouse.control.AnyLogins;
import io.gatehouse.control.Batch;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.store.Change;
import io.gatehouse.control.store.Snapshot;
import io.gatehouse.control.store.Snapshots;
import io.gatehouse.control.store.StaleException;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreException;
import io.gatehouse.control.store.StoreStatus;
import io.gatehouse.control.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A folder of resources that the gateway applies itself. */
@Timeout(60)
class FolderTest {

  @TempDir private Path path;

  private final Store store = Stores.memory();
  private final Administration administration = new Administration(store, new AnyLogins());
  @AutoClose private Folder folder = new Folder(Path.of("none"), administration, store);

  private List<String> start() {
    folder.close();
    folder = new Folder(path, administration, store, Duration.ofMillis(20));
    return folder.start();
  }

  /** Replaces the file at once, as configuration management does. */
  private void write(String name, String... documents) throws IOException {
    Path file = path.resolve(name);
    Files.createDirectories(path.resolve("sub"));
    Path next = Files.writeString(path.resolve(".next"), String.join("---\n", documents));
    Files.move(next, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private static String account(String name) {
    return """
    kind: GatewayServiceAccount
    apiVersion: gateway/v2
    metadata: {name: %s}
    spec: {type: LOCAL}
    """
        .formatted(name);
  }

  private static String group(String name, String member) {
    return """
    kind: GatewayGroup
    apiVersion: gateway/v2
    metadata: {name: %s}
    spec: {members: [{name: %s}]}
    """
        .formatted(name, member);
  }

  private static Key key(String account) {
    return new Key(Kind.SERVICE_ACCOUNT, new User(Key.PASSTHROUGH, account));
  }

  private static ServiceAccount changed(String account) {
    return new ServiceAccount(
        key(account).id(), ServiceAccount.Type.EXTERNAL, List.of("known as " + account));
  }

  private List<String> names() {
    return store
        .current()
        .all()
        .filter(one -> one.key().kind().isOfUsers())
        .map(one -> one.key().id().name())
        .sorted()
        .toList();
  }

  private void becomes(String... names) {
    Awaitility.await()
        .pollDelay(Duration.ZERO)
        .untilAsserted(() -> assertThat(names()).containsExactly(names));
    Awaitility.await().until(() -> folder.state().isUpToDate());
  }

  private void isRefused(String problem) {
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(folder.state().problems()).anyMatch(text -> text.contains(problem)));
  }

  @Test
  void isAppliedAtTheStartAndWheneverAFileChanges() throws Exception {
    write("a.yaml", account("one"), group("g", "two"));
    write("sub/b.yml", account("two"));
    assertThat(start()).isEmpty();
    assertThat(names()).containsExactly("g", "one", "two");
    assertThat(store.current().revision()).as("one change").isEqualTo(1);

    write("sub/b.yml", account("two"), account("three"));
    becomes("g", "one", "three", "two");
    write("a.yaml", account("one"));
    Files.delete(path.resolve("sub/b.yml"));
    becomes("one");
    assertThat(folder.state().applied()).isEqualTo(3);
  }

  @Test
  void aVersionThatIsNotValidChangesNothing() throws Exception {
    write("a.yaml", account("one"));
    start();
    long revision = store.current().revision();
    write("a.yaml", account("one"), account("two"), "kind: x\n");
    isRefused("a.yaml:11: kind: there is no kind 'x'");
    write("a.yaml", account("one"), group("g", "nobody"));
    isRefused("a.yaml:6: There is no service account passthrough/nobody.");
    Files.delete(path.resolve("a.yaml"));
    isRefused("is the folder mounted?");
    assertThat(store.current().revision()).isEqualTo(revision);
    assertThat(folder.state().declared()).hasSize(1);

    write("a.yaml", "# nothing\n");
    becomes();
    assertThat(folder.state().refused()).isEqualTo(3);
  }

  @Test
  void aFirstVersionThatIsNotValidPreventsTheStart() throws Exception {
    write("a.yaml", account("no"));
    assertThat(start()).singleElement().asString().startsWith("a.yaml:1: metadata.name: 'no'");
    write("a.yaml", account("one"));
    assertThat(start()).isEmpty();
    folder.close();
    write("a.yaml", account("no"));
    assertThat(start()).as("there are resources of an earlier version").isEmpty();
    assertThat(folder.state().isUpToDate()).isFalse();
    assertThat(names()).containsExactly("one");
    path = path.resolve("missing");
    assertThat(start()).isEmpty();
    isRefused("cannot be read");
  }

  /** A pod restarts while the files are being copied. */
  @Test
  void aFolderThatIsHalfThereDeletesNothing() throws Exception {
    write("a.yaml", account("one"));
    write("b.yaml", account("two"));
    start();
    long revision = store.current().revision();
    folder.close();
    Files.delete(path.resolve("b.yaml"));
    assertThat(start()).isEmpty();
    isRefused("1 resources are no longer declared");
    assertThat(names()).containsExactly("one", "two");
    write("b.yaml", account("two"));
    becomes("one", "two");
    assertThat(store.current().revision()).as("nothing was written").isEqualTo(revision);

    Files.delete(path.resolve("b.yaml"));
    becomes("one");
  }

  @Test
  void isUpToDateAgainWhenItCanBeReadAgain() throws Exception {
    write("a.yaml", account("one"));
    start();
    Path away = path.resolveSibling(path.getFileName() + "-away");
    Files.move(path, away);
    isRefused("cannot be read");
    Files.move(away, path);
    Awaitility.await().until(() -> folder.state().isUpToDate());
    assertThat(folder.state().applied()).isEqualTo(1);
  }

  @Test
  void whatOthersPreventIsTriedAgainWhenTheyDoNotAnyMore() throws Exception {
    write("a.yaml", account("one"));
    start();
    administration.put(changed("other"), false);
    String same =
        account("two").replace("type: LOCAL", "type: EXTERNAL, externalNames: [known as other]");
    write("a.yaml", account("one"), same);
    isRefused("known as other");
    administration.delete(key("other"));
    becomes("one", "two");
  }

  @Test
  void othersChangeItsResourcesByForceOnlyAndDriftShows() throws Exception {
    write("a.yaml", account("one"));
    start();
    Refusal refusal =
        catchThrowableOfType(Refusal.class, () -> administration.put(changed("one"), false));
    assertThat(refusal).hasMessageContaining("is declared by a.yaml");
    assertThat(folder.drift()).isZero();
    administration.put(changed("one"), Batch.Options.FORCED, false);
    assertThat(folder.drift()).isEqualTo(1);
    administration.put(changed("other"), false);

    write("a.yaml", account("one"), account("two"));
    becomes("one", "other", "two");
    assertThat(folder.drift()).isZero();
  }

  /** Kubernetes replaces the link ..data to change all files of a ConfigMap at once. */
  @Test
  void aMountedConfigMapIsReadThroughItsLinks() throws Exception {
    Path first = Files.createDirectory(path.resolve("..2026_01"));
    Files.writeString(first.resolve("a.yaml"), account("one"));
    Path data = Files.createSymbolicLink(path.resolve("..data"), Path.of("..2026_01"));
    Files.createSymbolicLink(path.resolve("a.yaml"), Path.of("..data/a.yaml"));
    start();
    assertThat(names()).containsExactly("one");

    Path second = Files.createDirectory(path.resolve("..2026_02"));
    Files.writeString(second.resolve("a.yaml"), account("two"));
    Path next = Files.createSymbolicLink(path.resolve("..data_tmp"), Path.of("..2026_02"));
    Files.move(next, data, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    becomes("two");
  }

  @Test
  void nodesWithDifferentVersionsDoNotUndoEachOthersChangesAgainAndAgain() throws Exception {
    write("a.yaml", account("one"));
    Path older = Files.createDirectory(path.resolve(".older"));
    Files.writeString(older.resolve("a.yaml"), account("one"));
    try (Folder other = new Folder(older, administration, store, Duration.ofMillis(20))) {
      start();
      other.start();
      write("a.yaml", account("one"), account("two"));
      becomes("one", "two");
      long revision = store.current().revision();
      Files.writeString(older.resolve("a.yaml"), account("one") + "---\n" + account("two"));
      Awaitility.await().until(() -> other.state().applied() == 2);
      assertThat(store.current().revision()).isEqualTo(revision);
    }
  }

  /** A store that fails as no store should. */
  private static final class Broken implements Store {
    private final Store store = Stores.memory();
    private volatile boolean broken;

    @Override
    public Snapshots snapshots() {
      return store.snapshots();
    }

    @Override
    public Snapshot write(Change change) throws StaleException, StoreException {
      if (broken) {
        throw new StackOverflowError("in the store");
      }
      return store.write(change);
    }

    @Override
    public @Nullable StoreStatus status() {
      return null;
    }
  }

  @Test
  void anUnexpectedErrorDoesNotEndTheWatch() throws Exception {
    Broken broken = new Broken();
    write("a.yaml", account("one"));
    folder.close();
    folder =
        new Folder(
            path, new Administration(broken, new AnyLogins()), broken, Duration.ofMillis(20));
    assertThat(folder.start()).isEmpty();
    broken.broken = true;
    write("b.yaml", account("two"));
    Awaitility.await().until(() -> !folder.state().problems().isEmpty());
    assertThat(folder.state().problems().getFirst()).contains("in the store");
    broken.broken = false;
    write("b.yaml", account("three"));
    Awaitility.await().until(() -> folder.state().applied() == 2);
  }
}
