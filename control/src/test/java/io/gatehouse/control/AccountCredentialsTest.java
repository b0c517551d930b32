package io.gatehouse.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.auth.sasl.scram.ScramUsers.Alteration;
import io.gatehouse.auth.sasl.scram.ScramUsers.Problem;
import io.gatehouse.auth.sasl.scram.ScramUsers.Reason;
import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.YamlText;
import io.gatehouse.control.kind.AccountPassword;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.PasswordRequest;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.Stored;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.Stores;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AccountCredentialsTest {

  private static final User ADMIN = new User("passthrough", "admin");
  private static final User ABC = new User("passthrough", "abc");

  private final Store store = Stores.memory();
  private final Administration administration = new Administration(store, new AnyLogins());
  private final AccountCredentials credentials = new AccountCredentials(() -> administration);
  private final AccountPasswords live = new AccountPasswords(store);

  @BeforeEach
  void create() throws Exception {
    administration.put(new ServiceAccount(ABC, ServiceAccount.Type.LOCAL, List.of()), false);
  }

  private static Alteration set(String user, ScramHash hash, String password) {
    return new Alteration(user, hash, ScramCredential.of(hash, password, 4096));
  }

  private static Alteration delete(String user, ScramHash hash) {
    return new Alteration(user, hash, null);
  }

  private Map<String, Problem> alter(Alteration... alterations) {
    return credentials.alter(ADMIN, List.of(alterations));
  }

  @Test
  void eachHashIsSetAndDeletedByItself() {
    assertThat(alter(set("abc", ScramHash.SHA_256, "one"))).isEmpty();
    assertThat(live.find(ScramHash.SHA_256, "abc")).isNotNull();
    assertThat(live.find(ScramHash.SHA_512, "abc")).isNull();

    CredentialCheck session =
        live.check(
            ScramHash.SHA_256, "abc", Objects.requireNonNull(live.find(ScramHash.SHA_256, "abc")));
    assertThat(alter(set("abc", ScramHash.SHA_512, "two"))).isEmpty();
    assertThat(session.recheck()).as("the other hash has changed").isNull();

    assertThat(alter(delete("abc", ScramHash.SHA_256))).isEmpty();
    assertThat(session.recheck()).isNotNull();
    assertThat(credentials.find(null)).containsOnlyKeys("abc");
    assertThat(credentials.find(List.of("abc", "none", "\u0000")))
        .containsEntry("none", Map.of())
        .doesNotContainKey("\u0000")
        .extractingByKey("abc")
        .satisfies(all -> assertThat(all).containsOnlyKeys(ScramHash.SHA_512));

    assertThat(alter(delete("abc", ScramHash.SHA_512))).isEmpty();
    assertThat(administration.has(new Key(Kind.ACCOUNT_PASSWORD, ABC))).isFalse();
    assertThat(credentials.find(null)).isEmpty();
  }

  @Test
  void oneChangeForAllWhileUsersWithProblemsStayAsTheyAre() throws Exception {
    User external = new User("passthrough", "external");
    administration.put(
        new ServiceAccount(external, ServiceAccount.Type.EXTERNAL, List.of("x")), false);
    User second = new User("passthrough", "second");
    administration.put(new ServiceAccount(second, ServiceAccount.Type.LOCAL, List.of()), false);
    long before = store.current().revision();

    Map<String, Problem> problems =
        alter(
            set("abc", ScramHash.SHA_256, "one"),
            delete("abc", ScramHash.SHA_512),
            set("second", ScramHash.SHA_256, "one"),
            set("second", ScramHash.SHA_512, "one"),
            set("external", ScramHash.SHA_256, "one"),
            set("nobody", ScramHash.SHA_256, "one"),
            set("new\nline", ScramHash.SHA_256, "one"),
            delete("gone", ScramHash.SHA_256));

    assertThat(problems).containsOnlyKeys("abc", "external", "nobody", "new\nline", "gone");
    assertThat(problems.values().stream().map(Problem::reason))
        .containsExactlyInAnyOrder(
            Reason.MISSING,
            Reason.UNACCEPTABLE,
            Reason.MISSING,
            Reason.UNACCEPTABLE,
            Reason.MISSING);
    assertThat(credentials.find(null)).containsOnlyKeys("second");
    assertThat(store.current().revision()).isEqualTo(before + 1);
  }

  @Test
  void aPasswordSetOverHttpReplacesBoth() throws Exception {
    alter(set("abc", ScramHash.SHA_256, "one"));
    ScramCredential first = live.find(ScramHash.SHA_256, "abc");
    new Passwords(administration).set(new PasswordRequest(ABC, new Secret("a password"), 4096));
    assertThat(live.find(ScramHash.SHA_256, "abc")).isNotNull().isNotEqualTo(first);
    assertThat(live.find(ScramHash.SHA_512, "abc")).isNotNull();
  }

  @Test
  void aPasswordOfOneHashIsReadBack() throws Exception {
    for (ScramHash hash : ScramHash.values()) {
      AccountPassword stored =
          new AccountPassword(ABC, Map.of(hash, ScramCredential.of(hash, "a password", 4096)));
      String yaml = YamlText.of(List.of(stored.document(true)));
      assertThat(Stored.read(Document.readAll(yaml.getBytes(StandardCharsets.UTF_8)).getFirst()))
          .isEqualTo(stored);
    }
  }

  @Test
  void whatCannotBeStoredIsUnavailable() {
    AccountCredentials during =
        new AccountCredentials(() -> new Administration(Stores.unwritable(store), new AnyLogins()));
    Map<String, Problem> problems =
        during.alter(
            ADMIN,
            List.of(set("abc", ScramHash.SHA_256, "one"), delete("gone", ScramHash.SHA_256)));
    assertThat(Objects.requireNonNull(problems.get("abc")).reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(Objects.requireNonNull(problems.get("gone")).reason()).isEqualTo(Reason.MISSING);
    assertThat(credentials.find(null)).isEmpty();
  }
}
