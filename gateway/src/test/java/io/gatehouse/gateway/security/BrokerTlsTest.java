package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Secret;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.TrustSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** TLS to brokers: which certificates are accepted for which names. */
class BrokerTlsTest {

  private static final Authority CA = Authority.create("Broker CA");
  private static final TrustSource TRUST = new TrustSource.Text(CA.pem());

  @TempDir Path folder;

  private static SecuredGateway.Builder through(HostPort broker, ClientTls tls) {
    return SecuredGateway.of(broker).access(Access.PLAINTEXT.with(tls)).listener("x", Entry.OPEN);
  }

  private static void exchange(SecuredGateway secured) throws IOException {
    try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
      SecuredGateway.exchange(client);
    }
  }

  @Test
  void aBrokersCertificateIsVerifiedByAddressAndByName() throws Exception {
    try (TlsBroker broker = new TlsBroker(CA.intermediate("Sub").server());
        SecuredGateway byAddress = through(broker.address(), ClientTls.of(TRUST)).start();
        SecuredGateway byName =
            through(new HostPort("localhost", broker.address().port()), ClientTls.of(TRUST))
                .start()) {
      exchange(byAddress);
      assertThat(broker.names()).as("an address is no name to ask for").containsOnly("");
      exchange(byName);
    }
  }

  static Stream<Arguments> invalidCertificates() {
    return Stream.of(
        Arguments.of("another name", CA.issue("b").dns("other.example").sign()),
        Arguments.of(
            "its name in the subject only", CA.issue("127.0.0.1").dns("other.example").sign()),
        Arguments.of("expired", CA.issue("b").dns("localhost").ip("127.0.0.1").expired().sign()),
        Arguments.of(
            "not yet valid", CA.issue("b").dns("localhost").ip("127.0.0.1").notYetValid().sign()),
        Arguments.of("a client", CA.issue("b").ip("127.0.0.1").clientOnly().sign()),
        Arguments.of("self-signed", Credentials.selfSigned("b").ip("127.0.0.1").sign()),
        Arguments.of("another authority's", Authority.create("Other").server()),
        Arguments.of("without its chain", CA.intermediate("Sub").server().withoutIssuers()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidCertificates")
  void brokersWithInvalidCertificatesAreRefused(String what, Credentials shown) throws Exception {
    try (TlsBroker broker = new TlsBroker(shown);
        LogLines log = LogLines.ofConnections();
        SecuredGateway secured = through(broker.address(), ClientTls.of(TRUST)).start()) {
      assertThatThrownBy(() -> exchange(secured)).as(what).isInstanceOf(IOException.class);

      secured.awaitEnds(CloseReason.BROKER_UNREACHABLE, 1);
      log.await("the certificate is not accepted");
      assertThat(broker.names()).as("handshakes that the gateway went through with").isEmpty();
      Await.until(
          () -> secured.gateway().health().toString(),
          () -> String.valueOf(secured.gateway().health()).contains("certificate"));
    }
  }

  @Test
  void aDialMappingKeepsTheVerifiedName() throws Exception {
    HostPort named = new HostPort("broker.example.com", 9093);
    try (TlsBroker right = new TlsBroker(CA.issue("b").dns("*.example.com").sign());
        TlsBroker wrong = new TlsBroker(CA.server());
        SecuredGateway toRight =
            through(named, ClientTls.of(TRUST)).dial(named, right.address()).start();
        SecuredGateway toWrong =
            through(named, ClientTls.of(TRUST)).dial(named, wrong.address()).start()) {
      exchange(toRight);
      assertThat(right.names()).containsOnly("broker.example.com");
      assertThatThrownBy(() -> exchange(toWrong)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void verificationCanBeDisabledWithAWarning() throws Exception {
    try (TlsBroker otherName = new TlsBroker(CA.issue("b").dns("other.example").sign());
        TlsBroker stranger = new TlsBroker(Credentials.selfSigned("b").sign());
        LogLines log = LogLines.of("io.gatehouse.tls.TlsContext");
        SecuredGateway anyName =
            through(otherName.address(), new ClientTls(null, TRUST, false, Ciphers.DEFAULT))
                .start();
        SecuredGateway anybody =
            through(
                    stranger.address(),
                    new ClientTls(null, new TrustSource.Anything(), true, Ciphers.DEFAULT))
                .start()) {
      exchange(anyName);
      exchange(anybody);
      assertThat(log.lines())
          .filteredOn(line -> line.startsWith("WARN"))
          .hasSize(2)
          .allMatch(line -> line.contains("are not verified"));
    }
  }

  @Test
  void theGatewayPresentsItsCertificateAndARenewedOneLater() throws Exception {
    Credentials first = CA.intermediate("Sub").client("gateway");
    var files = first.writePem(folder);
    ClientTls tls =
        new ClientTls(
            new KeySource.Pem(files.chain(), files.key(), new Secret("needless")),
            new TrustSource.Pem(files.authority(), false),
            true,
            Ciphers.DEFAULT);
    Authority other = Authority.create("Other CA");
    try (TlsBroker broker = new TlsBroker(CA.server(), CA);
        TlsBroker later = new TlsBroker(CA.server(), other);
        SecuredGateway secured = through(broker.address(), tls).start();
        SecuredGateway toLater = through(later.address(), tls).start()) {
      exchange(secured);
      assertThatThrownBy(() -> exchange(toLater)).isInstanceOf(IOException.class);

      Credentials second = other.client("gateway");
      java.nio.file.Files.writeString(files.chain(), second.chainPem());
      java.nio.file.Files.writeString(files.key(), second.keyPem());

      Await.until(() -> "the new certificate is not shown", () -> passes(toLater));
    }
  }

  private static boolean passes(SecuredGateway secured) {
    try {
      exchange(secured);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aPlaintextBrokerIsDetected() throws Exception {
    try (Echo echo = new Echo();
        LogLines log = LogLines.ofConnections();
        SecuredGateway secured = through(echo.asked(), ClientTls.of(TRUST)).start()) {
      assertThatThrownBy(() -> exchange(secured)).isInstanceOf(IOException.class);
      secured.awaitEnds(CloseReason.BROKER_UNREACHABLE, 1);
      log.await("TLS:");
    }
  }
}
