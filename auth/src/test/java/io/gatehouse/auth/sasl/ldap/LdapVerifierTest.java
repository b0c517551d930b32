package io.gatehouse.auth.sasl.ldap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.gatehouse.auth.AuthMetrics;
import io.gatehouse.auth.AuthMetrics.Cause;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.Clients;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.testkit.pki.Authority;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class LdapVerifierTest {

  private static final LdapLookup BELOW = new LdapLookup.DirectBind("uid", Directory.PEOPLE);
  private static final LdapLookup SEARCH = search("(uid=%u)");

  @TempDir private static Path folder;
  private static Authority authority;
  private static Directory directory;
  private static LdapSettings.Tls trusting;

  @BeforeAll
  static void start() throws Exception {
    authority = Authority.create("LDAP test authority");
    directory = new Directory(authority.server());
    Path file = folder.resolve("ca.pem");
    Files.writeString(file, authority.pem());
    trusting = new LdapSettings.Tls(true, false, file);
  }

  @AfterAll
  static void stop() {
    directory.close();
  }

  private static LdapLookup search(String filter) {
    return new LdapLookup.Search(
        Directory.SEARCHER, new Secret("searcher-secret"), "dc=example,dc=org", filter);
  }

  private static LdapVerifier verifier(LdapLookup lookup) {
    return verifier(directory.ldap(), trusting, lookup);
  }

  private static LdapVerifier verifier(String urls, LdapSettings.Tls tls, LdapLookup lookup) {
    return new LdapVerifier(new LdapSettings(urls, tls, lookup).within(Duration.ofSeconds(5)));
  }

  private static Principal login(LdapVerifier verifier, String user, String password)
      throws SaslFailure {
    return verifier.verify(user, new Secret(password), Clients.local()).principal();
  }

  private static SaslFailure refused(
      Reason reason, LdapVerifier verifier, String user, String password) {
    return Clients.refused(reason, () -> login(verifier, user, password));
  }

  @Test
  void bindBelow() throws Exception {
    LdapVerifier verifier = verifier(BELOW);
    assertThat(login(verifier, "alice", "alice-secret")).isEqualTo(new Principal("alice", "PLAIN"));
    login(verifier, "a,b+c\\d", "odd-secret");
    assertThat(login(verifier, "A(B)*c", "odd-secret").name()).isEqualTo("a(b)*c");
    assertThat(login(verifier, "A,b+C\\d", "odd-secret").name()).isEqualTo("a,b+c\\d");
    SaslFailure wrong = refused(Reason.BAD_CREDENTIALS, verifier, "alice", "wrong");
    SaslFailure unknown = refused(Reason.BAD_CREDENTIALS, verifier, "nobody", "wrong");
    assertThat(String.valueOf(wrong.getMessage()).replace("alice", "nobody"))
        .isEqualTo(unknown.getMessage());
  }

  @Test
  void searchThenBind() throws Exception {
    LdapVerifier verifier = verifier(SEARCH);
    login(verifier, "alice", "alice-secret");
    login(verifier, "eve", "eve-secret");
    login(verifier, "a(b)*c", "odd-secret");
    login(verifier, "a,b+c\\d", "odd-secret");
    SaslFailure wrong = refused(Reason.BAD_CREDENTIALS, verifier, "alice", "wrong");
    SaslFailure unknown = refused(Reason.BAD_CREDENTIALS, verifier, "nobody", "wrong");
    assertThat(String.valueOf(wrong.getMessage()).replace("alice", "nobody"))
        .isEqualTo(unknown.getMessage());
    assertThat(refused(Reason.BAD_CREDENTIALS, verifier, "twin", "twin-secret"))
        .hasMessageContaining("more than one entry");
  }

  /** Spellings that the directory accepts; accounts and rules know one name only. */
  @Test
  void spellingsAreOnePrincipal() throws Exception {
    LdapLookup several = search("(|(mail=%u)(uid=%u))");
    LdapLookup joined = search("(&(objectClass=person)(uid=%u))");
    for (LdapLookup lookup : new LdapLookup[] {BELOW, SEARCH, joined}) {
      for (String spelling : new String[] {"alice", "Alice", "ALICE", "aLiCe"}) {
        assertThat(login(verifier(lookup), spelling, "alice-secret").name()).isEqualTo("alice");
      }
      for (String spelling : new String[] {"Zoe Q", "zoe q", "ZOE  Q", "zoe    Q"}) {
        assertThat(login(verifier(lookup), spelling, "zoe-secret").name()).isEqualTo("Zoe Q");
      }
    }
    for (String spelling : new String[] {"alice", "Alice@Example.org", "alice@example.org"}) {
      assertThat(login(verifier(several), spelling, "alice-secret").name())
          .isEqualTo("alice@example.org");
    }
    assertThat(login(verifier(several), "ZOE Q", "zoe-secret").name()).isEqualTo("Zoe Q");
  }

  @Test
  void spellingsOfActiveDirectoryAreOnePrincipal() throws Exception {
    LdapVerifier verifier = verifier(new LdapLookup.UserPrincipalName("corp.example.org"));
    for (String spelling : new String[] {"alice", "ALICE"}) {
      assertThat(login(verifier, spelling, "alice-secret").name()).isEqualTo("Alice");
    }
    // The account name of a user with a principal name would be a second name.
    for (String spelling : new String[] {"al", "AL"}) {
      assertThat(refused(Reason.BAD_CREDENTIALS, verifier, spelling, "alice-secret"))
          .hasMessageContaining("userPrincipalName");
    }
  }

  @Test
  void theNameInTheDnCountsAmongSeveral() throws Exception {
    for (String spelling : new String[] {"max", "MORITZ", "moritz"}) {
      assertThat(login(verifier(SEARCH), spelling, "max-secret").name()).isEqualTo("max");
    }
    assertThat(refused(Reason.BAD_CREDENTIALS, verifier(SEARCH), "one", "two-secret"))
        .hasMessageContaining("several values of uid");
  }

  @Test
  void theAttributeOfTheNameCanBeTold() throws Exception {
    LdapLookup byMail =
        new LdapLookup.Search(
            Directory.SEARCHER,
            new Secret("searcher-secret"),
            Directory.PEOPLE,
            "(mail=%u@*)",
            "uid");
    assertThat(login(verifier(byMail), "ALICE", "alice-secret").name()).isEqualTo("alice");
    assertThat(login(verifier(search("(mail=%u@EXAMPLE.org)")), "ALICE", "alice-secret").name())
        .isEqualTo("alice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search("(mail=%u@*)"))
        .withMessageContaining("userAttribute");
  }

  @Test
  void spellingsAreOnePrincipalWithoutReadableEntries() throws Exception {
    directory.readable(false);
    try {
      LdapLookup upn = new LdapLookup.UserPrincipalName("corp.example.org");
      for (LdapLookup lookup : new LdapLookup[] {BELOW, upn}) {
        for (String spelling : new String[] {"alice", "Alice", "ALICE"}) {
          assertThat(login(verifier(lookup), spelling, "alice-secret").name()).isEqualTo("alice");
        }
      }
      for (String spelling : new String[] {"Zoe Q", "ZOE  Q"}) {
        assertThat(login(verifier(BELOW), spelling, "zoe-secret").name()).isEqualTo("zoe q");
      }
    } finally {
      directory.readable(true);
    }
    assertThat(NameAttribute.folded("Stra\u00dfe\u00a0\u00adX")).isEqualTo("strasse x");
    assertThat(NameAttribute.folded("\uff21lice\u200b")).isEqualTo("alice");
  }

  @Test
  void anonymousSearch() throws Exception {
    LdapVerifier verifier =
        verifier(new LdapLookup.Search(null, null, Directory.PEOPLE, "(&(uid=%u)(uid=%u))"));
    login(verifier, "alice", "alice-secret");
    refused(Reason.BAD_CREDENTIALS, verifier, "alice", "eve-secret");
  }

  @Test
  void userPrincipalNames() throws Exception {
    LdapVerifier verifier = verifier(new LdapLookup.UserPrincipalName("corp.example.org"));
    login(verifier, "alice", "alice-secret");
    refused(Reason.BAD_CREDENTIALS, verifier, "alice", "wrong");
    int before = directory.binds().size();
    refused(Reason.BAD_CREDENTIALS, verifier, "alice@corp.example.org", "alice-secret");
    refused(Reason.BAD_CREDENTIALS, verifier, "CORP\\alice", "alice-secret");
    assertThat(directory.binds()).hasSize(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"eve,ou=guests", "eve\\,ou=guests", "alice+uid=alice", "alice,", "#616c"})
  void namesDoNotBecomePathsInADn(String name) {
    LdapVerifier verifier = verifier(BELOW);
    int before = directory.binds().size();
    refused(Reason.BAD_CREDENTIALS, verifier, name, "eve-secret");
    refused(Reason.BAD_CREDENTIALS, verifier, name, "alice-secret");
    assertThat(directory.binds().subList(before, before + 2))
        .doesNotContain("uid=eve,ou=guests," + Directory.PEOPLE, "uid=alice," + Directory.PEOPLE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "al*",
        "alic*",
        "alice)(uid=*",
        "nobody)(|(uid=alice",
        "*)(uid=alice))(|(uid=*",
        "\\61lice",
        "alice))"
      })
  void namesDoNotBecomePartsOfAFilter(String name) {
    for (LdapLookup lookup : new LdapLookup[] {SEARCH, search("(&(objectClass=person)(uid=%u))")}) {
      refused(Reason.BAD_CREDENTIALS, verifier(lookup), name, "alice-secret");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", " alice", "alice ", "ali\u0000ce", "alice\n", "\u0000"})
  void invalidNamesAreRefusedWithoutABind(String name) {
    int before = directory.binds().size();
    for (LdapLookup lookup : new LdapLookup[] {SEARCH, BELOW}) {
      refused(Reason.BAD_CREDENTIALS, verifier(lookup), name, "alice-secret");
    }
    refused(Reason.BAD_CREDENTIALS, verifier(BELOW), "x".repeat(257), "alice-secret");
    assertThat(directory.binds()).hasSize(before);
  }

  @Test
  void anEmptyPasswordIsRefusedWithoutABind() {
    int before = directory.binds().size();
    for (LdapLookup lookup : new LdapLookup[] {SEARCH, BELOW}) {
      refused(Reason.BAD_CREDENTIALS, verifier(lookup), "alice", "");
    }
    assertThat(directory.binds()).hasSize(before);
  }

  @Test
  void certificatesAreVerified() throws Exception {
    LdapSettings.Tls stranger = LdapSettings.Tls.VERIFIED;
    int before = directory.binds().size();
    for (String url : new String[] {directory.ldap(), directory.ldaps()}) {
      login(verifier(url, trusting, BELOW), "alice", "alice-secret");
      refused(Reason.UNAVAILABLE, verifier(url, stranger, BELOW), "alice", "alice-secret");
      LdapSettings.Tls insecure = new LdapSettings.Tls(true, true, null);
      login(verifier(url, insecure, BELOW), "alice", "alice-secret");
    }
    assertThat(directory.binds()).hasSize(before + 4);
  }

  @Test
  void namesInCertificatesAreVerified() throws Exception {
    try (Directory other = new Directory(authority.issue("other").dns("ldap.example.org").sign())) {
      for (String url : new String[] {other.ldap(), other.ldaps()}) {
        refused(Reason.UNAVAILABLE, verifier(url, trusting, BELOW), "alice", "alice-secret");
      }
      assertThat(other.binds()).isEmpty();
    }
  }

  @Test
  void plainTextWhenAskedFor() throws Exception {
    LdapSettings.Tls none = new LdapSettings.Tls(false, false, null);
    login(verifier(directory.ldap(), none, BELOW), "alice", "alice-secret");
  }

  @Test
  void serversAreTriedInTheirOrder() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    String dead = "ldap://127.0.0.1:" + closed;
    login(verifier(dead + ", " + directory.ldaps(), trusting, BELOW), "alice", "alice-secret");
    refused(Reason.UNAVAILABLE, verifier(dead, trusting, BELOW), "alice", "alice-secret");
    refused(
        Reason.BAD_CREDENTIALS,
        verifier(dead + "," + directory.ldaps(), trusting, BELOW),
        "alice",
        "wrong");
  }

  @Test
  void anOutageIsLoggedOnceAndCountedByCause() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    Logger logger = (Logger) LoggerFactory.getLogger(LdapVerifier.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      LdapVerifier dead = verifier("ldap://127.0.0.1:" + closed, trusting, BELOW);
      LdapVerifier stranger = verifier(directory.ldaps(), LdapSettings.Tls.VERIFIED, BELOW);
      long connectBefore = failures(Cause.CONNECT);
      long tlsBefore = failures(Cause.TLS);
      for (int i = 0; i < 10; i++) {
        refused(Reason.UNAVAILABLE, dead, "alice", "alice-secret");
      }
      refused(Reason.UNAVAILABLE, stranger, "alice", "alice-secret");
      assertThat(failures(Cause.CONNECT) - connectBefore).isEqualTo(10);
      assertThat(failures(Cause.TLS) - tlsBefore).isEqualTo(1);
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list)
        .filteredOn(line -> line.getFormattedMessage().contains(":" + closed + " cannot check"))
        .hasSize(1);
  }

  private static long failures(Cause cause) {
    return AuthMetrics.failures()
        .getOrDefault(new AuthMetrics.Failure(AuthMetrics.Verifier.LDAP, cause), 0L);
  }

  @Test
  void aWrongSearcherIsNotTheUsersFault() {
    LdapLookup lookup =
        new LdapLookup.Search(
            Directory.SEARCHER, new Secret("wrong"), Directory.PEOPLE, "(uid=%u)");
    refused(Reason.UNAVAILABLE, verifier(lookup), "alice", "alice-secret");
  }

  @Test
  void silentServersEndByTheTimeout() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      for (String scheme : new String[] {"ldap", "ldaps"}) {
        LdapSettings settings =
            new LdapSettings(scheme + "://127.0.0.1:" + silent.getLocalPort(), trusting, BELOW)
                .within(Duration.ofMillis(200));
        refused(Reason.UNAVAILABLE, new LdapVerifier(settings), "alice", "alice-secret");
      }
    }
  }

  @Test
  void aSilentServerDuringStartTlsEndsByTheDeadline() throws Exception {
    // The answer to the connection's first request: extended response, success.
    byte[] success = HexFormat.of().parseHex("300c02010178070a010004000400");
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> answerOnce(server, success));
      LdapSettings settings =
          new LdapSettings("ldap://127.0.0.1:" + server.getLocalPort(), trusting, BELOW)
              .within(Duration.ofMillis(300));
      refused(Reason.UNAVAILABLE, new LdapVerifier(settings), "alice", "alice-secret");
    }
  }

  private static void answerOnce(ServerSocket server, byte[] answer) {
    try (Socket socket = server.accept();
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream()) {
      assertThat(in.read(new byte[4096])).isPositive();
      out.write(answer);
      out.flush();
      // Accepts everything and stays silent until the client gives up.
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // The client gave up.
    }
  }

  @Test
  void wrongSettingsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LdapSettings("http://ldap.test", trusting, BELOW))
        .withMessageContaining("http://ldap.test");
    assertThatIllegalArgumentException().isThrownBy(() -> new LdapSettings(" , ", trusting, BELOW));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search("(uid=alice)"))
        .withMessageContaining("%u");
    assertThatIllegalArgumentException().isThrownBy(() -> search("(uid=%u"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LdapLookup.Search("cn=x", null, Directory.PEOPLE, "(uid=%u)"))
        .withMessageContaining("--bind-passwd");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LdapLookup.DirectBind("uid", "people"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LdapLookup.DirectBind("uid=x", Directory.PEOPLE));
    assertThatIllegalArgumentException().isThrownBy(() -> new LdapLookup.UserPrincipalName(""));
    LdapSettings.Tls missing = new LdapSettings.Tls(true, false, folder.resolve("missing.pem"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> verifier(directory.ldap(), missing, BELOW))
        .withMessageContaining("--ldap-ca-cert-file");
    assertThat(LdapSettings.Server.of("ldaps://h")).hasToString("ldaps://h:636");
    assertThat(LdapSettings.Server.of("ldap://[::1]")).hasToString("ldap://::1:389");
  }
}
