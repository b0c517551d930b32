package io.gatehouse.auth.sasl.users;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.Clients;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserFileTest {

  /** The output of {@code htpasswd -nbBC 5 alice alice-secret}. */
  private static final String BCRYPT =
      BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(5, "alice-secret".toCharArray());

  @TempDir Path folder;
  private final AtomicLong nanos = new AtomicLong();

  private UserFile users(String text) throws Exception {
    Files.writeString(file(), text);
    return new UserFile(file(), true, nanos::get);
  }

  private Path file() {
    return folder.resolve("users");
  }

  @Test
  void passwordsOfEachKind() throws Exception {
    String b = BCrypt.with(BCrypt.Version.VERSION_2B).hashToString(4, "bob".toCharArray());
    String a = BCrypt.with(BCrypt.Version.VERSION_2A).hashToString(6, "ann".toCharArray());
    UserFile users =
        users(
            """
            # a comment

            alice:%s
              # another
            bob:%s
            ann:%s
            carol:{plain}se:cret
            """
                .formatted(BCRYPT, b, a));
    assertThat(users.verify("alice", new Secret("alice-secret"), Clients.local()).principal())
        .isEqualTo(new Principal("alice", "PLAIN"));
    users.verify("bob", new Secret("bob"), Clients.local());
    users.verify("ann", new Secret("ann"), Clients.local());
    users.verify("carol", new Secret("se:cret"), Clients.local());
    for (String user : new String[] {"alice", "bob", "ann", "carol", "nobody", ""}) {
      refused(users, user, "wrong");
      refused(users, user, BCRYPT);
    }
  }

  @Test
  void failuresDoNotRevealWhetherTheUserExists() throws Exception {
    UserFile users = users("alice:" + BCRYPT);
    SaslFailure wrong = refused(users, "alice", "wrong");
    SaslFailure unknown = refused(users, "nobody", "wrong");
    assertThat(String.valueOf(wrong.getMessage()).replace("alice", "nobody"))
        .isEqualTo(unknown.getMessage());
    assertThat(wrong.toClient()).isEqualTo(unknown.toClient());
  }

  @Test
  void scramCredentialsStandInTheSameFile() throws Exception {
    ScramCredential one = ScramCredential.of(ScramHash.SHA_256, "secret", 8192);
    ScramCredential two = ScramCredential.of(ScramHash.SHA_512, "secret", 4096);
    UserFile users =
        users(
            """
            alice:%s
            alice:SCRAM-SHA-256=[%s],SCRAM-SHA-512=[%s]
            bob:SCRAM-SHA-256=[%s]
            """
                .formatted(BCRYPT, one.toText(), two.toText(), one.toText()));
    users.verify("alice", new Secret("alice-secret"), Clients.local());
    assertThat(line(users.find(ScramHash.SHA_256, "alice"))).isEqualTo(one.toText());
    assertThat(line(users.find(ScramHash.SHA_512, "alice"))).isEqualTo(two.toText());
    assertThat(users.find(ScramHash.SHA_512, "bob")).isNull();
    assertThat(users.find(ScramHash.SHA_256, "nobody")).isNull();
    assertThat(line(users.model(ScramHash.SHA_512, -7))).isEqualTo(two.toText());
  }

  private static String line(@Nullable ScramCredential credential) {
    return credential == null ? "none" : credential.toText();
  }

  @Test
  void theLineThatKafkasToolsShow() throws Exception {
    UserFile users =
        users(
            "alice:SCRAM-SHA-256=[salt=cmlhYzM1d3V2eHNkMmM1aGV3dHM4cWdkOQ==,"
                + "stored_key=DC0mJvfTSBcUjaQA2ZlzM+xuTXFRpcvSbFHZPHJYtIc=,"
                + "server_key=uGkiaB5oVR4IhxIHkMXxSSTlfsnUJ/yKcIl8CRcBTwY=,iterations=8192]");
    assertThat(users.find(ScramHash.SHA_256, "alice")).isNotNull();
  }

  @Test
  void aChangedFileIsReadAnew() throws Exception {
    UserFile users = users("alice:" + BCRYPT);
    users.verify("alice", new Secret("alice-secret"), Clients.local());
    Files.writeString(file(), "bob:{plain}bob-secret");
    users.verify("alice", new Secret("alice-secret"), Clients.local());
    later();
    refused(users, "alice", "alice-secret");
    users.verify("bob", new Secret("bob-secret"), Clients.local());
  }

  @Test
  void aLoginIsValidUntilTheUserIsRemovedOrChanged() throws Exception {
    ScramCredential secret = ScramCredential.of(ScramHash.SHA_256, "secret", 4096);
    String alice = "alice:" + BCRYPT + "\n";
    String bob = "bob:SCRAM-SHA-256=[" + secret.toText() + "]\n";
    UserFile users = users(alice + bob);
    CredentialCheck alices =
        requireNonNull(users.verify("alice", new Secret("alice-secret"), Clients.local()).check());
    CredentialCheck bobs =
        requireNonNull(
            users.check(
                ScramHash.SHA_256, "bob", requireNonNull(users.find(ScramHash.SHA_256, "bob"))));
    assertThat(alices.isOutdated()).isFalse();

    Files.writeString(file(), "# a comment\n" + alice + bob);
    muchLater();
    assertThat(alices.isOutdated()).isTrue();
    assertThat(alices.recheck()).isNull();
    assertThat(alices.isOutdated()).isFalse();
    assertThat(bobs.isOutdated()).isTrue();
    assertThat(bobs.recheck()).isNull();

    Files.writeString(file(), "alice:{plain}another\n" + bob);
    muchLater();
    assertThat(alices.recheck()).contains("'alice' was removed").doesNotContain("another");
    assertThat(bobs.recheck()).isNull();

    ScramCredential other = ScramCredential.of(ScramHash.SHA_256, "other", 4096);
    Files.writeString(file(), alice + "bob:SCRAM-SHA-256=[" + other.toText() + "]");
    muchLater();
    assertThat(bobs.isOutdated()).isTrue();
    assertThat(bobs.recheck()).contains("'bob'");
    assertThat(alices.recheck()).isNull();
  }

  /**
   * A request starts a check of the file on another thread, and waits for it only if the last check
   * is too old.
   */
  @Test
  void theFileIsLookedAtWhileSessionsGoOn() throws Exception {
    UserFile users = users("alice:" + BCRYPT);
    CredentialCheck proof =
        requireNonNull(users.verify("alice", new Secret("alice-secret"), Clients.local()).check());
    Files.writeString(file(), "bob:{plain}b");
    later();
    boolean before = proof.isOutdated();
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    boolean now = before;
    while (!now && System.nanoTime() - deadline < 0) {
      Thread.onSpinWait();
      now = proof.isOutdated();
    }
    assertThat(now).isTrue();
    assertThat(proof.recheck()).isNotNull();
  }

  @Test
  void sessionsMayOutliveTheirUsersIfConfigured() throws Exception {
    Files.writeString(file(), "alice:" + BCRYPT);
    UserFile users = new UserFile(file(), false);
    assertThat(users.verify("alice", new Secret("alice-secret"), Clients.local()).check()).isNull();
  }

  private void muchLater() {
    nanos.addAndGet(Duration.ofSeconds(20).toNanos());
  }

  @Test
  void aBrokenFileLeavesTheUsersAsTheyWere() throws Exception {
    UserFile users = users("alice:" + BCRYPT);
    for (String broken : new String[] {"alice:" + BCRYPT + "\nbob", "alice:\u0000"}) {
      Files.writeString(file(), broken);
      later();
      users.verify("alice", new Secret("alice-secret"), Clients.local());
    }
    Files.write(file(), new byte[] {(byte) 0xff, (byte) 0xfe});
    later();
    users.verify("alice", new Secret("alice-secret"), Clients.local());
    Files.delete(file());
    later();
    users.verify("alice", new Secret("alice-secret"), Clients.local());
    Files.writeString(file(), "bob:{plain}bob-secret");
    later();
    refused(users, "alice", "alice-secret");
    users.verify("bob", new Secret("bob-secret"), Clients.local());
  }

  private void later() {
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
  }

  @Test
  void invalidLinesAreListedWithoutTheirContent() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            users(
                """
                alice:{plain}secret
                # fine
                just-text-secret
                bob:{SHA}secret
                carol:$2y$05$secret
                dave:{plain}
                alice:{plain}secret2
                :{plain}secret
                erin:SCRAM-SHA-256=[iterations=8192,salt=secret!]
                frank:SCRAM-SHA-256=[iterations=100,salt=c2FsdHNhbHQ=,stored_key=,server_key=]
                gina:SCRAM-SHA-1=[]
                """
                    .concat("henry:" + BCRYPT.replace("$05$", "$20$"))))
        .withMessageContaining(file().toString())
        .withMessageContaining("line 3: no 'name:'")
        .withMessageContaining("line 4: neither")
        .withMessageContaining("line 5: the bcrypt hash is cut short")
        .withMessageContaining("line 6: an empty password")
        .withMessageContaining("line 7: a second password of user alice")
        .withMessageContaining("line 8: no 'name:'")
        .withMessageContaining("line 9: salt is missing or no base64")
        .withMessageContaining("line 10: iterations=100")
        .withMessageContaining("line 11: SCRAM credentials are written")
        .withMessageContaining("line 12: bcrypt cost 20")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  @Test
  void aMissingFileIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new UserFile(folder.resolve("missing")))
        .withMessageContaining("missing");
  }

  @Test
  void verifiedPasswordsAreCachedWithinBounds() {
    PasswordCache cache = new PasswordCache(2);
    cache.add("alice", new Secret("a"));
    cache.add("bob", new Secret("b"));
    assertThat(cache.contains("alice", new Secret("a"))).isTrue();
    assertThat(cache.contains("alice", new Secret("b"))).isFalse();
    assertThat(cache.contains("alic", new Secret("ea"))).isFalse();
    cache.add("carol", new Secret("c"));
    assertThat(cache.size()).isEqualTo(2);
    assertThat(cache.contains("bob", new Secret("b"))).isFalse();
    assertThat(cache.contains("alice", new Secret("a"))).isTrue();
  }

  @Test
  void longPasswordsCountUpToBcryptsLimit() throws Exception {
    String longOne = "x".repeat(100);
    String hash =
        new String(
            BCrypt.with(
                    BCrypt.Version.VERSION_2Y,
                    LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2Y))
                .hash(4, longOne.getBytes(StandardCharsets.UTF_8)),
            StandardCharsets.US_ASCII);
    UserFile users = users("alice:" + hash);
    users.verify("alice", new Secret(longOne), Clients.local());
    refused(users, "alice", "y" + longOne);
  }

  private static SaslFailure refused(UserFile users, String user, String password) {
    return Clients.refused(
        Reason.BAD_CREDENTIALS, () -> users.verify(user, new Secret(password), Clients.local()));
  }
}
