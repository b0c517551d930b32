package io.gatehouse.control.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.User;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.ServiceAccount;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FileStoreTest {

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("state.yaml");
  }

  private static ServiceAccount account(String name) {
    return new ServiceAccount(new User("passthrough", name), ServiceAccount.Type.LOCAL, List.of());
  }

  private static boolean has(Store store, String name) {
    return store.current().get(account(name).key()) != null;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  @Test
  void whatWasWrittenIsThereAfterwards() throws Exception {
    try (FileStore store = FileStore.open(file)) {
      assertThat(store.current().all()).isEmpty();
      Snapshot one = store.write(Change.put(store.current(), account("one")));
      store.write(Change.put(one, new Group("g", List.of(account("one").id()), List.of())));
      assertThat(one.revision()).isLessThan(store.current().revision());
    }
    try (FileStore store = FileStore.open(file)) {
      assertThat(store.current().all(Group.class)).extracting(Group::name).containsExactly("g");
      store.write(
          new Change(store.current().revision(), List.of(), List.of(Key.of(Kind.GROUP, "g"))));
    }
    try (FileStore store = FileStore.open(file)) {
      assertThat(store.current().all()).containsExactly(account("one"));
    }
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
  }

  @Test
  void aChangeOfAnotherRevisionIsRefused() throws Exception {
    try (FileStore store = FileStore.open(file)) {
      Snapshot before = store.current();
      store.write(Change.put(before, account("one")));
      assertThatThrownBy(() -> store.write(Change.put(before, account("two"))))
          .isInstanceOf(StaleException.class);
      assertThat(has(store, "two")).isFalse();
    }
  }

  @Test
  void twoProcessesWriteOneFileAndLoseNothing() throws Exception {
    Snapshot last;
    try (FileStore one = FileStore.open(file);
        FileStore other = FileStore.open(file)) {
      Snapshot before = other.current();
      one.write(Change.put(one.current(), account("one")));
      // Whether the other has seen that by now or not: it cannot write over it.
      assertThatThrownBy(() -> other.write(Change.put(before, account("two"))))
          .isInstanceOf(StaleException.class);
      other.write(Change.put(other.current(), account("two")));
      await(() -> has(one, "two"));
      assertThat(has(other, "one")).isTrue();
      assertThat(one.snapshots().recent().all().changes())
          .extracting(change -> change.key().id().name())
          .containsExactly("one", "two");
      last = one.current();
    }
    try (FileStore later = FileStore.open(file)) {
      // Its revisions do not begin anew, so no watch goes on where other changes were.
      later.write(Change.put(later.current(), account("three")));
      assertThat(later.snapshots().recent().after(last.revision(), Duration.ZERO)).isNull();
    }
  }

  @Test
  void aFileThatBreaksWhileItRunsLeavesAllAsItWas() throws Exception {
    try (FileStore store = FileStore.open(file)) {
      store.write(Change.put(store.current(), account("one")));
      String good = Files.readString(file);
      replace("kind: [");
      assertThatThrownBy(() -> store.write(Change.put(store.current(), account("two"))))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("state.yaml, line 1");
      assertThat(has(store, "one")).isTrue();
      replace(good.replace("type: LOCAL", "type: open-sesame"));
      assertThatThrownBy(() -> store.write(Change.put(store.current(), account("two"))))
          .hasMessageContaining("open-sesame");
      // Health tells it without the values, which only the log shows.
      assertThat(store.status().problem())
          .contains("state.yaml", "the gateway's log has the reason")
          .doesNotContain("open-sesame");
      replace(good.replace("name: one", "name: three"));
      await(() -> has(store, "three"));
      assertThat(has(store, "one")).isFalse();
      await(() -> store.status().problem() == null);
    }
  }

  /** As by a volume that is unmounted, or an editor that truncates first. */
  @Test
  void aMissingOrEmptyFileDropsNothing() throws Exception {
    try (FileStore store = FileStore.open(file)) {
      store.write(Change.put(store.current(), account("one")));
      for (boolean empty : new boolean[] {true, false}) {
        if (empty) {
          replace("");
        } else {
          Files.delete(file);
        }
        assertThatThrownBy(() -> store.write(Change.put(store.current(), account("two"))))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("missing or empty");
        assertThat(has(store, "one")).isTrue();
      }
    }
  }

  @Test
  void aLinkToNothingIsRefused() throws Exception {
    Files.createSymbolicLink(file, folder.resolve("elsewhere"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileStore.open(file))
        .withMessageContaining("symbolic link");
  }

  private void replace(String text) throws IOException {
    Path next = Files.writeString(folder.resolve("next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void isRefused(String text, String... parts) throws IOException {
    Files.write(file, text.getBytes(UTF_8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileStore.open(file))
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  @Test
  void aBrokenFileIsRefusedWithItsLines() throws Exception {
    String account = "apiVersion: gateway/v2\nmetadata: {name: one}\nspec: {type: LOCAL}\n";
    isRefused("a: 1\nb: [\n", file.toString(), "line 3");
    isRefused("- 1\n", "document in line 1: kind: it is missing");
    isRefused(
        "---\nkind: GatewayServiceAcount\n" + account,
        "document in line 2: kind: 'GatewayServiceAcount' is not kept here, did you mean"
            + " GatewayServiceAccount?");
    isRefused(
        "kind: GatewayServiceAccount\n" + account + "x: 1\n---\nkind: Interceptor\n",
        "document in line 1: there is no field 'x'",
        "document in line 7: apiVersion: it is missing",
        "document in line 7: metadata: it is missing");
    isRefused(
        ("---\nkind: GatewayServiceAccount\n" + account).repeat(2),
        "document in line 7: the service account passthrough/one is there already, in line 2");
    isRefused(
        """
        kind: GatewayGroup
        apiVersion: gateway/v2
        metadata: {name: g}
        spec: {members: [{name: nobody}]}
        """,
        "document in line 1: group g: There is no service account passthrough/nobody.");
    isRefused("a: \u0000", "line 1");
  }

  @Test
  void aPlaceWithoutAFolderIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileStore.open(folder.resolve("none/state.yaml")))
        .withMessageContaining("there is no folder");
  }

  @Test
  void whatACrashLeftBehindIsNoHindrance() throws Exception {
    Files.writeString(folder.resolve(".state.yaml.new"), "half of a st");
    Files.writeString(folder.resolve(".state.yaml.lock"), "");
    try (FileStore store = FileStore.open(file)) {
      store.write(Change.put(store.current(), account("one")));
    }
    try (FileStore store = FileStore.open(file)) {
      assertThat(has(store, "one")).isTrue();
    }
    assertThat(folder.resolve(".state.yaml.new")).doesNotExist();
  }

  @Test
  void aLinkStaysALink() throws Exception {
    Path real = Files.createDirectory(folder.resolve("real")).resolve("state.yaml");
    Files.createFile(real);
    Files.createSymbolicLink(file, real);
    try (FileStore store = FileStore.open(file)) {
      store.write(Change.put(store.current(), account("one")));
    }
    assertThat(file).isSymbolicLink();
    assertThat(Files.readString(real)).contains("name: one");
  }

  /** Locks a file until it is killed, and says so. */
  static final class Locker {
    private Locker() {}

    public static void main(String[] arguments) throws Exception {
      try (FileChannel channel = new StateFile(Path.of(arguments[0])).openLock();
          FileLock _ = channel.lock()) {
        System.out.println("locked");
        Thread.sleep(Duration.ofDays(1));
      }
    }
  }

  @Test
  void aLockThatIsNeverReleasedIsReported() throws Exception {
    Process locker =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Locker.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (FileStore store = new FileStore(new StateFile(file), Duration.ofMillis(50))) {
      try (BufferedReader lines = locker.inputReader()) {
        assertThat(lines.readLine()).isEqualTo("locked");
        assertThatThrownBy(() -> store.write(Change.put(store.current(), account("one"))))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("another process has locked");
        locker.toHandle().destroyForcibly(); // leaves its output open
        locker.waitFor();
      }
      store.write(Change.put(store.current(), account("one")));
      assertThat(has(store, "one")).isTrue();
    }
    assertThat(Files.getPosixFilePermissions(folder.resolve(".state.yaml.lock"))).hasSize(2);
  }
}
