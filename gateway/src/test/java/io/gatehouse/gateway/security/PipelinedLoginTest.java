package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.password.PasswordVerifier;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.RawClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins pipelined with other requests: responses keep their order whatever the login's result. */
class PipelinedLoginTest {

  private static final String X = "x";

  private static Entry checkedBy(PasswordVerifier verifier) {
    return Entry.OPEN.with(FixedSource.sasl(List.of(new PlainMechanism(verifier)), Duration.ZERO));
  }

  private static byte[] handshake(int correlationId, String mechanism) {
    return Frames.request(
        RawSasl.HANDSHAKE,
        1,
        correlationId,
        Frames.newRequest(RawSasl.HANDSHAKE, 1).set("Mechanism", mechanism));
  }

  private static byte[] token(int correlationId, String password) {
    return Frames.request(
        RawSasl.AUTHENTICATE,
        1,
        correlationId,
        Frames.newRequest(RawSasl.AUTHENTICATE, 1)
            .set("AuthBytes", RawSasl.plainToken("alice", password)));
  }

  private static List<Integer> answers(RawClient client, int count) throws Exception {
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(Frames.responseCorrelationId(client.readFrame(Rig.LIMIT)));
    }
    return ids;
  }

  /** Earlier requests are answered first, then the refusal, then the connection closes. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRefusedReauthenticationIsAnsweredAfterEarlierRequests(boolean wrongPassword)
      throws Exception {
    try (RawBroker broker = RawBroker.start();
        Echo cluster = new Echo(broker.address());
        SecuredGateway secured =
            SecuredGateway.of(cluster.asked())
                .listener(
                    X,
                    checkedBy((user, password, peer) -> {
                      if (!password.reveal().equals("right")) {
                        throw new SaslFailure(SaslFailure.Reason.BAD_CREDENTIALS, "wrong");
                      }
                      return new SaslExchange.Outcome(new Principal(user, "PLAIN"), null);
                    }))
                .start()) {
      FakeCluster.awaitKnown(secured.gateway());
      try (RawClient client = RawClient.connect("127.0.0.1", secured.brokerPort(X))) {
        assertThat(RawSasl.plain(client, "alice", "right")).isZero();
        client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 77, new byte[4]));
        RawClient link = broker.accept();
        var _ = link.readFrame(Rig.LIMIT);
        if (wrongPassword) {
          client.sendFrame(handshake(78, "PLAIN"));
          client.sendFrame(token(79, "wrong"));
        } else {
          client.sendFrame(handshake(78, "SCRAM-SHA-256"));
        }
        Await.until(
            () -> "not refused yet",
            () ->
                wrongPassword
                    ? secured.authentications(X, "PLAIN", "bad_credentials") == 1
                    : secured.authentications(X, "unsupported", "unsupported_mechanism") == 1);
        client.expectSilence(Duration.ofMillis(300));

        link.sendFrame(Frames.response(77, new byte[4]));

        assertThat(answers(client, wrongPassword ? 3 : 2))
            .containsExactlyElementsOf(wrongPassword ? List.of(77, 78, 79) : List.of(77, 78));
        client.expectClosed(Rig.LIMIT);
        secured.awaitEnds(CloseReason.AUTHENTICATION_FAILED, 1);
      }
    }
  }

  @Test
  void aClientThatHalfClosesDuringALoginGetsItsResponses() throws Exception {
    CountDownLatch checked = new CountDownLatch(1);
    try (Echo cluster = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(cluster.asked())
                .listener(
                    X,
                    checkedBy((user, password, peer) -> {
                      try {
                        var _ = checked.await(20, TimeUnit.SECONDS);
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                      return new SaslExchange.Outcome(new Principal(user, "PLAIN"), null);
                    }))
                .start();
        RawClient client = RawClient.connect("127.0.0.1", secured.port(X))) {
      client.sendFrame(handshake(1, "PLAIN"));
      client.sendFrame(token(2, "any"));
      client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 3, new byte[] {4, 2}));
      client.finish();
      assertThat(answers(client, 1)).containsExactly(1);
      checked.countDown();
      assertThat(answers(client, 2)).containsExactly(2, 3);
      client.expectClosed(Rig.LIMIT);
      secured.awaitEnds(CloseReason.CLIENT_HALF_CLOSED, 1);
    }
  }

  /** The responses wait behind a pending one of the broker, and count as requests in flight. */
  @Test
  void handshakesBehindAPendingRequestAreLimited() throws Exception {
    int most = 50;
    int many = 1000;
    try (RawBroker broker = RawBroker.start();
        Echo cluster = new Echo(broker.address());
        SecuredGateway secured =
            SecuredGateway.of(cluster.asked())
                .setup(new Setup().inFlight(most))
                .listener(
                    X,
                    checkedBy((user, password, peer) ->
                        new SaslExchange.Outcome(new Principal(user, "PLAIN"), null)))
                .start()) {
      FakeCluster.awaitKnown(secured.gateway());
      try (RawClient client = RawClient.connect("127.0.0.1", secured.brokerPort(X))) {
        assertThat(RawSasl.plain(client, "alice", "any")).isZero();
        client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 77, new byte[4]));
        RawClient link = broker.accept();
        var _ = link.readFrame(Rig.LIMIT);
        for (int i = 0; i < many; i++) {
          client.sendFrame(handshake(100 + i, "PLAIN"));
        }
        Await.until(
            () -> secured.gateway().metrics().inFlight() + " in flight",
            () -> secured.gateway().metrics().inFlight() >= most);
        client.expectSilence(Duration.ofMillis(300));
        assertThat(secured.gateway().metrics().inFlight()).isEqualTo(most);

        link.sendFrame(Frames.response(77, new byte[4]));

        assertThat(answers(client, 1 + many)).startsWith(77, 100, 101).endsWith(99 + many);
      }
    }
  }

  /** Bytes after a request that closes the connection are released; leak detection checks it. */
  @Test
  void bytesAfterARefusedRequestAreReleased() throws Exception {
    try (Echo cluster = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(cluster.asked())
                .setup(new Setup().eventLoops(1))
                .listener(
                    X,
                    checkedBy((user, password, peer) ->
                        new SaslExchange.Outcome(new Principal(user, "PLAIN"), null)))
                .start()) {
      byte[] request = Frames.framed(Frames.request(RawSasl.HANDSHAKE, 99, 1, new byte[20]));
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        clients.add(RawClient.connect("127.0.0.1", secured.port(X)));
        clients.getLast().send(Arrays.copyOf(request, 14));
      }
      double before = ticks(secured);
      Await.until(
          () -> ticks(secured) + " ticks", () -> ticks(secured) > before + 1); // all is read
      for (RawClient client : clients) {
        client.send(Arrays.copyOfRange(request, 14, request.length + 2000));
        client.expectClosed(Rig.LIMIT);
        client.close();
      }
      secured.awaitEnds(CloseReason.UNSUPPORTED_VERSION, clients.size());
    }
  }

  private static double ticks(SecuredGateway secured) {
    return secured.figures().value("gatehouse_event_loop_ticks");
  }

  @Test
  void aHalfClosedLoginWithoutOtherRequestsIsClosedAfterTheCheck() throws Exception {
    try (Echo cluster = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(cluster.asked())
                .listener(
                    X,
                    checkedBy((user, password, peer) ->
                        new SaslExchange.Outcome(new Principal(user, "PLAIN"), null)))
                .start();
        RawClient client = RawClient.connect("127.0.0.1", secured.port(X))) {
      client.send(Frames.framed(handshake(1, "PLAIN"), token(2, "any")));
      client.finish();
      assertThat(answers(client, 2)).containsExactly(1, 2);
      client.expectClosed(Rig.LIMIT);
      assertThat(cluster.connections()).isZero();
    }
  }
}
