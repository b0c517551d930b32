package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HandshakeExpected;
import io.gatehouse.identity.Principal;
import io.gatehouse.identity.User;
import io.gatehouse.identity.sasl.SaslFailure;
import io.gatehouse.identity.sasl.password.PasswordVerifier;
import io.gatehouse.identity.sasl.password.PlainMechanism;
import io.gatehouse.identity.sasl.token.VerifiedToken;
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

/** Guessing at passwords, and at the token of the handshake between gateways. */
class GuessingTest {

  private static final long MAGIC = 3285573610483682037L;
  private static final String TOKEN = "let me in";

  /** SASL_AUTHENTICATION_FAILED. */
  private static final int REFUSED = 58;

  private final Echo echo = new Echo();
  private final AtomicInteger looks = new AtomicInteger();
  private LogLines log;
  private Front front;

  @BeforeEach
  void start() throws Exception {
    log = LogLines.ofConnections();
    Entry entry =
        Entry.OPEN.with(new HandshakeExpected(MAGIC, "test", this::verify, Duration.ofSeconds(10)));
    front = Front.of(echo.asked()).listener("inner", entry).start();
  }

  @AfterEach
  void stop() {
    front.close();
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

  /** Whether a gateway from this address is let in with this token. */
  private boolean letsIn(String address, String token) throws IOException {
    byte[] payload = ("test\0" + token).getBytes(StandardCharsets.UTF_8);
    try (RawClient client = ProxyHeaderTest.from(address, front.port("inner"))) {
      client.send(
          ByteBuffer.allocate(12 + payload.length)
              .putLong(MAGIC)
              .putInt(payload.length)
              .put(payload)
              .array());
      byte[] answer = client.read(4, Rig.LIMIT);
      assertThat(answer).containsOnly(0);
      Front.exchange(client);
      return true;
    } catch (EOFException e) {
      return false;
    }
  }

  @Test
  void whoGuessesTooOftenIsRefusedWithoutALookAndOthersAreNot() throws Exception {
    assertThat(letsIn("127.0.0.1", TOKEN)).isTrue();
    Await.until(
        () -> "the right token is still taken",
        () -> {
          assertThat(letsIn("127.0.0.2", "wrong")).isFalse();
          return front.authentications("inner", "handshake", "throttled") > 0;
        });
    int before = looks.get();

    assertThat(letsIn("127.0.0.2", TOKEN)).isFalse();

    assertThat(looks).hasValue(before);
    assertThat(letsIn("127.0.0.1", TOKEN)).isTrue();
    assertThat(front.authentications("inner", "handshake", "success")).isEqualTo(2);
    assertThat(front.authentications("inner", "handshake", "bad_credentials")).isPositive();
  }

  @Test
  void oneAddressCannotTakeAllThatChecksPasswords() throws Exception {
    CountDownLatch checked = new CountDownLatch(1);
    AtomicInteger checking = new AtomicInteger();
    PasswordVerifier slow =
        (user, password, peer) -> {
          if (user.equals("alice")) {
            return new Principal(user, "PLAIN");
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
        Entry.OPEN.with(new Authentication.Sasl(List.of(new PlainMechanism(slow)), Duration.ZERO));
    List<RawClient> guessing = new ArrayList<>();
    int unanswered = 0;
    try (Front slowFront = Front.of(echo.asked()).listener("x", slowly).start()) {
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
          unanswered++; // throttled: closed, so that who was only unlucky tries again
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
}
