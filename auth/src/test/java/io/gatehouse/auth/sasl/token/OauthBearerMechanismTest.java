package io.gatehouse.auth.sasl.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.Clients;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.security.auth.callback.Callback;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.auth.SaslExtensions;
import org.apache.kafka.common.security.auth.SaslExtensionsCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;
import org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerSaslClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OauthBearerMechanismTest {

  private static final Instant EXPIRES = Instant.parse("2026-11-21T13:00:00Z");
  private static final String INVALID = "{\"status\":\"invalid_token\"}";

  private final OauthBearerMechanism bearer =
      new OauthBearerMechanism(OauthBearerMechanismTest::verify);

  private static VerifiedToken verify(String token) throws SaslFailure {
    return switch (token) {
      case "good.token-_~+/=" ->
          new VerifiedToken(
              User.named("alice"), Set.of(), Set.of("ops"), EXPIRES, Map.of("azp", "client"));
      case "outage" -> throw new SaslFailure(Reason.UNAVAILABLE, "nobody there");
      default -> throw new SaslFailure(Reason.EXPIRED, "too late");
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "n,,\u0001auth=Bearer good.token-_~+/=\u0001\u0001",
        "n,a=alice,\u0001auth=bearer  good.token-_~+/=\u0001\u0001",
        "y,,\u0001host=h\u0001port=9092\u0001auth=BEARER good.token-_~+/=\u0001x=\u0001\u0001"
      })
  void acceptsValidCredentials(String message) throws Exception {
    SaslExchange exchange = bearer.begin(Clients.local());
    assertThat(exchange.next(message.getBytes(UTF_8))).isEmpty();
    assertThat(exchange.outcome())
        .isEqualTo(
            new SaslExchange.Outcome(
                new Principal(
                    User.named("alice"), "OAUTHBEARER", Map.of("azp", "client"), Set.of("ops")),
                EXPIRES));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "n,,",
        "n,,\u0001",
        "n,,\u0001\u0001",
        "n,,\u0001auth=Bearer good\u0001",
        "n,,\u0001auth=Bearer good",
        "n,,auth=Bearer good\u0001\u0001",
        "n,,\u0001auth=Basic good\u0001\u0001",
        "n,,\u0001auth=Bearer\u0001\u0001",
        "n,,\u0001auth=Bearer a b\u0001\u0001",
        "n,,\u0001auth=Bearer a\nb\u0001\u0001",
        "n,,\u0001auth=Bearer a\u0001auth=Bearer b\u0001\u0001",
        "n,,\u0001host=h\u0001\u0001",
        "n,,\u0001junk\u0001auth=Bearer good\u0001\u0001",
        "p=tls-unique,,\u0001auth=Bearer good\u0001\u0001",
        "x,,\u0001auth=Bearer good\u0001\u0001",
        "n,b=alice,\u0001auth=Bearer good\u0001\u0001",
        "\u0000alice\u0000secret"
      })
  void refusesInvalidMessages(String message) {
    SaslExchange exchange = bearer.begin(Clients.local());
    Clients.refused(Reason.MALFORMED, () -> exchange.next(message.getBytes(UTF_8)));
    assertThat(exchange.outcome()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0001", "", "anything"})
  void aBadTokenIsChallengedAndThenRefused(String last) throws Exception {
    SaslExchange exchange = bearer.begin(Clients.local());
    byte[] challenge = exchange.next("n,,\u0001auth=Bearer old\u0001\u0001".getBytes(UTF_8));
    assertThat(new String(challenge, UTF_8)).isEqualTo(INVALID);
    assertThat(exchange.outcome()).isNull();
    SaslFailure failure =
        Clients.refused(Reason.EXPIRED, () -> exchange.next(last.getBytes(UTF_8)));
    assertThat(failure).hasMessage("too late");
    assertThat(exchange.outcome()).isNull();
  }

  @Test
  void otherAuthorizationIdsAreRefused() throws Exception {
    SaslExchange exchange = bearer.begin(Clients.local());
    exchange.next("n,a=bob,\u0001auth=Bearer good.token-_~+/=\u0001\u0001".getBytes(UTF_8));
    assertThat(exchange.outcome()).isNull();
    Clients.refused(Reason.BAD_CREDENTIALS, () -> exchange.next(new byte[] {1}));
  }

  @Test
  void anOutageIsReportedAtOnce() {
    SaslExchange exchange = bearer.begin(Clients.local());
    Clients.refused(
        Reason.UNAVAILABLE,
        () -> exchange.next("n,,\u0001auth=Bearer outage\u0001\u0001".getBytes(UTF_8)));
  }

  @Test
  void overlongMessagesAreRefused() {
    SaslExchange exchange = bearer.begin(Clients.local());
    Clients.refused(Reason.MALFORMED, () -> exchange.next(new byte[100_000]));
  }

  @Test
  void kafkasClientIsLetIn() throws Exception {
    OAuthBearerSaslClient client = client("good.token-_");
    OauthBearerMechanism any =
        new OauthBearerMechanism(
            token -> new VerifiedToken(User.named(token), Set.of(), EXPIRES, Map.of()));
    SaslExchange exchange = any.begin(Clients.local());
    byte[] answer = exchange.next(client.evaluateChallenge(new byte[0]));
    client.evaluateChallenge(answer);
    assertThat(client.isComplete()).isTrue();
    assertThat(exchange.outcome())
        .isEqualTo(new SaslExchange.Outcome(new Principal("good.token-_", "OAUTHBEARER"), EXPIRES));
  }

  @Test
  void kafkasClientUnderstandsTheRefusal() throws Exception {
    OAuthBearerSaslClient client = client("old");
    SaslExchange exchange = bearer.begin(Clients.local());
    byte[] answer = exchange.next(client.evaluateChallenge(new byte[0]));
    byte[] last = client.evaluateChallenge(answer);
    assertThat(last).containsExactly(1);
    assertThat(client.isComplete()).isFalse();
    Clients.refused(Reason.EXPIRED, () -> exchange.next(last));
  }

  private static OAuthBearerSaslClient client(String token) {
    return new OAuthBearerSaslClient(
        new AuthenticateCallbackHandler() {
          @Override
          public void configure(
              Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> jaas) {}

          @Override
          public void handle(Callback[] callbacks) {
            for (Callback callback : callbacks) {
              switch (callback) {
                case OAuthBearerTokenCallback wanted -> wanted.token(new Token(token));
                case SaslExtensionsCallback wanted ->
                    wanted.extensions(new SaslExtensions(Map.of("logicalCluster", "lkc-1")));
                default -> throw new IllegalArgumentException(callback.toString());
              }
            }
          }

          @Override
          public void close() {}
        });
  }

  private record Token(String value) implements OAuthBearerToken {

    @Override
    public Set<String> scope() {
      return Set.of();
    }

    @Override
    public long lifetimeMs() {
      return EXPIRES.toEpochMilli();
    }

    @Override
    public String principalName() {
      return "whoever";
    }

    @Override
    public Long startTimeMs() {
      return 0L;
    }
  }
}
