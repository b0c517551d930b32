package io.gatehouse.auth.login.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.Brokers;
import io.gatehouse.auth.login.FakeHttp;
import io.gatehouse.auth.login.FakeHttp.Answer;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.Tokens;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.sasl.SaslServer;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.authenticator.DefaultLogin;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;
import org.apache.kafka.common.security.oauthbearer.internals.secured.BasicOAuthBearerToken;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoginsTest {

  private static final String PLAIN_MODULE =
      "org.apache.kafka.common.security.plain.PlainLoginModule";
  private static final String SCRAM_MODULE =
      "org.apache.kafka.common.security.scram.ScramLoginModule";
  private static final String OAUTH_MODULE =
      "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
  private static final String SECRET = "s3cret=,x";

  private static Map<String, String> properties(String mechanism, String jaas, String... more) {
    Map<String, String> properties = new HashMap<>();
    properties.put("security.protocol", "SASL_SSL");
    properties.put("bootstrap.servers", "localhost:1");
    properties.put("sasl.mechanism", mechanism);
    properties.put("sasl.jaas.config", jaas);
    for (int i = 0; i < more.length; i += 2) {
      properties.put(more[i], more[i + 1]);
    }
    return properties;
  }

  private static String account(String module, String user) {
    return "%s required username=\"%s\" password=\"%s\";".formatted(module, user, SECRET);
  }

  private static Login opened(Logins.Settings settings) {
    return Logins.of(settings.properties());
  }

  @Test
  void plain() throws Exception {
    try (Login login = Logins.of(properties("PLAIN", account(PLAIN_MODULE, "alice")))) {
      assertThat(login.mechanism()).isEqualTo("PLAIN");
      for (int connection = 0; connection < 3; connection++) {
        assertThat(Brokers.talk(login.begin("broker"), Brokers.plain("alice", SECRET)))
            .isEqualTo("alice");
      }
      assertThat(Brokers.refusal(login.begin("broker"), Brokers.plain("alice", "other")))
          .contains("Invalid username or password")
          .doesNotContain(SECRET);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-512"})
  void scram(String mechanism) throws Exception {
    try (Login login = Logins.of(properties(mechanism, account(SCRAM_MODULE, "ali=ce,")))) {
      assertThat(Brokers.talk(login.begin("broker"), Brokers.scram(mechanism, "ali=ce,", SECRET)))
          .isEqualTo("ali=ce,");
      assertThat(Brokers.refusal(login.begin("broker"), Brokers.scram(mechanism, "ali=ce,", "no")))
          .contains("Invalid client credentials")
          .doesNotContain(SECRET);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"simple", "a\"b\\c'd;e=f", "with\nline\tand blank ", "pässwörd", "\\u0041\\101"})
  void anyPassword(String password) throws Exception {
    try (Login login = opened(Logins.password("PLAIN", "a\"l=ice", new Secret(password)))) {
      assertThat(Brokers.talk(login.begin("broker"), Brokers.plain("a\"l=ice", password)))
          .isEqualTo("a\"l=ice");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Logins.password("GSSAPI", "alice", new Secret(password)))
        .withMessageContaining("GSSAPI takes no password")
        .withMessageNotContaining(password);
  }

  @Test
  void jaasFile(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("jaas.conf"),
            """
            KafkaClient {
              org.apache.kafka.common.security.scram.ScramLoginModule required
              username = "alice"
              password="p w";
            };
            """);
    try (Login login = opened(Logins.jaasFile("SCRAM-SHA-512", file))) {
      assertThat(
              Brokers.talk(login.begin("broker"), Brokers.scram("SCRAM-SHA-512", "alice", "p w")))
          .isEqualTo("alice");
    }
    for (String wrong :
        List.of(
            "username=\"a\"",
            "username=\"a\" password=\"\"",
            "username=\"a\" password=\"topsecret\" password=\"c\"")) {
      Files.writeString(file, wrong);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Logins.jaasFile("PLAIN", file))
          .withMessageContaining("must hold password=\"...\" exactly once")
          .withMessageNotContaining("topsecret");
    }
  }

  @Test
  void scramDetectsABrokerThatDoesNotKnowThePassword() throws Exception {
    try (Login login = Logins.of(properties("SCRAM-SHA-256", account(SCRAM_MODULE, "alice")))) {
      SaslServer server = Brokers.scram("SCRAM-SHA-256", "alice", SECRET);
      LoginExchange exchange = login.begin("broker");
      byte[] proof = exchange.next(server.evaluateResponse(exchange.first()));
      assertThat(proof).isNotNull();
      byte[] invented = ("v=" + Base64.getEncoder().encodeToString(new byte[32])).getBytes(UTF_8);
      assertThatThrownBy(() -> exchange.next(invented))
          .isInstanceOf(LoginFailure.class)
          .hasMessageContaining("SCRAM-SHA-256: Invalid server signature");
      assertThat(exchange.isComplete()).isFalse();
    }
  }

  @Test
  void scramBoundsTheBrokersIterations() throws Exception {
    try (Login login = Logins.of(properties("SCRAM-SHA-256", account(SCRAM_MODULE, "alice")))) {
      LoginExchange exchange = login.begin("broker");
      String nonce = new String(exchange.first(), UTF_8).replaceAll(".*,r=", "");
      byte[] challenge = ("r=" + nonce + "abc,s=QSXCR+Q6sek8bf92,i=2000000000").getBytes(UTF_8);
      assertThatThrownBy(() -> exchange.next(challenge))
          .isInstanceOf(LoginFailure.class)
          .hasMessageContaining("2000000000 iterations");
    }
  }

  @Test
  void bearerTokenByClientCredentialsInJaas() throws Exception {
    Instant now = Instant.now();
    String token = Tokens.of("gateway", now, now.plusSeconds(3600));
    try (FakeHttp endpoint = new FakeHttp(asked -> Answer.ok(Tokens.answer(token)));
        Login login =
            Logins.of(
                properties(
                    "OAUTHBEARER",
                    OAUTH_MODULE + " required clientId=\"me\" clientSecret=\"" + SECRET + "\";",
                    "sasl.oauthbearer.token.endpoint.url",
                    endpoint.url() + "/token"))) {
      assertThat(Brokers.talk(login.begin("broker"), Brokers.bearer())).isEqualTo("gateway");
      assertThat(Brokers.talk(login.begin("broker"), Brokers.bearer())).isEqualTo("gateway");
      assertThat(endpoint.asked()).hasSize(1);
      FakeHttp.Asked asked = endpoint.asked().getFirst();
      assertThat(asked.body()).contains("grant_type=client_credentials");
      assertThat(
              new String(
                  Base64.getDecoder().decode(asked.header("authorization").substring(6)), UTF_8))
          .isEqualTo("me:" + SECRET);
    }
  }

  @Test
  void bearerTokenByClientCredentialsInPropertiesWithTheHandlerOfKafka3() throws Exception {
    Instant now = Instant.now();
    try (FakeHttp endpoint =
        new FakeHttp(
            asked -> Answer.ok(Tokens.answer(Tokens.of("gateway", now, now.plusSeconds(3600)))))) {
      Map<String, String> properties =
          properties(
              "OAUTHBEARER",
              "",
              "sasl.oauthbearer.token.endpoint.url",
              endpoint.url() + "/other",
              "sasl.oauthbearer.client.credentials.client.id",
              "me",
              "sasl.oauthbearer.client.credentials.client.secret",
              SECRET,
              "sasl.oauthbearer.scope",
              "kafka",
              "sasl.login.callback.handler.class",
              "org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler");
      properties.remove("sasl.jaas.config");
      try (Login login = Logins.of(properties)) {
        assertThat(Brokers.talk(login.begin("broker"), Brokers.bearer())).isEqualTo("gateway");
        assertThat(endpoint.asked().getFirst().body()).contains("scope=kafka");
      }
    }
  }

  @Test
  void bearerTokensAreRenewedAheadOfTheirEnd() throws Exception {
    try (FakeHttp endpoint =
            new FakeHttp(asked -> {
              Instant now = Instant.now();
              return Answer.ok(Tokens.answer(Tokens.of("gateway", now, now.plusSeconds(3))));
            });
        Login login =
            Logins.of(
                properties(
                    "OAUTHBEARER",
                    OAUTH_MODULE + " required clientId=\"me\" clientSecret=\"x\";",
                    "sasl.oauthbearer.token.endpoint.url",
                    endpoint.url(),
                    "sasl.login.refresh.window.factor",
                    "0.5",
                    "sasl.login.refresh.min.period.seconds",
                    "0",
                    "sasl.login.refresh.buffer.seconds",
                    "0"))) {
      login.begin("broker").close();
      assertThat(endpoint.asked()).hasSize(1);
      // Kafka's thread renews the token without an exchange.
      await().atMost(Duration.ofSeconds(20)).until(() -> endpoint.asked().size() >= 2);
      assertThat(Brokers.talk(login.begin("broker"), Brokers.bearer())).isEqualTo("gateway");
    }
  }

  @Test
  void aProviderThatIsDownAtFirstIsAskedAgain() throws Exception {
    Instant now = Instant.now();
    try (FakeHttp endpoint = new FakeHttp(asked -> new Answer(401, "{\"error\":\"no_entry\"}"));
        Login login =
            Logins.of(
                properties(
                    "OAUTHBEARER",
                    OAUTH_MODULE + " required clientId=\"me\" clientSecret=\"" + SECRET + "\";",
                    "sasl.oauthbearer.token.endpoint.url",
                    endpoint.url()))) {
      assertThatThrownBy(() -> login.begin("broker"))
          .isInstanceOf(LoginFailure.class)
          .hasMessageStartingWith("OAUTHBEARER: the login failed: ")
          .hasMessageContaining("401")
          .hasMessageNotContaining(SECRET);
      int asked = endpoint.asked().size();
      // Many connections cause few requests.
      for (int i = 0; i < 10; i++) {
        assertThatThrownBy(() -> login.begin("broker")).isInstanceOf(LoginFailure.class);
      }
      assertThat(endpoint.asked()).hasSizeLessThanOrEqualTo(asked + 1);
      endpoint.answer(
          any -> Answer.ok(Tokens.answer(Tokens.of("gateway", now, now.plusSeconds(3600)))));
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptionsInstanceOf(LoginFailure.class)
          .until(() -> Brokers.talk(login.begin("broker"), Brokers.bearer()).equals("gateway"));
    }
  }

  @Test
  void bearerTokenFromAFile(@TempDir Path folder) throws Exception {
    Instant now = Instant.now();
    Path file =
        Files.writeString(folder.resolve("token"), Tokens.of("filed", now, now.plusSeconds(3600)));
    Map<String, String> properties =
        properties(
            "OAUTHBEARER",
            OAUTH_MODULE + " required;",
            "sasl.oauthbearer.token.endpoint.url",
            file.toUri().toString());
    try (Login login = Logins.of(properties)) {
      assertThat(Brokers.talk(login.begin("broker"), Brokers.bearer())).isEqualTo("filed");
    }
  }

  @Test
  void unsecuredTokensForDevelopment() throws Exception {
    Map<String, String> properties =
        properties(
            "OAUTHBEARER", OAUTH_MODULE + " required unsecuredLoginStringClaim_sub=\"dev\";");
    try (Login login = Logins.of(properties)) {
      assertThat(Brokers.talk(login.begin("broker"), Brokers.bearer())).isEqualTo("dev");
    }
  }

  /** A callback handler of a user's class path. */
  public static final class OwnHandler implements AuthenticateCallbackHandler {

    private String name = "";

    @Override
    public void configure(
        Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {
      name = configs.get("sasl.own.name") + "@" + mechanism;
    }

    @Override
    public void handle(Callback[] callbacks) {
      for (Callback callback : callbacks) {
        switch (callback) {
          case NameCallback asked -> asked.setName(name);
          case PasswordCallback asked -> asked.setPassword(SECRET.toCharArray());
          default -> throw new AssertionError(callback);
        }
      }
    }

    @Override
    public void close() {}
  }

  @Test
  void handlerOnTheClassPath() throws Exception {
    Map<String, String> properties =
        properties(
            "PLAIN",
            PLAIN_MODULE + " required;",
            "sasl.client.callback.handler.class",
            OwnHandler.class.getName(),
            "sasl.own.name",
            "bob");
    try (Login login = Logins.of(properties)) {
      assertThat(Brokers.talk(login.begin("broker"), Brokers.plain("bob@PLAIN", SECRET)))
          .isEqualTo("bob@PLAIN");
    }
  }

  /** An identity provider's own retriever of tokens. */
  public static final class OwnTokens implements AuthenticateCallbackHandler {

    @Override
    public void configure(
        Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {}

    @Override
    public void handle(Callback[] callbacks) {
      Instant now = Instant.now();
      for (Callback callback : callbacks) {
        if (callback instanceof OAuthBearerTokenCallback asked) {
          asked.token(
              new BasicOAuthBearerToken(
                  Tokens.of("own", now, now.plusSeconds(3600)),
                  Set.of(),
                  now.plusSeconds(3600).toEpochMilli(),
                  "own",
                  now.toEpochMilli()));
        }
      }
    }

    @Override
    public void close() {}
  }

  /** A login class derived from Kafka's. */
  public static final class OwnLogin extends DefaultLogin {

    private static final AtomicInteger CLOSED = new AtomicInteger();

    @Override
    public void close() {
      CLOSED.incrementAndGet();
      super.close();
    }
  }

  @Test
  void loginHandlerOnTheClassPath() throws Exception {
    Map<String, String> properties =
        properties(
            "OAUTHBEARER",
            OAUTH_MODULE + " required;",
            "sasl.login.callback.handler.class",
            OwnTokens.class.getName());
    try (Login login = Logins.of(properties)) {
      assertThat(Brokers.talk(login.begin("broker"), Brokers.bearer())).isEqualTo("own");
    }
  }

  @Test
  void loginOnTheClassPath() throws Exception {
    Map<String, String> properties =
        properties(
            "PLAIN", account(PLAIN_MODULE, "alice"), "sasl.login.class", OwnLogin.class.getName());
    try (Login login = Logins.of(properties)) {
      assertThat(Brokers.talk(login.begin("broker"), Brokers.plain("alice", SECRET)))
          .isEqualTo("alice");
    }
    assertThat(OwnLogin.CLOSED).hasValue(1);
  }

  @Test
  void aClosedAccountBeginsNothing() throws Exception {
    Login login = Logins.of(properties("PLAIN", account(PLAIN_MODULE, "alice")));
    login.begin("broker").close();
    login.close();
    login.close();
    assertThatThrownBy(() -> login.begin("broker"))
        .isInstanceOf(LoginFailure.class)
        .hasMessageContaining("closed");
  }

  static Stream<List<Object>> contradictions() {
    String plain = account(PLAIN_MODULE, "alice");
    String bearer = OAUTH_MODULE + " required;";
    String kerberos = "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true;";
    return Stream.of(
        List.of(properties("PLAIN", plain, "security.protocol", "SSL"), "security.protocol is SSL"),
        List.of(
            properties("PLAIN", plain, "sasl.mechanisms", "PLAIN"),
            "Unknown property sasl.mechanisms, did you mean sasl.mechanism?"),
        List.of(
            properties("SCRAM-SHA-256", plain),
            "sasl.mechanism is SCRAM-SHA-256; that module is for PLAIN"),
        List.of(properties("SCRAM-SHA256", plain), "sasl.mechanism is SCRAM-SHA256"),
        List.of(properties("PLAIN", plain.replace(";", "")), "sasl.jaas.config: "),
        List.of(properties("PLAIN", PLAIN_MODULE + " required username=x;"), "no password="),
        List.of(properties("PLAIN", "no.such.Module required;"), "no login module no.such.Module"),
        List.of(
            properties("PLAIN", plain, "sasl.login.class", "no.such.Login"), "sasl.login.class"),
        List.of(
            properties("PLAIN", plain, "sasl.login.refresh.window.factor", "nine"),
            "sasl.login.refresh.window.factor"),
        List.of(properties("GSSAPI", kerberos), "sasl.kerberos.service.name is missing"),
        List.of(
            properties(
                "GSSAPI",
                kerberos.replace(";", " serviceName=a;"),
                "sasl.kerberos.service.name",
                "b"),
            "sasl.kerberos.service.name is b, but sasl.jaas.config says serviceName=a"),
        List.of(
            properties(
                "OAUTHBEARER", bearer, "sasl.oauthbearer.client.credentials.client.id", "me"),
            "sasl.oauthbearer.token.endpoint.url is missing"),
        List.of(
            properties("OAUTHBEARER", bearer, "sasl.oauthbearer.token.endpoint.url", "not a url"),
            "sasl.oauthbearer.token.endpoint.url is no URL"),
        List.of(
            properties(
                "AWS_MSK_IAM",
                "software.amazon.msk.auth.iam.IAMLoginModule required;",
                "sasl.client.callback.handler.class",
                "com.example.Handler"),
            "sasl.client.callback.handler.class is com.example.Handler"));
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  @SuppressWarnings("unchecked") // one list contains the properties and the text
  void namesWhatIsWrong(List<Object> given) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Logins.of((Map<String, String>) given.get(0)))
        .withMessageContaining((String) given.get(1))
        .withMessageNotContaining(SECRET);
  }

  @Test
  void aPasswordWithABrokenQuoteIsNotShown() {
    String broken = PLAIN_MODULE + " required username=\"a\" password=\"x\"topsecret\";";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Logins.of(properties("PLAIN", broken)))
        .withMessageNotContaining("topsecret")
        .withMessageContaining("sasl.jaas.config: ")
        .withNoCause();
  }

  @Test
  void theDefaultMechanismIsThatOfAJavaClient() {
    Map<String, String> properties = properties("PLAIN", account(PLAIN_MODULE, "alice"));
    properties.remove("sasl.mechanism");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Logins.of(properties))
        .withMessageContaining("sasl.mechanism is not set and thus GSSAPI");
  }
}
