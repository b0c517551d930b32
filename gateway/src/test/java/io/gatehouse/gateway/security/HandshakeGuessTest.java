package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HandshakeExpected;
import io.gatehouse.identity.sasl.SaslFailure;
import io.gatehouse.identity.sasl.token.VerifiedToken;
import io.gatehouse.testkit.RawClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Guessing at the token of the handshake between gateways. */
class HandshakeGuessTest {

  private static final long MAGIC = 3285573610483682037L;
  private static final String TOKEN = "let me in";

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
    return new VerifiedToken("gateway", Set.of(), Instant.MAX, Map.of());
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
    } catch (java.io.EOFException e) {
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
}
