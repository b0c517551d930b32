package io.gatehouse.gateway.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.kafka.Logins;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.ApplyResult;
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
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.tree.Struct;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The gateway logs in at brokers with a client's account, re-authenticates while the client uses
 * the connection (KIP-368), and uses other accounts after a reload.
 */
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
    Access access = access(account("a"));
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

  private static Access access(Map<User, Source<Login>> accounts) {
    return Access.PLAINTEXT.with(new Accounts(null, accounts, false));
  }

  /** Alice's account at the brokers. */
  private static Map<User, Source<Login>> account(String name) {
    return Map.of(User.named("alice"), Logins.password("PLAIN", name, new Secret("s")));
  }

  private ApplyResult apply(Map<User, Source<Login>> accounts) throws Exception {
    GatewaySettings before = secured.gateway().settings();
    return secured
        .gateway()
        .apply(
            new GatewaySettings(
                Map.of(Entry.MAIN, before.upstream().with(access(accounts))),
                before.listeners(),
                before.traffic(),
                before.drain()));
  }

  private RawClient connect() throws Exception {
    return RawClient.connect("127.0.0.1", secured.brokerPort(X));
  }

  private RawClient alice() throws Exception {
    RawClient client = connect();
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

  /** Sends a request and answers it, after a login with this name. */
  private void exchangeAs(String account, RawClient client) throws Exception {
    client.sendFrame(request(1));
    RawClient link = broker.accept();
    answerLogin(link, RawSasl.HANDSHAKE, link.readFrame(Rig.LIMIT));
    byte[] login = link.readFrame(Rig.LIMIT);
    assertThat(new String(login, UTF_8)).contains("\0" + account + "\0s");
    answerLogin(link, RawSasl.AUTHENTICATE, login);
    assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(1));
    link.sendFrame(answer(1));
    assertThat(client.readFrame(Rig.LIMIT)).isEqualTo(answer(1));
  }

  private static void accept(RawClient link, byte[] handshake) throws Exception {
    answerLogin(link, RawSasl.HANDSHAKE, handshake);
    answerLogin(link, RawSasl.AUTHENTICATE, link.readFrame(Rig.LIMIT));
  }

  @Test
  void aReloadChangesAClientsAccount() throws Exception {
    try (RawClient before = alice()) {
      exchangeAs("a", before);

      ApplyResult applied = apply(account("b"));

      assertThat(applied.changes())
          .containsExactly("cluster main has changed: access.accounts.byUser");
      before.expectClosed(Rig.LIMIT);
      secured.awaitEnds(CloseReason.DRAINED, 1);
      try (RawClient after = alice()) {
        exchangeAs("b", after);
      }
    }
  }

  @Test
  void aReloadRemovesAndAddsAClientsAccount() throws Exception {
    try (RawClient before = alice()) {
      exchangeAs("a", before);

      apply(Map.of());

      before.expectClosed(Rig.LIMIT);
      try (RawClient refused = connect()) {
        assertThat(RawSasl.plain(refused, "alice", "any"))
            .isEqualTo(ErrorCode.SASL_AUTHENTICATION_FAILED.number());
      }
      apply(account("a"));
      try (RawClient after = alice()) {
        exchangeAs("a", after);
      }
    }
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
