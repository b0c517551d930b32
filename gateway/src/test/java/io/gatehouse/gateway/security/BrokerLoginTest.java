package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.login.kafka.Logins;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.tree.Struct;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gateway re-authenticates on a connection that a client uses (KIP-368). */
class BrokerLoginTest {

  private static final String X = "x";

  /**
   * Session lifetime; re-authentication is due after 1.2 s: at least half of it, and 1 s before its
   * end.
   */
  private static final long SESSION_MILLIS = 2_200;

  /** Timeout of a login. */
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private RawBroker broker;
  private Echo cluster;
  private SecuredGateway secured;

  @BeforeEach
  void start() throws Exception {
    broker = RawBroker.start();
    cluster = new Echo(broker.address());
    Access access =
        Access.PLAINTEXT.with(
            new Accounts(
                null,
                Map.of(User.named("alice"), Logins.password("PLAIN", "a", new Secret("s"))),
                true));
    Entry entry =
        Entry.OPEN.with(
            FixedSource.sasl(
                List.of(
                    new PlainMechanism((user, password, peer) ->
                        new SaslExchange.Outcome(new Principal(user, "PLAIN"), null))),
                Duration.ZERO));
    secured =
        SecuredGateway.of(cluster.asked())
            .setup(new Setup().connectTimeout(TIMEOUT))
            .access(access)
            .listener(X, entry)
            .start();
    FakeCluster.awaitKnown(secured.gateway());
  }

  @AfterEach
  void stop() throws Exception {
    secured.close();
    cluster.close();
    broker.close();
  }

  private RawClient alice() throws Exception {
    RawClient client = RawClient.connect("127.0.0.1", secured.brokerPort(X));
    assertThat(RawSasl.plain(client, "alice", "any")).isZero();
    return client;
  }

  private static byte[] request(int correlationId) {
    return Frames.request(Frames.UNKNOWN, 0, correlationId, new byte[] {1});
  }

  private static byte[] answer(int correlationId) {
    return Frames.response(correlationId, new byte[] {2});
  }

  /** Answers a request of a login. */
  private static void answerLogin(RawClient link, int api, byte[] request) throws Exception {
    assertThat(Frames.apiKey(request)).isEqualTo(api);
    Struct body = Frames.newResponse(api, 1);
    if (api == RawSasl.AUTHENTICATE) {
      body.set("SessionLifetimeMs", SESSION_MILLIS);
    }
    link.sendFrame(Frames.response(api, 1, Frames.requestCorrelationId(request), body));
  }

  private static void accept(RawClient link, byte[] handshake) throws Exception {
    answerLogin(link, RawSasl.HANDSHAKE, handshake);
    answerLogin(link, RawSasl.AUTHENTICATE, link.readFrame(Rig.LIMIT));
  }

  /** A Fetch or JoinGroup may take minutes, and brokers answer in order. */
  @Test
  void reauthenticationWaitsForResponsesToEarlierRequests() throws Exception {
    try (RawClient client = alice()) {
      client.sendFrame(request(1));
      RawClient link = broker.accept();
      accept(link, link.readFrame(Rig.LIMIT));
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(1));
      byte[] handshake = link.readFrame(Rig.LIMIT);

      client.expectSilence(TIMEOUT.multipliedBy(3));

      link.sendFrame(answer(1));
      assertThat(client.readFrame(Rig.LIMIT)).isEqualTo(answer(1));
      client.sendFrame(request(2));
      accept(link, handshake);
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(2));
      link.sendFrame(answer(2));
      assertThat(client.readFrame(Rig.LIMIT)).isEqualTo(answer(2));
    }
  }

  @Test
  void aReauthenticationTimeoutClosesTheConnection() throws Exception {
    try (RawClient client = alice()) {
      client.sendFrame(request(1));
      RawClient link = broker.accept();
      accept(link, link.readFrame(Rig.LIMIT));
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(1));
      var _ = link.readFrame(Rig.LIMIT);
      link.sendFrame(answer(1));
      assertThat(client.readFrame(Rig.LIMIT)).isEqualTo(answer(1));

      client.expectClosed(Rig.LIMIT);
      secured.awaitEnds(CloseReason.BROKER_LOGIN_FAILED, 1);
    }
  }
}
