package io.gatehouse.authplugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.token.TokenLogin;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.token.OauthBearerMechanism;
import io.gatehouse.testkit.GoPrograms;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Plugins in Go with HashiCorp's go-plugin, as users of kafka-proxy have them: src/test/go. */
@Timeout(120)
final class GoPluginsIT {

  private static final Path SOURCES = Path.of("src/test/go").toAbsolutePath();

  private static final Peer PEER =
      new Peer(InetAddress.getLoopbackAddress(), "clients", "localhost", true);

  @TempDir static Path built;

  @BeforeAll
  @Timeout(600)
  static void build() throws Exception {
    assumeTrue(GoPrograms.canBuild(), GoPrograms.NEEDED);
    GoPrograms.build(SOURCES, built, "password", "tokeninfo", "tokenprovider");
  }

  private static PluginSettings plugin(String name, String... arguments) {
    return PluginSettings.of(built.resolve(name).toString(), List.of(arguments));
  }

  private static PluginPasswordVerifier passwords() throws PluginFailure {
    return PluginPasswordVerifier.start(
        plugin("password", "--username=my-test-user", "--password=my test; password"));
  }

  private static SaslFailure refusal(PluginPasswordVerifier plugin, String user) {
    return catchThrowableOfType(
        SaslFailure.class, () -> plugin.verify(user, new Secret("secret-of-mine"), PEER));
  }

  @Test
  void checksPasswords() throws Exception {
    try (PluginPasswordVerifier plugin = passwords()) {
      SaslExchange exchange = new PlainMechanism(plugin).begin(PEER);
      exchange.next("\0my-test-user\0my test; password".getBytes(StandardCharsets.UTF_8));
      assertThat(Objects.requireNonNull(exchange.outcome()).principal().name())
          .isEqualTo("my-test-user");
      assertThat(refusal(plugin, "my-test-user").reason()).isEqualTo(Reason.BAD_CREDENTIALS);
      assertThat(refusal(plugin, "status")).hasMessageContaining("status: -7");
      SaslFailure refused = refusal(plugin, "refuse");
      assertThat(refused.reason()).isEqualTo(Reason.BAD_CREDENTIALS);
      assertThat(refused)
          .hasMessageContaining("it answered PERMISSION_DENIED: 'not with me: 100%'");
      SaslFailure broken = refusal(plugin, "broken");
      assertThat(broken.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(broken).hasMessageContaining("it answered INTERNAL: 'no directory'");
    }
  }

  @Test
  void manyLogInAtOnce() throws Exception {
    try (PluginPasswordVerifier plugin = passwords();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> logins = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        logins.add(
            callers.submit(() ->
                plugin
                    .verify("my-test-user", new Secret("my test; password"), PEER)
                    .principal()
                    .name()));
      }
      for (Future<String> login : logins) {
        assertThat(login.get()).isEqualTo("my-test-user");
      }
    }
  }

  @Test
  void isStartedAgainAfterACrash() throws Exception {
    try (PluginPasswordVerifier plugin = passwords()) {
      long first = plugin.pid();
      assertThat(refusal(plugin, "crash").reason()).isEqualTo(Reason.UNAVAILABLE);
      await().until(() -> plugin.pid() > 0 && plugin.pid() != first);
      assertThat(
              plugin
                  .verify("my-test-user", new Secret("my test; password"), PEER)
                  .principal()
                  .name())
          .isEqualTo("my-test-user");
    }
  }

  @Test
  void isStartedAgainWhenItStandsStill() throws Exception {
    try (PluginPasswordVerifier plugin =
        PluginPasswordVerifier.start(
            plugin("password", "--username=my-test-user", "--password=my test; password")
                .within(Duration.ofMillis(700)))) {
      long first = plugin.pid();
      assertThat(refusal(plugin, "slow")).hasMessageContaining("did not answer within");
      signal("STOP", first);
      assertThat(refusal(plugin, "my-test-user").reason()).isEqualTo(Reason.UNAVAILABLE);
      await().until(() -> plugin.pid() > 0 && plugin.pid() != first);
      await()
          .ignoreExceptions()
          .until(() ->
              plugin
                  .verify("my-test-user", new Secret("my test; password"), PEER)
                  .principal()
                  .name()
                  .equals("my-test-user"));
    }
  }

