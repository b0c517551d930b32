package io.gatehouse.auth.sasl.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.gatehouse.auth.sasl.Clients;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JwksKeysTest {

  private static final JWSHeader ONE = header("rsa-1");
  private static final JWSHeader TWO = header("rsa-2");
  private static final JWK ONE_KEY = Issuer.RSA.toPublicJWK();
  private static final JWK TWO_KEY = Issuer.OTHER_RSA.toPublicJWK();

  private final AtomicLong nanos = new AtomicLong(1);
  private Issuer issuer;
  private JwksKeys keys;

  @BeforeEach
  void start() throws Exception {
    issuer = new Issuer(ONE_KEY);
    keys = keys(issuer.location());
  }

  @AfterEach
  void stop() {
    keys.close();
    issuer.close();
  }

  private JwksKeys keys(URI location) {
    return new JwksKeys(JwksSettings.of(location), nanos::get);
  }

  private static JWSHeader header(String key) {
    return new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key).build();
  }

  private void later(Duration duration) {
    nanos.addAndGet(duration.toNanos());
  }

  @Test
  void keysAreAskedForOnce() throws Exception {
    for (int i = 0; i < 100; i++) {
      assertThat(keys.find(ONE)).containsExactly(ONE_KEY);
    }
    assertThat(issuer.requests()).isEqualTo(1);
    later(Duration.ofMinutes(61));
    keys.find(ONE);
    assertThat(issuer.requests()).isEqualTo(2);
  }

  @Test
  void aNewKeyIsFoundBeforeTheRefresh() throws Exception {
    keys.find(ONE);
    issuer.show(ONE_KEY, TWO_KEY);
    later(JwksKeys.UNKNOWN_PAUSE);
    assertThat(keys.find(TWO)).containsExactly(TWO_KEY);
    assertThat(issuer.requests()).isEqualTo(2);
  }

  @Test
  void unknownKeysDoNotFloodTheIssuer() throws Exception {
    keys.find(ONE);
    later(JwksKeys.UNKNOWN_PAUSE);
    for (int i = 0; i < 100; i++) {
      assertThat(keys.find(header("made-up-" + i))).isEmpty();
    }
    assertThat(issuer.requests()).isEqualTo(2);
  }

  @Test
  void aRemovedKeyIsRefusedAfterTheRefresh() throws Exception {
    keys.find(ONE);
    issuer.show(TWO_KEY);
    later(Duration.ofMinutes(61));
    assertThat(keys.find(ONE)).isEmpty();
  }

  @Test
  void anOutageIsToleratedForADay() throws Exception {
    keys.find(ONE);
    issuer.answer(500, "down");
    later(Duration.ofHours(2));
    assertThat(keys.find(ONE)).containsExactly(ONE_KEY);
    int after = issuer.requests();
    for (int i = 0; i < 100; i++) {
      keys.find(ONE);
    }
    assertThat(issuer.requests()).as("backs off").isEqualTo(after);
    later(Duration.ofHours(24));
    Clients.refused(Reason.UNAVAILABLE, () -> keys.find(ONE));
    issuer.show(ONE_KEY);
    later(Duration.ofSeconds(10));
    assertThat(keys.find(ONE)).containsExactly(ONE_KEY);
  }

  @Test
  void retriesComeLaterAndLater() throws Exception {
    issuer.answer(503, "");
    for (int i = 0; i < 20; i++) {
      Clients.refused(Reason.UNAVAILABLE, () -> keys.find(ONE));
    }
    assertThat(issuer.requests()).isEqualTo(1);
    later(Duration.ofMillis(100));
    Clients.refused(Reason.UNAVAILABLE, () -> keys.find(ONE));
    assertThat(issuer.requests()).isEqualTo(2);
    later(Duration.ofMillis(100));
    Clients.refused(Reason.UNAVAILABLE, () -> keys.find(ONE));
    assertThat(issuer.requests()).isEqualTo(2);
    later(Duration.ofMillis(100));
    issuer.show(ONE_KEY);
    assertThat(keys.find(ONE)).containsExactly(ONE_KEY);
    assertThat(issuer.requests()).isEqualTo(3);
  }

  @Test
  void invalidKeySetsAreRefused() throws Exception {
    JWK weak = new RSAKeyGenerator(1024, true).keyID("rsa-1").generate().toPublicJWK();
    for (String answer :
        new String[] {
          "",
          "<html>",
          "{}",
          "{\"keys\":[]}",
          "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"rsa-1\",\"k\":\"AAAA\"}]}",
          Issuer.set(weak),
          "{\"keys\":[" + " ".repeat(2 * 1024 * 1024) + "]}"
        }) {
      issuer.answer(200, answer);
      Clients.refused(Reason.UNAVAILABLE, () -> keys.find(ONE));
      later(Duration.ofMinutes(1));
    }
    assertThat(issuer.requests()).isEqualTo(7);
  }

  @Test
  void aRefusedConnectionIsUnavailable() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    try (JwksKeys none = keys(URI.create("http://127.0.0.1:" + port + "/keys"))) {
      Clients.refused(Reason.UNAVAILABLE, () -> none.find(ONE));
    }
  }

  @Test
  void aSilentIssuerEndsByTheTimeout() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      JwksSettings settings =
          new JwksSettings(
              URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/keys"),
              Duration.ofHours(1),
              Duration.ofMillis(100),
              Duration.ofSeconds(10),
              Duration.ofMillis(200),
              null);
      try (JwksKeys none = new JwksKeys(settings)) {
        Clients.refused(Reason.UNAVAILABLE, () -> none.find(ONE));
      }
    }
  }

  @Test
  void aFileIsReadAnewWithinSeconds(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("keys.json");
    try (JwksKeys fromFile = keys(file.toUri())) {
      Clients.refused(Reason.UNAVAILABLE, () -> fromFile.find(ONE));
      Files.writeString(file, Issuer.set(ONE_KEY));
      later(Duration.ofSeconds(1));
      assertThat(fromFile.find(ONE)).containsExactly(ONE_KEY);
      Files.writeString(file, Issuer.set(TWO_KEY));
      later(Duration.ofSeconds(5));
      assertThat(fromFile.find(ONE)).isEmpty();
      assertThat(fromFile.find(TWO)).containsExactly(TWO_KEY);
    }
  }
}
