package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.audit.AuditEvent;
import io.gatehouse.auth.audit.AuditEvents;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.password.FixedUsers;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.flow.Audit;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.ErrorRefusal;
import io.gatehouse.gateway.plan.OwnResponse;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HandshakeExpected;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.Stubborn;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.PrincipalRules;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TrustSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The audit log has a line for every login and every refusal. */
class AuditTest {

  private static final String X = "x";
  private static final int CREATE_TOPICS = 19;

  private final Echo echo = new Echo();
  private final LogLines audit = LogLines.of(Audit.LOGGER);

  @AfterEach
  void stop() {
    audit.close();
    echo.close();
  }

  private static Entry passwords(Duration session) {
    return Entry.OPEN.with(
        FixedSource.sasl(
            List.of(
                new PlainMechanism(new FixedUsers(Map.of("alice", new Secret("alice-secret"))))),
            session));
  }

  private static RawClient to(SecuredGateway secured) throws IOException {
    return RawClient.connect("127.0.0.1", secured.port(X));
  }

  @Test
  void loginsByPassword() throws Exception {
    try (SecuredGateway secured =
        SecuredGateway.of(echo.asked()).listener(X, passwords(Duration.ofHours(1))).start()) {
      int port;
      try (RawClient client = to(secured)) {
        port = client.socket().getLocalPort();
        assertThat(RawSasl.plain(client, "alice", "alice-secret")).isZero();
        assertThat(RawSasl.plain(client, "alice", "alice-secret")).isZero();
      }
      String who = " listener=x address=127.0.0.1:" + port + " mechanism=PLAIN principal=alice";
      assertThat(audit.lines())
          .containsExactly(
              "INFO login" + who + " result=success",
              "INFO login" + who + " result=success reason=re-authentication");

      audit.clear();
      try (RawClient client = to(secured)) {
        assertThat(RawSasl.plain(client, "bob", "x")).isNotZero();
      }
      try (RawClient client = to(secured)) {
        assertThat(RawSasl.handshake(client, "SCRAM-SHA-256")).isEqualTo(33);
      }
      try (RawClient client = to(secured)) {
        client.sendFrame(Frames.request(Frames.METADATA, 1, 1, new byte[4]));
        client.expectClosed(Rig.LIMIT);
      }
      audit.await("not_authenticated");
      assertThat(audit.lines()).hasSize(3);
      assertThat(audit.lines().get(0))
          .startsWith("WARN login listener=x address=127.0.0.1:")
          .contains(" mechanism=PLAIN principal=bob result=bad_credentials reason=");
      assertThat(audit.lines().get(1))
          .contains("WARN login ", " mechanism=SCRAM-SHA-256 result=unsupported_mechanism");
      assertThat(audit.lines().get(2))
          .contains("WARN refusal ", " mechanism=NONE result=not_authenticated");
    }
  }

  /** Unlike the other log, the audit log is not rate-limited here. */
  @Test
  void everyFailedLoginIsLogged() throws Exception {
    try (SecuredGateway secured =
        SecuredGateway.of(echo.asked()).listener(X, passwords(Duration.ZERO)).start()) {
      for (int i = 0; i < 15; i++) {
        try (RawClient client = to(secured)) {
          RawSasl.handshake(client, "PLAIN");
          RawSasl.sendToken(client, RawSasl.plainToken("alice", "guess " + i));
        }
      }
      // Also for clients that closed before the response.
      io.gatehouse.gateway.fixture.Await.until(
          () -> audit.lines().size() + " lines", () -> audit.lines().size() == 15);
      assertThat(audit.lines()).allMatch(line -> line.contains("principal=alice result=bad"));
    }
  }

  @Test
  void certificates() throws Exception {
    Authority ca = Authority.create("CA");
    Credentials shown = ca.server();
    ServerTls tls =
        new ServerTls(
            new KeySource.Text(shown.chainPem(), new Secret(shown.keyPem()), null),
            ServerTls.Clients.of(ClientAuth.REQUIRED, new TrustSource.Text(ca.pem())),
            Ciphers.DEFAULT);
    Entry entry =
        Entry.OPEN
            .with(tls)
            .with(new Authentication.Open(new PrincipalRules("RULE:^CN=([a-z]+).*$/$1/")));
    try (SecuredGateway secured = SecuredGateway.of(echo.asked()).listener(X, entry).start()) {
      RawTls to = RawTls.to("127.0.0.1", secured.port(X)).sni("localhost").trust(ca);
      try (RawClient client = to.identity(ca.client("alice")).connect()) {
        SecuredGateway.exchange(client);
      }
      assertThat(audit.lines())
          .singleElement()
          .asString()
          .endsWith(" mechanism=SSL principal=alice result=success");

      audit.clear();
      isRefused(secured, Authority.create("Another CA").client("alice"));
      secured.awaitEnds(CloseReason.TLS_FAILED, 1);
      isRefused(secured, ca.client("007"));
      secured.awaitEnds(CloseReason.AUTHENTICATION_FAILED, 1);
      assertThatThrownBy(
              () -> {
                try (RawClient client =
                    RawTls.to("127.0.0.1", secured.port(X)).sni("localhost").connect()) {
                  SecuredGateway.exchange(client);
                }
              })
          .isInstanceOf(IOException.class);
      secured.awaitEnds(CloseReason.TLS_FAILED, 2);
      assertThat(audit.lines()).hasSize(3);
      assertThat(audit.lines().get(0))
          .contains("WARN login ", " mechanism=SSL result=bad_credentials", "not accepted");
      assertThat(audit.lines().get(1)).contains(" mechanism=SSL result=not_for_us", "CN=007");
      assertThat(audit.lines().get(2)).contains(" mechanism=SSL result=bad_credentials");
    }
  }

