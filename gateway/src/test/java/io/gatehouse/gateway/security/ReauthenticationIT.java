package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.aws.AwsAccount;
import io.gatehouse.auth.login.aws.AwsKeys;
import io.gatehouse.auth.login.aws.MskIam;
import io.gatehouse.auth.login.kafka.Logins;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.auth.sasl.password.FixedUsers;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.auth.sasl.scram.ScramMechanism;
import io.gatehouse.auth.sasl.token.JwksSettings;
import io.gatehouse.auth.sasl.token.JwksVerifier;
import io.gatehouse.auth.sasl.token.OauthBearerMechanism;
import io.gatehouse.auth.sasl.token.ServiceAccountTokens;
import io.gatehouse.auth.sasl.token.TokenRules;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.JavaClients;
import io.gatehouse.gateway.fixture.Ledger;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.SeenPrincipal;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToIntFunction;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.Test;

/** Sessions that are shorter than connections (KIP-368), on both sides, lose no records. */
class ReauthenticationIT {

  private static final Duration SESSION = Duration.ofSeconds(2);
  private static final Duration LIMIT = Duration.ofSeconds(40);

  private static Authentication sasl(Duration most, SaslMechanism... mechanisms) {
    return FixedSource.sasl(List.of(mechanisms), most);
  }

  private static PlainMechanism plain() {
    return new PlainMechanism(
        new FixedUsers(
            Map.of("alice", new Secret("alice-secret"), "bob", new Secret("bob-secret"))));
  }

  private static OauthBearerMechanism oauth() {
    return new OauthBearerMechanism(
        new JwksVerifier(
            JwksSettings.of(URI.create(Secured.idp().jwksUrl())),
            TokenRules.of(Secured.idp().issuer(), Set.of("kafka"))));
  }

  private static Access as(String user, String password) {
    return Access.PLAINTEXT.with(Accounts.of(Logins.password("PLAIN", user, new Secret(password))));
  }

  /** Clients' work through a gateway, which continues until enough authentications were counted. */
  private record Work(
      SecuredGateway.Builder builder,
      String protocol,
      Map<String, Object> login,
      ToIntFunction<SecuredGateway> times) {

    /**
     * Produces and consumes until this many authentications were counted. No record may be lost and
     * no connection may close meanwhile. Sessions are so short that a client without CPU time can
     * miss their end; then the test is repeated, at most twice.
     */
    void untilAuthenticated(int enough) throws Exception {
      List<String> ends = List.of();
      for (int attempt = 0; attempt < 3; attempt++) {
        Secured.cluster().forgetPrincipals();
        try (SecuredGateway secured = builder.start()) {
          ends = run(secured, enough);
        }
        if (ends.isEmpty()) {
          return;
        }
      }
      assertThat(ends).as("connections that ended, three times").isEmpty();
    }

    private List<String> run(SecuredGateway secured, int enough) throws Exception {
      String topic = Secured.topic("reauth");
      Map<String, Object> properties = Secured.client(secured.bootstrap("x"), protocol, login);
      JavaClients clients = new JavaClients(HostPort.parse(secured.bootstrap("x")));
      AtomicBoolean enoughRead = new AtomicBoolean();
      Task<Integer> reading =
          Task.call(() -> {
            try (KafkaConsumer<String, String> polling =
                clients.consumer(with(properties, topic))) {
              polling.subscribe(List.of(topic));
              int read = 0;
              while (!enoughRead.get()) {
                read += polling.poll(Duration.ofMillis(100)).count();
              }
              return read;
            }
          });
      Ledger ledger = Ledger.openSlow(topic, clients.producer(properties));
      List<String> ends;
      try {
        ledger.awaitMore(5);
        Await.within(
            LIMIT,
            () -> times.applyAsInt(secured) + " of " + enough,
            () -> times.applyAsInt(secured) >= enough);
        ledger.awaitMore(5);
        ends =
            Arrays.stream(CloseReason.values())
                // Clients close connections that they no longer need.
                .filter(reason ->
                    reason.side() != CloseReason.Side.CLIENT || reason.name().startsWith("AUTH"))
                .filter(reason -> secured.figures().ends(reason) > 0)
                .map(Enum::name)
                .toList();
      } finally {
        enoughRead.set(true);
      }
      assertThat(reading.join()).as("records read meanwhile").isPositive();
      try (KafkaConsumer<String, String> reader = clients.consumer(properties)) {
        ledger.closeAndCompare(reader);
      }
      return ends;
    }
  }

