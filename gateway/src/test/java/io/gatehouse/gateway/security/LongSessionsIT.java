package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.auth.sasl.password.FixedUsers;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.auth.sasl.scram.ScramMechanism;
import io.gatehouse.auth.sasl.token.JwksSettings;
import io.gatehouse.auth.sasl.token.JwksVerifier;
import io.gatehouse.auth.sasl.token.OauthBearerMechanism;
import io.gatehouse.auth.sasl.token.TokenRules;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.JavaClients;
import io.gatehouse.gateway.fixture.Ledger;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.LongSession;
import io.gatehouse.testkit.LongSession.Client;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Short sessions of librdkafka (KIP-368): a release that re-authenticates keeps its connections, an
 * older one reconnects; neither loses a record.
 */
class LongSessionsIT {

  private static final String ALICE = "alice";
  private static final String SECRET = "alice-secret";

  /** The first login, and this many re-authentications. */
  private static final int LOGINS = 4;

  /** Two logins on each of three rounds of connections. */
  private static final int LOGINS_OF_OLD = 6;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "OAUTHBEARER"})
  void aReleaseThatReauthenticatesKeepsItsConnections(String mechanism) throws Exception {
    try (SecuredGateway secured = secured(Duration.ofSeconds(4))) {
      String topic = Secured.topic("sessions");
      LongSession session =
          LongSession.run(
              Client.LIBRDKAFKA_2_15, folder, properties(secured, mechanism, true), topic, LOGINS);
      assertThat(session.logins()).as(session.output()).isGreaterThanOrEqualTo(LOGINS);
      assertThat(session.disconnects()).as(session.output()).isZero();
      // Bootstrap and broker; the client may skip the bootstrap once it knows the broker.
      assertThat(session.connects()).as(session.output()).isBetween(1, 2);
      assertThat(secured.authentications("x", mechanism, "success")).isGreaterThanOrEqualTo(LOGINS);
      assertThat(secured.figures().ends(CloseReason.AUTHENTICATION_EXPIRED)).isZero();
      compare(secured, topic, session);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "OAUTHBEARER"})
  void anOlderReleaseIsDisconnectedAndReconnects(String mechanism) throws Exception {
    try (SecuredGateway secured = secured(Duration.ofSeconds(2))) {
      String topic = Secured.topic("sessions");
      LongSession session =
          LongSession.run(
              Client.LIBRDKAFKA_2_0,
              folder,
              properties(secured, mechanism, false),
              topic,
              LOGINS_OF_OLD);
      assertThat(session.logins()).as(session.output()).isGreaterThanOrEqualTo(LOGINS_OF_OLD);
      assertThat(session.disconnects()).as(session.output()).isGreaterThanOrEqualTo(3);
      assertThat(secured.authentications("x", mechanism, "success"))
          .isGreaterThanOrEqualTo(LOGINS_OF_OLD);
      assertThat(secured.figures().ends(CloseReason.AUTHENTICATION_EXPIRED))
          .as(session.output())
          .isGreaterThanOrEqualTo(3);
      compare(secured, topic, session);
    }
  }

  private static SecuredGateway secured(Duration session) throws Exception {
    SaslMechanism plain = new PlainMechanism(new FixedUsers(Map.of(ALICE, new Secret(SECRET))));
    Authentication sasl =
        FixedSource.sasl(
            List.of(
                plain,
                scram(ScramHash.SHA_256),
                new OauthBearerMechanism(
                    new JwksVerifier(
                        JwksSettings.of(URI.create(Secured.idp().jwksUrl())),
                        TokenRules.of(Secured.idp().issuer(), Set.of("kafka"))))),
            session);
    return SecuredGateway.of(Secured.cluster().bootstrapServers("TLS"))
        .access(Access.PLAINTEXT.with(Secured.brokerTls()))
        .listener("x", Entry.OPEN.with(Secured.listenerTls()).with(sasl))
        .listener("open", Entry.OPEN)
        .start();
  }

  private static ScramMechanism scram(ScramHash hash) {
    ScramCredential credential = ScramCredential.of(hash, SECRET, 4096);
    return new ScramMechanism(hash, (_, name) -> name.equals(ALICE) ? credential : null);
  }

  private String properties(SecuredGateway secured, String mechanism, boolean fetchesTokens)
      throws Exception {
    Path trusted = Files.writeString(folder.resolve("trusted.crt"), Secured.CA.pem());
    String login =
        !mechanism.equals("OAUTHBEARER")
            ? "sasl.username=%s\nsasl.password=%s\n".formatted(ALICE, SECRET)
            : (fetchesTokens
                    ? """
                    sasl.oauthbearer.method=oidc
                    sasl.oauthbearer.token.endpoint.url=%s
                    sasl.oauthbearer.client.id=%s
                    sasl.oauthbearer.client.secret=%s
                    """
                    : """
                    token.url=%s
                    token.client=%s
                    token.secret=%s
                    """)
                .formatted(Secured.idp().tokenUrl(), "oauth-client", "secret");
    return """
    bootstrap.servers=%s
    security.protocol=SASL_SSL
    ssl.ca.location=%s
    enable.idempotence=true
    linger.ms=2
    reconnect.backoff.ms=20
    sasl.mechanism=%s
    """
            .formatted(secured.bootstrap("x"), trusted, mechanism)
        + login;
  }

  /** Each record is in the topic once, in order. */
  private static void compare(SecuredGateway secured, String topic, LongSession session) {
    assertThat(session.delivered()).as(session.output()).isEqualTo(session.sent());
    JavaClients clients = new JavaClients(HostPort.parse(secured.bootstrap("open")));
    try (KafkaConsumer<String, String> reader = clients.consumer(Map.of())) {
      assertThat(Ledger.readAll(reader, topic).stream().map(ConsumerRecord::value).toList())
          .as(session.output())
          .isEqualTo(IntStream.range(0, session.sent()).mapToObj(String::valueOf).toList());
    }
  }
}
