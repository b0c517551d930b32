package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.password.PasswordVerifier;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.token.VerifiedToken;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.LoginLimits;
import io.gatehouse.gateway.settings.Network;
import io.gatehouse.gateway.settings.ProxyHeader;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.tree.Struct;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Limits on failed logins and failed handshakes between gateways. */
class LoginThrottlingTest {

  private static final long MAGIC = 3285573610483682037L;
  private static final String TOKEN = "let me in";

  /** SASL_AUTHENTICATION_FAILED. */
  private static final int REFUSED = 58;

  private static final LoginLimits FEW =
      new LoginLimits(20, 20, Duration.ofSeconds(20), 128, 16, List.of());

  private final Echo echo = new Echo();
  private final AtomicInteger looks = new AtomicInteger();
  private LogLines log;
  private SecuredGateway secured;

  @BeforeEach
  void start() throws Exception {
    log = LogLines.ofConnections();
    Entry entry =
        Entry.OPEN.with(FixedSource.expected(MAGIC, "test", this::verify, Duration.ofSeconds(10)));
    // Handshakes have no names, so the limit per address applies.
    secured =
        SecuredGateway.of(echo.asked())
            .listener("inner", entry)
            .setup(new Setup().logins(FEW))
            .start();
  }

  @AfterEach
  void stop() {
    secured.close();
    echo.close();
    log.close();
  }

  private VerifiedToken verify(String token) throws SaslFailure {
    looks.incrementAndGet();
    if (!token.equals(TOKEN)) {
      throw new SaslFailure(SaslFailure.Reason.BAD_CREDENTIALS, "another token");
    }
    return new VerifiedToken(User.named("gateway"), Set.of(), Instant.MAX, Map.of());
  }

  /** Whether a gateway from this address is accepted with this token. */
  private boolean letsIn(String address, String token) throws IOException {
    byte[] payload = ("test\0" + token).getBytes(StandardCharsets.UTF_8);
    try (RawClient client = ProxyHeaderTest.from(address, secured.port("inner"))) {
      client.send(
          ByteBuffer.allocate(12 + payload.length)
              .putLong(MAGIC)
              .putInt(payload.length)
              .put(payload)
              .array());
      byte[] answer = client.read(4, Rig.LIMIT);
      assertThat(answer).containsOnly(0);
      SecuredGateway.exchange(client);
      return true;
    } catch (EOFException e) {
      return false;
    }
  }

  @Test
  void afterTooManyFailuresLoginsAreRefusedUncheckedAndOthersAreNot() throws Exception {
    assertThat(letsIn("127.0.0.1", TOKEN)).isTrue();
    Await.until(
        () -> "the right token is still taken",
        () -> {
          assertThat(letsIn("127.0.0.2", "wrong")).isFalse();
          return secured.authentications("inner", "handshake", "throttled") > 0;
        });
    int before = looks.get();

    assertThat(letsIn("127.0.0.2", TOKEN)).isFalse();

    assertThat(looks).hasValue(before);
    assertThat(letsIn("127.0.0.1", TOKEN)).isTrue();
    assertThat(secured.authentications("inner", "handshake", "success")).isEqualTo(2);
    assertThat(secured.authentications("inner", "handshake", "bad_credentials")).isPositive();
  }