  private static Map<String, Object> with(Map<String, Object> properties, String group) {
    Map<String, Object> all = new HashMap<>(properties);
    all.put("group.id", group);
    return all;
  }

  // ---- clients ----------------------------------------------------------------------------------

  @Test
  void aClientWithTokensReauthenticatesWhileItProduces() throws Exception {
    SecuredGateway.Builder builder =
        SecuredGateway.of(Secured.cluster().bootstrapServers("TLS"))
            .access(Access.PLAINTEXT.with(Secured.brokerTls()))
            .listener("x", Entry.OPEN.with(Secured.listenerTls()).with(sasl(SESSION, oauth())));
    new Work(
            builder,
            "SASL_SSL",
            AuthenticationProperties.clientCredentials(Secured.idp(), "oauth-client", "secret"),
            secured -> secured.authentications("x", "OAUTHBEARER", "success"))
        .untilAuthenticated(16);
  }

  @Test
  void theSessionEndsWithTheToken() throws Exception {
    try (SecuredGateway secured =
            SecuredGateway.of(Secured.cluster().bootstrapServers())
                .listener("x", Entry.OPEN.with(sasl(Duration.ZERO, oauth())))
                .start();
        RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
      String token = Secured.idp().token("alice").validFor(Duration.ofSeconds(100)).sign();
      assertThat(RawSasl.handshake(client, "OAUTHBEARER")).isZero();
      var answer =
          RawSasl.token(
              client,
              ("n,,\1auth=Bearer " + token + "\1\1")
                  .getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertThat(answer.getInt("ErrorCode")).isZero();
      assertThat(answer.getLong("SessionLifetimeMs"))
          .as("the token's time and the skew allowed")
          .isBetween(60_000L, 200_000L);
    }
  }

  @Test
  void theSessionEndsWithAServiceAccountsToken() throws Exception {
    ServiceAccountTokens tokens =
        new ServiceAccountTokens(new Secret("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="));
    try (Echo echo = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .listener("x", Entry.OPEN.with(sasl(Duration.ZERO, new PlainMechanism(tokens))))
                .start();
        RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
      String token = tokens.issue("alice", null, Duration.ofSeconds(100)).token().reveal();
      assertThat(RawSasl.handshake(client, "PLAIN")).isZero();
      var answer = RawSasl.token(client, RawSasl.plainToken("alice", token));
      assertThat(answer.getInt("ErrorCode")).isZero();
      assertThat(answer.getLong("SessionLifetimeMs"))
          .as("the rest of the token's time")
          .isBetween(60_000L, 100_000L);
    }
  }

  @Test
  void aClientThatDoesNotReauthenticateIsClosed() throws Exception {
    try (Echo echo = new Echo();
        LogLines log = LogLines.ofConnections();
        SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .listener("x", Entry.OPEN.with(sasl(Duration.ofMillis(700), plain())))
                .start();
        RawClient client = RawClient.connect("127.0.0.1", secured.port("x"));
        RawClient diligent = RawClient.connect("127.0.0.1", secured.port("x"))) {
      assertThat(RawSasl.handshake(client, "PLAIN")).isZero();
      var answer = RawSasl.token(client, RawSasl.plainToken("alice", "alice-secret"));
      assertThat(answer.getLong("SessionLifetimeMs")).isEqualTo(700);
      assertThat(RawSasl.plain(diligent, "alice", "alice-secret")).isZero();
      Await.until(
          () -> "the session goes on",
          () -> {
            assertThat(RawSasl.plain(diligent, "alice", "alice-secret")).isZero();
            SecuredGateway.exchange(diligent);
            return isOver(client);
          });
      secured.awaitEnds(CloseReason.AUTHENTICATION_EXPIRED, 1);
      log.await("User:alice");
      SecuredGateway.exchange(diligent);
    }
  }

  private static boolean isOver(RawClient client) throws IOException {
    try {
      SecuredGateway.exchange(client);
      return false;
    } catch (EOFException | SocketException e) {
      return true;
    }
  }

  @Test
  void reauthenticationKeepsPrincipalAndMechanism() throws Exception {
    try (Echo echo = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .listener(
                    "x",
                    Entry.OPEN.with(
                        sasl(
                            Duration.ofMinutes(1),
                            plain(),
                            new ScramMechanism(ScramHash.SHA_256, (_, _) -> null))))
                .start()) {
      try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
        assertThat(RawSasl.plain(client, "alice", "alice-secret")).isZero();
        SecuredGateway.exchange(client);
        assertThat(RawSasl.plain(client, "alice", "alice-secret")).as("the same").isZero();
        SecuredGateway.exchange(client);
        assertThat(RawSasl.plain(client, "bob", "bob-secret")).as("another").isEqualTo(58);
        client.expectClosed(Rig.LIMIT);
      }
      try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
        assertThat(RawSasl.plain(client, "alice", "alice-secret")).isZero();
        assertThat(RawSasl.handshake(client, "SCRAM-SHA-256")).isEqualTo(33);
        client.expectClosed(Rig.LIMIT);
      }
      try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
        assertThat(RawSasl.plain(client, "alice", "alice-secret")).isZero();
        assertThat(RawSasl.plain(client, "alice", "wrong")).isEqualTo(58);
        client.expectClosed(Rig.LIMIT);
      }
      secured.awaitEnds(CloseReason.AUTHENTICATION_FAILED, 3);
    }
  }

  // ---- brokers ----------------------------------------------------------------------------------

  private static int seen(String listener) {
    return (int)
        Secured.cluster().principalsSeen().stream()
            .map(SeenPrincipal::listener)
            .filter(listener::equals)
            .count();
  }

  @Test
  void theGatewayReauthenticatesAtBrokersUnderLoad() throws Exception {
    SecuredGateway.Builder builder =
        SecuredGateway.of(Secured.cluster().bootstrapServers("SHORT"))
            .access(as("dora", "dora-secret"))
            .listener("x", Entry.OPEN);
    new Work(builder, "PLAINTEXT", Map.of(), _ -> seen("SHORT")).untilAuthenticated(20);
    assertThat(Secured.cluster().principalsSeen("SHORT")).containsExactly("User:dora");
  }

  @Test
  void bothSidesReauthenticateAtOnce() throws Exception {
    SecuredGateway.Builder builder =
        SecuredGateway.of(Secured.cluster().bootstrapServers("SHORT"))
            .access(as("dora", "dora-secret"))
            .listener("x", Entry.OPEN.with(sasl(SESSION, plain())));
    new Work(
            builder,
            "SASL_PLAINTEXT",
            AuthenticationProperties.plain("alice", "alice-secret"),
            secured -> Math.min(seen("SHORT"), secured.authentications("x", "PLAIN", "success")))
        .untilAuthenticated(20);
  }

  @Test
  void theGatewayReauthenticatesWithIam() throws Exception {
    Access access =
        Access.PLAINTEXT
            .with(Secured.brokerTls())
            .with(
                Accounts.of(
                    new MskIam.Settings(
                        new AwsAccount(
                            "eu-west-1",
                            null,
                            new AwsKeys("AKIDALICE", new Secret("secret"), null),
                            null),
                        false)));
    SecuredGateway.Builder builder =
        SecuredGateway.of(Secured.cluster().bootstrapServers("IAM"))
            .access(access)
            .listener("x", Entry.OPEN);
    new Work(builder, "PLAINTEXT", Map.of(), _ -> seen("IAM")).untilAuthenticated(14);
    assertThat(Secured.cluster().principalsSeen("IAM"))
        .containsExactly("User:arn:aws:iam::1:user/alice");
  }
}
