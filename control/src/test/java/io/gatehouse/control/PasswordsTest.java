package io.gatehouse.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.doc.YamlText;
import io.gatehouse.control.kind.AccountPassword;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.PasswordRequest;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.Stored;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.Stores;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PasswordsTest {

  private static final User ABC = new User("passthrough", "abc");

  private final Store store = Stores.memory();
  private final Administration administration = new Administration(store, new AnyLogins());
  private final Passwords passwords = new Passwords(administration);
  private final AccountPasswords live = new AccountPasswords(store);

  @BeforeEach
  void create() throws Exception {
    administration.put(new ServiceAccount(ABC, ServiceAccount.Type.LOCAL, List.of()), false);
  }

  /** A hash occupies a processor for a while, so the rights come first. */
  @Test
  void nothingIsHashedForThoseWhoMayNotSetIt() {
    Actor nobody = new Actor("nobody", new Rights(false, List.of()));
    Refusal refusal =
        catchThrowableOfType(
            Refusal.class,
            () ->
                new Passwords(administration.as(nobody))
                    .set(new PasswordRequest(ABC, new Secret("a password"), 1)));
    assertThat(refusal.reason()).isEqualTo(Reason.FORBIDDEN);
  }

  private void set(String password) throws Refusal {
    passwords.set(new PasswordRequest(ABC, new Secret(password), 4096));
  }

  private ScramCredential found() {
    return Objects.requireNonNull(live.find(ScramHash.SHA_512, "abc"));
  }

  @Test
  void sessionsEndWhenTheirPasswordChanges() throws Exception {
    set("a password");
    ScramCredential first = found();
    CredentialCheck check = live.check(ScramHash.SHA_512, "abc", first);
    assertThat(check.isOutdated()).isFalse();
    administration.put(
        new ServiceAccount(new User("passthrough", "other"), ServiceAccount.Type.LOCAL, List.of()),
        false);
    assertThat(check.isOutdated()).isFalse();

    set("a password"); // with another salt
    assertThat(check.isOutdated()).isTrue();
    assertThat(check.recheck()).contains("changed or deleted");
    CredentialCheck second = live.check(ScramHash.SHA_512, "abc", found());
    passwords.delete(ABC);
    assertThat(second.recheck()).contains("changed or deleted");
    assertThat(live.find(ScramHash.SHA_512, "abc")).isNull();
  }

  @Test
  void aDeletedAccountHasNoPassword() throws Exception {
    set("a password");
    administration.delete(new Key(Kind.SERVICE_ACCOUNT, ABC));
    assertThat(live.find(ScramHash.SHA_256, "abc")).isNull();
    assertThat(passwords.list()).isEmpty();
  }

  @Test
  void onlyLocalAccountsHavePasswords() throws Exception {
    assertThat(reason(new User("passthrough", "nobody"))).isEqualTo(Reason.MISSING);
    User external = new User("passthrough", "external");
    administration.put(
        new ServiceAccount(external, ServiceAccount.Type.EXTERNAL, List.of("x")), false);
    assertThat(reason(external)).isEqualTo(Reason.CONFLICT);
    Refusal none = catchThrowableOfType(Refusal.class, () -> passwords.delete(ABC));
    assertThat(none.reason()).isEqualTo(Reason.MISSING);
  }

  private Reason reason(User account) {
    return catchThrowableOfType(
            Refusal.class, () -> passwords.set(new PasswordRequest(account, null, 4096)))
        .reason();
  }

  @Test
  void aStoredPasswordIsReadBackAndShowsNoPassword() throws Exception {
    AccountPassword stored = AccountPassword.of(ABC, "a password", 4096);
    String yaml = YamlText.of(List.of(stored.document(true)));
    assertThat(yaml).doesNotContain("a password");
    assertThat(Stored.read(read(yaml))).isEqualTo(stored);
  }

  @Test
  void aStoredPasswordThatIsDamagedIsReported() throws Exception {
    String yaml =
        YamlText.of(List.of(AccountPassword.of(ABC, "a password", 4096).document(true)))
            .replace("iterations=4096", "iterations=4");
    InvalidException invalid =
        catchThrowableOfType(InvalidException.class, () -> Stored.read(read(yaml)));
    assertThat(invalid.problems()).hasSize(2);
    assertThat(invalid.problems().getFirst()).startsWith("spec.SCRAM-SHA-256: iterations=4");
  }

  @Test
  void allProblemsOfARequestAreToldWithoutThePassword() throws Exception {
    Value request = read("{name: a, password: short!, iterations: 4095, pasword: x}");
    InvalidException invalid =
        catchThrowableOfType(InvalidException.class, () -> PasswordRequest.read(request));
    assertThat(invalid.problems()).hasSize(4);
    assertThat(String.valueOf(invalid.getMessage()))
        .contains("password: it is not a text of 8 to 1024 characters", "4095", "did you mean")
        .doesNotContain("short!");
    PasswordRequest plain = PasswordRequest.read(read("{name: abc}"));
    assertThat(plain).isEqualTo(new PasswordRequest(ABC, null, 8192));
  }

  private static Value read(String yaml) throws Exception {
    return Document.readAll(yaml.getBytes(StandardCharsets.UTF_8)).getFirst();
  }
}