  @Test
  void changesByKafkasRequestsAndMissingRights() throws Exception {
    Steps steps =
        new Steps() {
          @Override
          public @Nullable RequestStep request(int apiKey, int version) {
            return switch (apiKey) {
              case CREATE_TOPICS -> AuditTest::changed;
              case Frames.DELETE_TOPICS ->
                  (_, _) ->
                      new Decision.Refuse(new ErrorRefusal(RefusalReason.NO_RIGHT, "is for few"));
              default -> null;
            };
          }
        };
    List<AuditEvent> events = new CopyOnWriteArrayList<>();
    AuditEvents.receive(events::add);
    try (SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .setup(new Setup().steps(steps))
                .listener(X, passwords(Duration.ZERO))
                .start();
        RawClient client = to(secured)) {
      assertThat(RawSasl.plain(client, "alice", "alice-secret")).isZero();
      audit.clear();
      events.clear();
      client.sendFrame(Frames.request(CREATE_TOPICS, 5, 1, Frames.newRequest(CREATE_TOPICS, 5)));
      assertThat(Frames.responseCorrelationId(client.readFrame(Rig.LIMIT))).isEqualTo(1);
      client.sendFrame(
          Frames.request(Frames.DELETE_TOPICS, 5, 2, Frames.newRequest(Frames.DELETE_TOPICS, 5)));
      assertThat(Frames.responseCorrelationId(client.readFrame(Rig.LIMIT))).isEqualTo(2);
      String who =
          " listener=x address=127.0.0.1:%d mechanism=PLAIN principal=alice result="
              .formatted(client.socket().getLocalPort());
      assertThat(audit.lines())
          .containsExactly(
              "WARN change" + who + "refused reason=Change: 1 of 2",
              "WARN refusal" + who + "no_right reason=DeleteTopics needs a right");
      assertThat(events.stream().map(AuditEvent::data))
          .containsExactly(
              new AuditEvent.Call("KAFKA", "Change", "1 of 2", 400),
              new AuditEvent.RefusedRequest("no_right", "DeleteTopics needs a right"));
    } finally {
      AuditEvents.receive(null);
    }
  }

  /** The change has been made, even if nobody is left to be told. */
  @Test
  void changesOfClientsThatHaveLeft() throws Exception {
    for (boolean late : List.of(true, false)) {
      Promise<Decision> made = ImmediateEventExecutor.INSTANCE.newPromise();
      Duration deadline = late ? Duration.ofMillis(100) : Duration.ofMinutes(1);
      CountDownLatch asked = new CountDownLatch(1);
      Steps steps =
          new Steps() {
            @Override
            public @Nullable RequestStep request(int apiKey, int version) {
              return (_, _) -> {
                asked.countDown();
                return new Decision.Wait(made, deadline);
              };
            }
          };
      try (SecuredGateway secured =
              SecuredGateway.of(echo.asked())
                  .setup(new Setup().steps(steps))
                  .listener(X, passwords(Duration.ZERO))
                  .start();
          RawClient client = to(secured)) {
        assertThat(RawSasl.plain(client, "alice", "alice-secret")).isZero();
        audit.clear();
        byte[] request = Frames.request(CREATE_TOPICS, 5, 1, Frames.newRequest(CREATE_TOPICS, 5));
        client.sendFrame(request);
        assertThat(asked.await(1, TimeUnit.MINUTES)).isTrue();
        if (!late) {
          client.reset();
        }
        secured.awaitEnds(late ? CloseReason.DECISION_TIMEOUT : CloseReason.CLIENT_RESET, 1);
        made.setSuccess(
            new Decision.Answer(
                Unpooled.wrappedBuffer(Frames.framed(request)),
                new Decision.Audited("Change", true, "1 of 1")));
        assertThat(audit.lines())
            .singleElement()
            .asString()
            .startsWith("INFO change listener=x address=127.0.0.1:")
            .endsWith(" mechanism=PLAIN principal=alice result=success reason=Change: 1 of 1");
      }
    }
  }

