package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import at.favre.lib.crypto.bcrypt.BCrypt;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.auth.sasl.token.JwksSettings;
import io.gatehouse.auth.sasl.token.JwksVerifier;
import io.gatehouse.auth.sasl.token.TokenRules;
import io.gatehouse.auth.sasl.users.PasswordHash;
import io.gatehouse.control.Rights;
import io.gatehouse.http.AdminUser.Proofs;
import io.gatehouse.http.HttpSettings.Security;
import io.gatehouse.testkit.oidc.TokenOrder;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.tls.PrincipalRules;
import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Users by password, file and token, and which routes of the server need one. */
class AdminUsersTest {
  private static final String ADMIN = basic("root:pw");
  private static final String READER = basic("reader:pw");
  private static final String NOBODY = "";

  private final Pool pool = new Pool();
  private final AtomicLong nanos = new AtomicLong(System.nanoTime());
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (var one : opened) {
      one.close();
    }
    pool.close();
  }

  private static String basic(String user) {
    return "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8));
  }

  private static AdminUser user(String name, String password, Rights rights) {
    var hash = BCrypt.withDefaults().hashToString(5, password.toCharArray());
    return new AdminUser(name, new Proofs(PasswordHash.ofBcrypt(hash), null, null), rights);
  }

  private static UserSettings usual() {
    return UserSettings.of(
        List.of(user("root", "pw", Rights.ADMIN), user("reader", "pw", Rights.READER)));
  }

  private Running start(UserSettings settings, boolean metricsNeedUser) throws Exception {
    var users = new AdminUsers(settings, pool.leases(), nanos::get);
    var running =
        Running.with(
            Running.loopback().with(new Security(null, metricsNeedUser)),
            users,
            new TapRoutes(_ -> {
              throw new IllegalArgumentException("no tap here");
            }));
    opened.add(running);
    return running;
  }

  private static int get(Running running, String path, String authorization) {
    return authorization.isEmpty()
        ? running.get(path).statusCode()
        : running.get(path, "Authorization", authorization).statusCode();
  }

  private static int put(Running running, String authorization) {
    var request = running.request("/loggers/ROOT").header("Content-Type", "application/json");
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    var body = java.net.http.HttpRequest.BodyPublishers.ofString("{\"level\":\"INFO\"}");
    return running.send(request.PUT(body).build()).statusCode();
  }

  @Test
  void changesAndTapsNeedAnAdmin() throws Exception {
    var running = start(usual(), false);
    assertThat(put(running, NOBODY)).isEqualTo(401);
    assertThat(put(running, READER)).isEqualTo(403);
    assertThat(put(running, ADMIN)).isEqualTo(200);
    assertThat(get(running, "/tap", NOBODY)).isEqualTo(401);
    assertThat(get(running, "/tap", READER)).isEqualTo(403);
    assertThat(get(running, "/tap", ADMIN)).isEqualTo(400);
    assertThat(
            running
                .get("/tap", "Authorization", ADMIN, "Sec-Fetch-Site", "cross-site")
                .statusCode())
        .isEqualTo(403);
    assertThat(running.get("/tap").headers().firstValue("WWW-Authenticate")).isPresent();
  }

  @ParameterizedTest
  @CsvSource({"/metrics", "/loggers", "/loggers/ROOT"})
  void metricsNeedAUserIfTheyAreSecured(String path) throws Exception {
    var open = start(usual(), false);
    assertThat(get(open, path, NOBODY)).isEqualTo(200);
    var secured = start(usual(), true);
    assertThat(get(secured, path, NOBODY)).isEqualTo(401);
    assertThat(get(secured, path, READER)).isEqualTo(200);
    for (var free : List.of("/health", "/health/live", "/health/ready", "/versions")) {
      assertThat(get(secured, free, NOBODY)).isEqualTo(200);
    }
  }

  @Test
  void thePasswordEverybodyKnowsIsNotTakenWhereOthersCanTryIt() throws Exception {
    var settings =
        UserSettings.of(
            List.of(
                user("root", AdminUser.WELL_KNOWN_PASSWORD, Rights.ADMIN),
                user("reader", "pw", Rights.READER)));
    var known = basic("root:" + AdminUser.WELL_KNOWN_PASSWORD);
    assertThat(get(start(settings, true), "/metrics", known)).isEqualTo(200);
    var open = start(settings.withoutWellKnownPassword(), true);
    assertThat(get(open, "/metrics", known)).isEqualTo(401);
    assertThat(get(open, "/metrics", READER)).isEqualTo(200);
  }

  @Test
  void aFileWithAUserOfTheConfigurationIsRefused() {
    var file =
        new UserSettings.UserSource() {
          @Override
          public String text() {
            return "";
          }

          @Override
          public List<AdminUser> parse(String text) {
            return List.of(user("reader", "other", Rights.ADMIN));
          }
        };
    var usual = usual();
    var settings = new UserSettings(usual.users(), file, usual.certificates(), null);
    assertThatThrownBy(() -> new AdminUsers(settings, pool.leases()).check())
        .hasMessage("admin.usersFile: there are two users reader");
  }

  @Test
  void withoutUsersThisMachineMayChangeLogLevels() throws Exception {
    var running = start(UserSettings.of(List.of()), false);
    assertThat(put(running, NOBODY)).isEqualTo(200);
  }

  @Test
  void wrongPasswordsAreSlowedAndRightOnesRemembered() throws Exception {
    var running = start(usual(), true);
    assertThat(get(running, "/metrics", READER)).isEqualTo(200);
    for (int i = 0; i < 3; i++) {
      assertThat(get(running, "/metrics", basic("reader:" + i))).isEqualTo(401);
    }
    // Also a right one, since whoever guesses would otherwise learn which one is right.
    assertThat(get(running, "/metrics", READER)).isEqualTo(429);
    nanos.addAndGet(1_000_000_000L);
    assertThat(get(running, "/metrics", READER)).isEqualTo(200);
  }

  private static final class Text implements UserSettings.UserSource {
    private volatile String text = "one";

    @Override
    public String text() {
      return text;
    }

    @Override
    public List<AdminUser> parse(String given) {
      if (given.isEmpty()) {
        throw new IllegalArgumentException("line 1: nothing");
      }
      return List.of(user("filed", given, Rights.READER));
    }
  }

  @Test
  void aChangedFileIsReadAgain() throws Exception {
    var file = new Text();
    var settings = new UserSettings(usual().users(), file, PrincipalRules.DEFAULT, null);
    var running = start(settings, true);
    assertThat(get(running, "/metrics", basic("filed:one"))).isEqualTo(200);
    assertThat(get(running, "/metrics", READER)).isEqualTo(200);
    file.text = "two";
    nanos.addAndGet(4_000_000_000L);
    assertThat(get(running, "/metrics", basic("filed:two"))).isEqualTo(200);
    assertThat(get(running, "/metrics", basic("filed:one"))).isEqualTo(401);
    file.text = "";
    nanos.addAndGet(4_000_000_000L);
    assertThat(get(running, "/metrics", basic("filed:two"))).isEqualTo(200);
  }

  @Test
  void tokensOfTheIdentityProviderNameRoles() throws Exception {
    var idp = TokenServer.start();
    opened.add(idp);
    var rules =
        TokenRules.of(idp.issuer(), Set.of(TokenServer.AUDIENCE))
            .with(new TokenRules.Claims("sub", "groups", null));
    var verifier = new JwksVerifier.Settings(JwksSettings.of(URI.create(idp.jwksUrl())), rules);
    var special = new AdminUser("ci", new Proofs(null, null, "ci-subject"), Rights.ADMIN);
    var running =
        start(
            new UserSettings(
                List.of(special, user("admin", "pw", Rights.ADMIN)),
                null,
                PrincipalRules.DEFAULT,
                new UserSettings.Tokens(verifier, Set.of("ops"), Set.of("dev"))),
            true);
    Map<TokenOrder, Integer> expected =
        Map.of(
            idp.token("alice").claim("groups", List.of("x", "ops")), 200,
            idp.token("bob").claim("groups", "dev"), 403,
            idp.token("ci-subject"), 200,
            // A name of a user with a password means nothing in a token.
            idp.token("admin"), 401);
    expected.forEach((token, status) -> {
      assertThat(put(running, "Bearer " + token.sign())).isEqualTo(status);
      assertThat(get(running, "/metrics", "bearer " + token.sign()))
          .isEqualTo(status == 401 ? 401 : 200);
    });
    nanos.addAndGet(1_000_000_000_000L);
    var alice = idp.token("alice").claim("groups", "ops");
    // Expired tokens are not counted as attempts to guess one.
    for (int i = 0; i < 4; i++) {
      assertThat(put(running, "Bearer " + alice.expired().sign())).isEqualTo(401);
    }
    var other = idp.token("alice").claim("groups", "ops").audience("another");
    assertThat(put(running, "Bearer " + other.sign())).isEqualTo(401);
    assertThat(put(running, "Bearer " + idp.token("alice").claim("groups", "ops").signByStranger()))
        .isEqualTo(401);
  }

  @Test
  void changesAndFailedLoginsAreAudited() throws Exception {
    var audit = (Logger) LoggerFactory.getLogger("gatehouse.audit");
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    audit.addAppender(lines);
    try {
      var running = start(usual(), false);
      put(running, basic("root:wrong"));
      put(running, READER);
      put(running, ADMIN);
      var invalid = running.request("/loggers/x").header("Authorization", ADMIN);
      running.send(invalid.PUT(java.net.http.HttpRequest.BodyPublishers.ofString("{}")).build());
      get(running, "/tap", ADMIN);
      assertThat(lines.list)
          .extracting(line -> line.getMessage() + " " + line.getKeyValuePairs())
          .satisfiesExactly(
              line ->
                  assertThat(line)
                      .startsWith("login [listener=\"http\", address=\"127.0.0.1:")
                      .contains("mechanism=\"BASIC\"", "result=\"bad_credentials\"")
                      .doesNotContain("root:wrong"),
              line ->
                  assertThat(line)
                      .startsWith("change ")
                      .contains("principal=\"reader\"", "result=\"refused\"", "status=\"403\""),
              line ->
                  assertThat(line)
                      .contains(
                          "principal=\"root\", method=\"PUT\", path=\"/loggers/ROOT\","
                              + " result=\"success\""),
              line -> assertThat(line).contains("/loggers/x", "\"refused\"", "status=\"400\""),
              line -> assertThat(line).contains("path=\"/tap\"", "\"refused\"", "status=\"400\""));
    } finally {
      audit.detachAppender(lines);
    }
  }

  @Test
  void namesAreUniqueAndUsersHaveAProof() {
    assertThatThrownBy(() -> new AdminUser("a", new Proofs(null, null, null), Rights.READER))
        .hasMessageContaining("has no password, passwordHash, certificate or subject");
    assertThatThrownBy(() -> new AdminUser("a:b", new Secret("x"), true))
        .hasMessageContaining("colon");
  }
}