  @Test
  void oneAddressCannotUseAllConcurrentPasswordChecks() throws Exception {
    CountDownLatch checked = new CountDownLatch(1);
    AtomicInteger checking = new AtomicInteger();
    PasswordVerifier slow =
        (user, password, peer) -> {
          if (user.equals("alice")) {
            return new SaslExchange.Outcome(new Principal(user, "PLAIN"), null);
          }
          checking.incrementAndGet();
          try {
            var _ = checked.await(30, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          throw new SaslFailure(SaslFailure.Reason.BAD_CREDENTIALS, "no");
        };
    Entry slowly =
        Entry.OPEN.with(FixedSource.sasl(List.of(new PlainMechanism(slow)), Duration.ZERO));
    List<RawClient> guessing = new ArrayList<>();
    int unanswered = 0;
    try (SecuredGateway slowFront = SecuredGateway.of(echo.asked()).listener("x", slowly).start()) {
      for (int i = 0; i < 200; i++) {
        RawClient client = ProxyHeaderTest.from("127.0.0.2", slowFront.port("x"));
        guessing.add(client);
        assertThat(RawSasl.handshake(client, "PLAIN")).isZero();
        RawSasl.sendToken(client, RawSasl.plainToken("eve", "x"));
      }
      Await.until(() -> checking + " are checked", () -> checking.get() >= 16);
      try (RawClient client = RawClient.connect("127.0.0.1", slowFront.port("x"))) {
        assertThat(RawSasl.plain(client, "alice", "a")).isZero();
      }
      checked.countDown();
      for (RawClient client : guessing) {
        try {
          Struct answer = Frames.readResponse(RawSasl.AUTHENTICATE, 1, client.readFrame(Rig.LIMIT));
          assertThat(answer.getInt("ErrorCode")).isEqualTo(REFUSED);
        } catch (EOFException e) {
          unanswered++; // throttled: closed without a response, so that clients retry
        }
      }
      assertThat(unanswered).isGreaterThan(100);
      assertThat(checking.get()).as("checked before it was throttled").isLessThan(60);
      assertThat(slowFront.authentications("x", "PLAIN", "throttled")).isGreaterThan(100);
    } finally {
      checked.countDown();
      for (RawClient client : guessing) {
        client.close();
      }
    }
  }

  // ---- one stale password
  // ------------------------------------------------------------------------

  private static final PasswordVerifier USERS =
      (user, password, peer) -> {
        if (!password.reveal().equals(user + "-secret")) {
          throw new SaslFailure(SaslFailure.Reason.BAD_CREDENTIALS, "no");
        }
        return new SaslExchange.Outcome(new Principal(user, "PLAIN"), null);
      };

  /** Number of consecutive failures of a name that lead to {@code throttled}, with a margin. */
  private static final LoginLimits UNFORGIVING =
      new LoginLimits(3, 30, Duration.ofHours(24), 128, 16, List.of());

  private static Entry passwords(Duration session) {
    return Entry.OPEN.with(FixedSource.sasl(List.of(new PlainMechanism(USERS)), session));
  }

  private static int login(SecuredGateway to, String user, String password) throws IOException {
    try (RawClient client = RawClient.connect("127.0.0.1", to.port("x"))) {
      return RawSasl.plain(client, user, password);
    }
  }

  private static void lockOut(SecuredGateway to, String user) throws IOException {
    for (int i = 0; i < UNFORGIVING.failuresPerName(); i++) {
      assertThat(login(to, user, "stale")).isEqualTo(REFUSED);
    }
    assertThat(login(to, user, "stale")).isEqualTo(RawSasl.CLOSED);
  }

  @Test
  void oneStalePasswordDoesNotLockOutOtherClientsOrSessions() throws Exception {
    try (SecuredGateway one =
            SecuredGateway.of(echo.asked())
                .listener("x", passwords(Duration.ofHours(1)))
                .setup(new Setup().logins(UNFORGIVING))
                .start();
        RawClient alice = RawClient.connect("127.0.0.1", one.port("x"))) {
      assertThat(RawSasl.plain(alice, "alice", "alice-secret")).isZero();

      lockOut(one, "alice");

      assertThat(login(one, "alice", "alice-secret")).isEqualTo(RawSasl.CLOSED);
      assertThat(login(one, "ALICE", "alice-secret")).isEqualTo(RawSasl.CLOSED);
      assertThat(login(one, "bob", "bob-secret")).isZero();
      assertThat(RawSasl.plain(alice, "alice", "alice-secret")).as("anew").isZero();
      SecuredGateway.exchange(alice);
      // That session has re-authenticated, which forgives the name's failures.
      assertThat(login(one, "alice", "alice-secret")).isZero();
    }
  }

  @Test
  void aKnownClientIsNotThrottledForOtherFailuresAtItsAddress() throws Exception {
    try (SecuredGateway one =
        SecuredGateway.of(echo.asked())
            .listener("x", passwords(Duration.ZERO))
            .setup(new Setup().logins(UNFORGIVING))
            .start()) {
      assertThat(login(one, "alice", "alice-secret")).isZero();
      for (int i = 0; i < UNFORGIVING.failuresPerAddress(); i++) {
        assertThat(login(one, "user-" + i, "x")).isEqualTo(REFUSED);
      }
      assertThat(login(one, "bob", "bob-secret")).as("a stranger").isEqualTo(RawSasl.CLOSED);
      assertThat(login(one, "alice", "alice-secret")).isZero();
    }
  }

  /** Behind a load balancer without PROXY headers all clients have the same address. */
  @Test
  void failuresOfATrustedBalancerAndOfExemptNetworksAreNotCounted() throws Exception {
    ProxyHeader trusting =
        new ProxyHeader(ProxyHeader.Mode.ALLOWED, List.of(Network.parse("127.0.0.1")));
    LoginLimits exempting =
        new LoginLimits(
            3, 30, Duration.ofHours(24), 128, 16, List.of(Network.parse("127.0.0.0/24")));
    for (SecuredGateway.Builder builder :
        List.of(
            SecuredGateway.of(echo.asked())
                .listener("x", passwords(Duration.ZERO).with(trusting))
                .setup(new Setup().logins(UNFORGIVING)),
            SecuredGateway.of(echo.asked())
                .listener("x", passwords(Duration.ZERO))
                .setup(new Setup().logins(exempting)))) {
      try (SecuredGateway one = builder.start()) {
        for (int i = 0; i < 40; i++) {
          assertThat(login(one, "alice", "stale")).isEqualTo(REFUSED);
        }
        assertThat(login(one, "alice", "alice-secret")).isZero();
        assertThat(one.authentications("x", "PLAIN", "throttled")).isZero();
      }
    }
  }
}
