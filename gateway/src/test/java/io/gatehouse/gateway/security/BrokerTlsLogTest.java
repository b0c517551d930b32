package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Secret;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.TrustSource;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Log lines about failed TLS handshakes with brokers. */
class BrokerTlsLogTest {

  private static final Authority CA = Authority.create("Broker CA");
  private static final TrustSource TRUST = new TrustSource.Text(CA.pem());

  private static void exchange(SecuredGateway secured) throws IOException {
    try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
      SecuredGateway.exchange(client);
    }
  }

  @Test
  void aRefusedBrokerCertificateIsLoggedOnlyOnce() throws Exception {
    try (TlsBroker broker = new TlsBroker(Authority.create("Other").server());
        LogLines netty = LogLines.of("io.netty.channel.DefaultChannelPipeline");
        LogLines log = LogLines.ofConnections();
        SecuredGateway secured =
            SecuredGateway.of(broker.address())
                .access(Access.PLAINTEXT.with(ClientTls.of(TRUST)))
                .listener("x", Entry.OPEN)
                .start()) {
      assertThatThrownBy(() -> exchange(secured)).isInstanceOf(IOException.class);
      secured.awaitEnds(CloseReason.BROKER_UNREACHABLE, 1);
      log.await("the certificate is not accepted");
      assertThat(netty.lines()).filteredOn(line -> line.startsWith("WARN")).isEmpty();
    }
  }

  @Test
  void aRefusalOfTheGatewaysCertificateIsExplained() throws Exception {
    Credentials own = Authority.create("Other").client("gateway");
    ClientTls tls =
        new ClientTls(
            new KeySource.Text(own.chainPem(), new Secret(own.keyPem()), null),
            TRUST,
            true,
            Ciphers.DEFAULT);
    try (TlsBroker broker = new TlsBroker(CA.server(), CA);
        LogLines log = LogLines.of("io.gatehouse.gateway.cluster.ClusterWatch");
        SecuredGateway secured =
            SecuredGateway.of(broker.address())
                .access(Access.PLAINTEXT.with(tls))
                .listener("x", Entry.OPEN)
                .start()) {
      log.await("the cluster does not answer");
      assertThat(secured.gateway().health().upstreamFailure()).contains("requires a certificate");
      assertThat(log.lines())
          .anyMatch(line ->
              line.contains("the other side requires a certificate and got none that it accepts"))
          .noneMatch(line -> line.contains("OpenSslException"));
    }
  }
}