  private static void signal(String name, long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor())
        .isZero();
  }

  @Test
  void logLinesAreCopiedUntilTheOrderlyEnd() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger("io.gatehouse.plugin.password");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      PluginPasswordVerifier plugin = passwords();
      assertThat(refusal(plugin, "my-test-user")).isNotNull();
      ProcessHandle process = ProcessHandle.of(plugin.pid()).orElseThrow();
      plugin.close();
      assertThat(process.isAlive()).isFalse();
      await()
          .untilAsserted(() ->
              assertThat(List.copyOf(lines.list))
                  .filteredOn(line -> line.getLevel().toString().equals("INFO"))
                  .extracting(ILoggingEvent::getFormattedMessage)
                  .containsExactly("asked length=14", "ended in order"));
    } finally {
      logger.detachAppender(lines);
    }
  }

  @Test
  void aPluginOfAnotherInterfaceOrProtocolIsRefused() {
    assertThatThrownBy(() -> PluginTokenVerifier.start(plugin("password")))
        .isInstanceOf(PluginFailure.class)
        .hasMessageContaining("ended with exit code 1")
        .hasMessageContaining("load any plugins automatically");
    assertThatThrownBy(() -> PluginPasswordVerifier.start(plugin("password", "--netrpc")))
        .isInstanceOf(PluginFailure.class)
        .hasMessageContaining("it speaks 'netrpc', and only gRPC is spoken here");
    assertThatThrownBy(() -> PluginPasswordVerifier.start(plugin("password", "--no-such-flag")))
        .isInstanceOf(PluginFailure.class)
        .hasMessageContaining("ended with exit code 2");
  }

  @Test
  void checksTokens() throws Exception {
    try (PluginTokenVerifier plugin =
        PluginTokenVerifier.start(plugin("tokeninfo", "--suffix=.c2ln"))) {
      String taken = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.c2ln";
      SaslExchange exchange = new OauthBearerMechanism(plugin).begin(PEER);
      exchange.next(
          ("n,,\u0001auth=Bearer " + taken + "\u0001\u0001").getBytes(StandardCharsets.UTF_8));
      SaslExchange.Outcome outcome = Objects.requireNonNull(exchange.outcome());
      // kafka-proxy's interface names no principal, and the token's own claims do not count.
      assertThat(outcome.principal().name()).isEqualTo("opaque-token");
      assertThat(Objects.requireNonNull(outcome.expires()))
          .isBetween(Instant.now(), Instant.now().plus(Duration.ofHours(1)));
      assertThat(plugin.verify("opaque.c2ln").user().name()).isEqualTo("opaque-token");
      assertThatThrownBy(() -> plugin.verify("opaque"))
          .isInstanceOf(SaslFailure.class)
          .hasMessageContaining("status: 7");
      assertThat(plugin.verify("x".repeat(3_000_000) + ".c2ln").user().name())
          .isEqualTo("opaque-token");
    }
  }

  @Test
  void providesTokens() throws Exception {
    try (TokenLogin login =
        new TokenLogin(PluginTokenProvider.start(plugin("tokenprovider", "--token=a.b.c")))) {
      assertThat(new String(login.begin("broker").first(), StandardCharsets.UTF_8))
          .contains("Bearer a.b.c\u0001");
    }
    try (PluginTokenProvider plugin =
        PluginTokenProvider.start(plugin("tokenprovider", "--token=abc", "--times=1000000"))) {
      assertThat(plugin.token()).isEqualTo("abc".repeat(1_000_000));
    }
    try (PluginTokenProvider plugin = PluginTokenProvider.start(plugin("tokenprovider"))) {
      assertThatThrownBy(plugin::token)
          .isInstanceOf(LoginFailure.class)
          .hasMessageContaining("status: 1");
    }
  }
}
