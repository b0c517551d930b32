package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.token.VerifiedToken;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two gateways in a chain, of which the second accepts only the first. */
class HandshakeIT {

  private static final long MAGIC = 3285573610483682037L;
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private static KafkaCluster cluster;
  private static SecuredGateway inner;

  @BeforeAll
  static void start() throws Exception {
    cluster = KafkaCluster.of(KafkaVersion.V4_4, 1).start();
    inner = inner();
  }

  private static SecuredGateway inner() throws Exception {
    return SecuredGateway.of(cluster.bootstrapServers())
        .listener(
            "inner",
            Entry.OPEN.with(FixedSource.expected(MAGIC, "test", HandshakeIT::verify, LIMIT)))
        .start();
  }

  private static VerifiedToken verify(String token) throws SaslFailure {
    if (!token.equals("let me in")) {
      throw new SaslFailure(SaslFailure.Reason.BAD_CREDENTIALS, "another token");
    }
    return new VerifiedToken(User.named("gateway"), Set.of(), Instant.MAX, Map.of());
  }

  @AfterAll
  static void stop() {
    inner.close();
    cluster.close();
  }

  private static SecuredGateway outer(SecuredGateway to, long magic, String method, String token)
      throws Exception {
    return SecuredGateway.of(to.bootstrap("inner"))
        .access(Access.PLAINTEXT.with(FixedSource.offered(magic, method, () -> token)))
        .listener("outer", Entry.OPEN)
        .start();
  }

  private static int brokersSeenThrough(SecuredGateway proxy) throws Exception {
    try (Admin admin =
        Admin.create(
            Map.of(
                "bootstrap.servers", proxy.bootstrap("outer"),
                "default.api.timeout.ms", 4_000,
                "request.timeout.ms", 3_000))) {
      return admin.describeCluster().nodes().get(20, TimeUnit.SECONDS).size();
    }
  }

  @Test
  void aGatewayWithTheTokenIsAccepted() throws Exception {
    try (SecuredGateway proxy = outer(inner, MAGIC, "test", "let me in")) {
      assertThat(brokersSeenThrough(proxy)).isEqualTo(1);
    }
  }

  @Test
  void anotherMagicNumberMethodOrTokenIsRefused() throws Exception {
    // Retries are throttled soon, and all connections come from one address here.
    try (SecuredGateway fresh = inner()) {
      for (SecuredGateway proxy :
          List.of(
              outer(fresh, MAGIC + 1, "test", "let me in"),
              outer(fresh, MAGIC, "other", "let me in"),
              outer(fresh, MAGIC, "test", "let me out"))) {
        try (proxy) {
          assertThatThrownBy(() -> brokersSeenThrough(proxy))
              .isInstanceOf(ExecutionException.class);
        }
      }
    }
  }

  @Test
  void connectionsWithoutAHandshakeAreRefusedOrTimeOut() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        SecuredGateway fresh = inner(); // log lines are rate-limited
        Socket greedy = connect(fresh);
        Socket silent = connect(fresh)) {
      greedy
          .getOutputStream()
          .write(ByteBuffer.allocate(12).putLong(MAGIC).putInt(Integer.MAX_VALUE).array());
      assertThat(greedy.getInputStream().read()).isEqualTo(-1);
      silent.getOutputStream().write("abc".getBytes(StandardCharsets.US_ASCII));
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      log.await("a handshake of 2147483647 bytes");
      log.await("no handshake arrived in time");
    }
  }

  private static Socket connect(SecuredGateway proxy) throws Exception {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port("inner"));
    socket.setSoTimeout(10_000);
    return socket;
  }
}
