package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.security.ProxyServer.Behaviour;
import io.gatehouse.gateway.security.ProxyServer.Kind;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.ForwardProxy;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.TrustSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections to brokers go through a forward proxy, which gets only their names. */
class ForwardProxyTest {

  private static final String USER = "proxy-user:pass%word";
  private static final String USER_IN_URL = "proxy-user:pass%25word";
  private static final HostPort NAMED = new HostPort("broker.example.com", 9093);
  private static final Authority CA = Authority.create("CA");
  private static final Authority PROXY_CA = Authority.create("CA of the proxy");
  private static final ClientTls PROXY_TLS = ClientTls.of(new TrustSource.Text(PROXY_CA.pem()));
  private static final ClientTls TLS = ClientTls.of(new TrustSource.Text(CA.pem()));

  private final Echo echo = new Echo();
  private final LogLines log = LogLines.ofConnections();

  @AfterEach
  void stop() {
    log.close();
    echo.close();
  }

  private static SecuredGateway secured(String url, @Nullable ClientTls tls) throws Exception {
    return SecuredGateway.of(NAMED)
        .access(new Access(tls, Accounts.NONE, ForwardProxy.parse(url), 0))
        .listener("x", Entry.OPEN)
        .setup(new Setup().connectTimeout(Duration.ofSeconds(2)))
        .start();
  }

  private static SecuredGateway overTls(
      ProxyServer proxy, @Nullable String user, @Nullable ClientTls tls) throws Exception {
    return SecuredGateway.of(NAMED)
        .access(
            new Access(tls, Accounts.NONE, ForwardProxy.parse(proxy.url(user)).with(PROXY_TLS), 0))
        .listener("x", Entry.OPEN)
        .start();
  }

  @Test
  void theProxyMayBeReachedOverTls() throws Exception {
    try (ProxyServer proxy =
            ProxyServer.overTls(PROXY_CA.issue("p").dns("localhost").sign(), USER, echo.asked());
        SecuredGateway secured = overTls(proxy, USER_IN_URL, null)) {
      exchange(secured);
      assertThat(proxy.asked()).containsOnly(NAMED.toString());
    }
  }

  @Test
  void tlsToTheBrokerRunsInsideTlsToTheProxy() throws Exception {
    try (TlsBroker broker = new TlsBroker(CA.issue("b").dns(NAMED.host()).sign());
        ProxyServer proxy =
            ProxyServer.overTls(
                PROXY_CA.issue("p").dns("localhost").sign(), USER, broker.address());
        SecuredGateway secured = overTls(proxy, USER_IN_URL, TLS)) {
      exchange(secured);
      assertThat(proxy.asked()).containsOnly(NAMED.toString());
      assertThat(broker.names()).containsOnly(NAMED.host());
    }
  }

  @Test
  void aProxyWithAnUntrustedCertificateDoesNotGetThePassword() throws Exception {
    for (Credentials shown :
        List.of(
            PROXY_CA.issue("p").dns("elsewhere.example").sign(),
            CA.issue("p").dns("localhost").sign())) {
      log.clear();
      try (ProxyServer proxy = ProxyServer.overTls(shown, USER, echo.asked());
          SecuredGateway secured = overTls(proxy, USER_IN_URL, null)) {
        assertThatThrownBy(() -> exchange(secured)).isInstanceOf(IOException.class);
        log.await("no connection to the broker: ");
        assertThat(log.lines()).anyMatch(line -> line.contains("certificate"));
        assertThat(proxy.asked()).isEmpty();
      }
    }
  }

  private static void exchange(SecuredGateway secured) throws IOException {
    try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
      SecuredGateway.exchange(client);
    }
  }

  private void fails(String url, String why) throws Exception {
    try (LogLines pipelines = LogLines.of("io.netty.channel.DefaultChannelPipeline");
        SecuredGateway secured = secured(url, null)) {
      assertThatThrownBy(() -> exchange(secured)).isInstanceOf(IOException.class);
      secured.awaitEnds(CloseReason.BROKER_UNREACHABLE, 1);
      log.await("no connection to the broker: ");
      assertThat(log.lines())
          .allMatch(line -> line.contains("broker.example.com") || line.contains(why))
          .anyMatch(line -> line.contains(why))
          .noneMatch(line -> line.contains("pass%word"));
      assertThat(echo.connectionsToAsked()).as("connections to the broker").isZero();
      assertThat(pipelines.lines()).noneMatch(line -> line.startsWith("WARN"));
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void theProxyResolvesTheName(Kind kind) throws Exception {
    try (ProxyServer proxy = new ProxyServer(kind, Behaviour.OBLIGING, null, echo.asked());
        SecuredGateway secured = secured(proxy.url(null), null)) {
      exchange(secured);
      assertThat(proxy.asked()).containsOnly(NAMED.toString());
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void credentialsAreSentAndTlsRunsInside(Kind kind) throws Exception {
    try (TlsBroker broker = new TlsBroker(CA.issue("b").dns(NAMED.host()).sign());
        ProxyServer proxy = new ProxyServer(kind, Behaviour.OBLIGING, USER, broker.address());
        SecuredGateway secured = secured(proxy.url(USER_IN_URL), TLS)) {
      exchange(secured);
      assertThat(proxy.asked()).containsOnly(NAMED.toString());
      assertThat(broker.names()).containsOnly(NAMED.host());
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void theBrokerBehindTheProxyIsVerified(Kind kind) throws Exception {
    try (TlsBroker broker = new TlsBroker(CA.issue("b").dns("other.example").sign());
        ProxyServer proxy = new ProxyServer(kind, Behaviour.OBLIGING, null, broker.address());
        SecuredGateway secured = secured(proxy.url(null), TLS)) {
      assertThatThrownBy(() -> exchange(secured)).isInstanceOf(IOException.class);
      log.await("the certificate is not accepted");
    }
  }

  @ParameterizedTest
  @CsvSource({"SOCKS5,authStatus", "HTTP,407"})
  void wrongCredentialsAreReported(Kind kind, String why) throws Exception {
    try (ProxyServer proxy = new ProxyServer(kind, Behaviour.OBLIGING, USER, echo.asked())) {
      fails(proxy.url("proxy-user:wrong"), why);
    }
  }

  @ParameterizedTest
  @CsvSource({"SOCKS5,authMethod", "HTTP,407"})
  void missingCredentialsAreReported(Kind kind, String why) throws Exception {
    try (ProxyServer proxy = new ProxyServer(kind, Behaviour.OBLIGING, USER, echo.asked())) {
      fails(proxy.url(null), why);
    }
  }

  @ParameterizedTest
  @CsvSource({"SOCKS5,FORBIDDEN", "HTTP,403"})
  void aRefusalIsReported(Kind kind, String why) throws Exception {
    try (ProxyServer proxy = new ProxyServer(kind, Behaviour.REFUSING, null, echo.asked())) {
      fails(proxy.url(null), why);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aSilentProxyTimesOut(Kind kind) throws Exception {
    try (ProxyServer proxy = new ProxyServer(kind, Behaviour.SILENT, null, echo.asked())) {
      fails(proxy.url(null), "no answer within 2000 ms");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void anUnreachableProxy(Kind kind) throws Exception {
    ProxyServer proxy = new ProxyServer(kind, Behaviour.SILENT, null, echo.asked());
    proxy.close();
    fails(proxy.url(null), "refused");
  }
}