  private static Decision changed(Caller caller, ByteBuf frame) {
    return new Decision.Answer(
        OwnResponse.to(frame, _ -> {}, frame.alloc()),
        new Decision.Audited("Change", false, "1 of 2"));
  }

  private static void isRefused(SecuredGateway secured, Credentials who) {
    assertThatThrownBy(
            () -> {
              try (RawClient client = Stubborn.connect(secured.port(X), who)) {
                SecuredGateway.exchange(client);
              }
            })
        .isInstanceOf(IOException.class);
  }

  @Test
  void handshakesBetweenGateways() throws Exception {
    HandshakeExpected expected =
        FixedSource.expected(
            7,
            "test",
            token -> {
              throw new SaslFailure(SaslFailure.Reason.EXPIRED, "too old");
            },
            Duration.ofSeconds(10));
    try (SecuredGateway secured =
            SecuredGateway.of(echo.asked()).listener(X, Entry.OPEN.with(expected)).start();
        RawClient client = to(secured)) {
      byte[] payload = "test\0token".getBytes(StandardCharsets.UTF_8);
      client.send(
          ByteBuffer.allocate(12 + payload.length)
              .putLong(7)
              .putInt(payload.length)
              .put(payload)
              .array());
      client.expectClosed(Rig.LIMIT);
      assertThat(audit.lines())
          .singleElement()
          .asString()
          .contains(" mechanism=handshake result=expired reason=too old");
    }
  }

  @Test
  void forbiddenRequests() throws Exception {
    try (SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .listener(X, passwords(Duration.ZERO))
                .setup(new Setup().forbid(CREATE_TOPICS))
                .start();
        RawClient client = to(secured)) {
      assertThat(RawSasl.plain(client, "alice", "alice-secret")).isZero();
      client.sendFrame(Frames.request(CREATE_TOPICS, 4, 5, Frames.newRequest(CREATE_TOPICS, 4)));
      var _ = client.readFrame(Rig.LIMIT);
      assertThat(audit.lines().getLast())
          .contains("WARN refusal listener=x ", " mechanism=PLAIN principal=alice")
          .contains("result=forbidden_api reason=CreateTopics is forbidden");
    }
  }

  // ---- logins at brokers ------------------------------------------------------------------------

  private static byte[] handshake() {
    return Frames.request(
        Frames.SASL_HANDSHAKE,
        1,
        1,
        Frames.newRequest(Frames.SASL_HANDSHAKE, 1).set("Mechanism", "PLAIN"));
  }

  private static byte[] token(String password) {
    return Frames.request(
        RawSasl.AUTHENTICATE,
        2,
        2,
        Frames.newRequest(RawSasl.AUTHENTICATE, 2)
            .set("AuthBytes", RawSasl.plainToken("alice", password)));
  }

  private static byte[] answer(int apiKey, int version, int correlationId, int error) {
    return Frames.response(
        apiKey,
        version,
        correlationId,
        Frames.newResponse(apiKey, version).set("ErrorCode", error));
  }

  @Test
  void forwardedLogins() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.exchange(handshake(), answer(Frames.SASL_HANDSHAKE, 1, 1, 0));
      pair.exchange(token("right"), answer(RawSasl.AUTHENTICATE, 2, 2, 0));
      assertThat(audit.lines()).isEmpty(); // the broker may accept the token without a principal
      pair.exchange(
          Frames.request(Frames.UNKNOWN, 0, 3, new byte[4]), Frames.response(3, new byte[4]));
      pair.exchange(
          Frames.request(Frames.UNKNOWN, 0, 4, new byte[4]), Frames.response(4, new byte[4]));
      audit.await(" mechanism=PLAIN principal=alice result=success reason=by the broker");

      Rig.Pair refused = rig.open();
      refused.exchange(handshake(), answer(Frames.SASL_HANDSHAKE, 1, 1, 0));
      refused.exchange(token("wrong"), answer(RawSasl.AUTHENTICATE, 2, 2, 58));
      audit.await(" mechanism=PLAIN principal=alice result=refused_by_broker");

      Rig.Pair ended = rig.open();
      ended.exchange(handshake(), answer(Frames.SASL_HANDSHAKE, 1, 1, 0));
      ended.client().sendFrame(token("worse"));
      var _ = ended.link().readFrame(Rig.LIMIT);
      ended.link().close();
      audit.await("result=refused_by_broker reason=the broker closed the connection");
      assertThat(audit.lines()).hasSize(3);
    }
  }
}
