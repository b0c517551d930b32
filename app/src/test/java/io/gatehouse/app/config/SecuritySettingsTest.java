package io.gatehouse.app.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.ForwardProxy;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan.Pair;
import io.gatehouse.gateway.settings.ProxyHeader;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.TrustSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLS, logins and SNI in the native configuration. */
class SecuritySettingsTest {

  private static final String BROKERS = "upstream: {bootstrapServers: k1:9092}\n";

  @TempDir private Path folder;

  private static ListenerSettings listener(String yaml) {
    return BoundYaml.settings(BROKERS + yaml).gateway().listeners().getFirst();
  }

  private static Access access(String yaml) {
    return BoundYaml.settings("upstream:\n  bootstrapServers: k1:9092\n" + yaml)
        .gateway()
        .upstream()
        .access();
  }

  @Test
  void readsAListenerWithAllSettings() throws Exception {
    Path users = Files.writeString(folder.resolve("users"), "alice:{plain}hidden-1\n");
    String yaml =
        """
        listeners:
          - name: external
            tls:
              certificate: /tls.crt
              key: /tls.key
              keyPassword: hidden-2
              trust: /ca.crt
              clientAuth: optional
              protocols: TLSv1.3
            sni: {port: "443:9092", brokerHost: "b-{{nodeId}}.k.example", bootstrapHost: k.example}
            proxyProtocol: {trusted: [10.0.0.0/8, "::1"]}
            authentication:
              maxSession: 1h
              mechanisms:
                - {name: PLAIN, users: %s}
                - {name: SCRAM-SHA-512, users: %s}
                - {name: OAUTHBEARER, jwks: {url: "https://i/keys", audiences: kafka}}
        """
            .formatted(users, users);
    ListenerSettings listener = listener(yaml);
    assertThat(requireNonNull(listener.entry().tls()).clients().auth())
        .isEqualTo(ClientAuth.OPTIONAL);
    Routing.BySni sni = (Routing.BySni) listener.routing();
    assertThat(sni.port()).isEqualTo(new Pair(443, 9092));
    assertThat(listener.entry().proxyHeader().mode()).isEqualTo(ProxyHeader.Mode.REQUIRED);
    Authentication.Sasl sasl = (Authentication.Sasl) listener.entry().authentication();
    assertThat(sasl.mechanisms())
        .extracting(OpenedNames::of)
        .containsExactly("PLAIN", "SCRAM-SHA-512", "OAUTHBEARER");
    assertThat(BoundYaml.bind(BROKERS + yaml).yaml()).doesNotContain("hidden");
  }

  @Test
  void readsTheConnectionToBrokers() {
    String yaml =
        """
          tls: {trust: /ca.crt, certificate: /c, key: /k, verify: certificate}
          login: {mechanism: SCRAM-SHA-256, user: gw, password: hidden-1}
          accounts:
            alice: {user: team, password: hidden-2}
          othersUseLogin: false
          forwardProxy: socks5://u:hidden-3@proxy:1080
          proxyProtocol: 2
        listeners:
          - authentication: {mechanisms: [{name: PLAIN, user: alice, password: hidden-4}]}
        """;
    Access access = access(yaml);
    assertThat(requireNonNull(access.tls()).key())
        .isEqualTo(new KeySource.Pem(Path.of("/c"), Path.of("/k"), null));
    assertThat(access.tls().trust()).isEqualTo(new TrustSource.Pem(Path.of("/ca.crt"), false));
    assertThat(access.tls().verifyHost()).isFalse();
    assertThat(OpenedNames.ofAccount(requireNonNull(access.accounts().own())))
        .isEqualTo("SCRAM-SHA-256");
    assertThat(access.accounts().byUser()).containsOnlyKeys(User.named("alice"));
    assertThat(access.accounts().ownForOthers()).isFalse();
    assertThat(access.proxyHeader()).isEqualTo(2);
    assertThat(BoundYaml.bind("upstream:\n  bootstrapServers: k1:9092\n" + yaml).yaml())
        .doesNotContain("hidden");
  }

  @Test
  void accountsInAListHaveATenant() {
    String yaml =
        """
          accounts:
            - {tenant: team-b, name: alice, user: team, password: hidden-1}
            - {name: team-b/alice, user: other, password: hidden-2}
            - {name: alice, user: own, password: hidden-3}
            - {tenant: team-b, user: all, password: hidden-5}
        listeners:
          - authentication: {mechanisms: [{name: PLAIN, user: alice, password: hidden-4}]}
        """;
    Accounts accounts = access(yaml).accounts();
    assertThat(accounts.byUser())
        .containsOnlyKeys(
            new User("team-b", "alice"), User.named("team-b/alice"), User.named("alice"));
    assertThat(accounts.byVirtualCluster()).containsOnlyKeys("team-b");
    assertThat(BoundYaml.bind("upstream:\n  bootstrapServers: k1:9092\n" + yaml).yaml())
        .contains("tenant: team-b")
        .doesNotContain("hidden");
  }

  @Test
  void accountsCanBeGivenByVariables() {
    Access access =
        BoundYaml.settings(
                BROKERS
                    + "listeners: [{authentication: {mechanisms: [{name: PLAIN, user: a, password:"
                    + " b}]}}]",
                Map.of(
                    "GATEHOUSE_UPSTREAM_ACCOUNTS_0_TENANT", "team-b",
                    "GATEHOUSE_UPSTREAM_ACCOUNTS_0_NAME", "alice",
                    "GATEHOUSE_UPSTREAM_ACCOUNTS_0_USER", "u",
                    "GATEHOUSE_UPSTREAM_ACCOUNTS_0_PASSWORD", "p"))
            .gateway()
            .upstream()
            .access();
    assertThat(access.accounts().byUser()).containsOnlyKeys(new User("team-b", "alice"));
  }

  @Test
  void theTenantIsReadFromTheConfiguredClaim() {
    String yaml =
        """
        listeners:
          - authentication:
              mechanisms: [{name: OAUTHBEARER, jwks: {url: "https://u:hidden@idp/k?hidden", tenantClaim: team, groupsClaim: roles}}]
        """;
    assertThat(BoundYaml.bind(BROKERS + yaml).yaml())
        .contains("tenantClaim: team", "groupsClaim: roles")
        .contains("https://***@idp/k?***")
        .doesNotContain("hidden");
  }

  @Test
  void readsAForwardProxyByHttps() {
    String yaml =
        """
          forwardProxy: https://u:hidden@proxy:3128
          forwardProxyTls: {trust: /proxy-ca.crt}
        """;
    ForwardProxy proxy = requireNonNull(access(yaml).forwardProxy());
    assertThat(proxy.address()).hasToString("proxy:3128");
    assertThat(requireNonNull(proxy.tls()).trust())
        .isEqualTo(new TrustSource.Pem(Path.of("/proxy-ca.crt"), false));
    assertThat(BoundYaml.bind("upstream:\n  bootstrapServers: k1:9092\n" + yaml).yaml())
        .contains("https://proxy:3128")
        .doesNotContain("hidden");
  }

  @Test
  void readsVariables() {
    ListenerSettings listener =
        BoundYaml.settings(
                BROKERS,
                Map.of(
                    "GATEHOUSE_LISTENERS_0_TLS_CERTIFICATE", "/c",
                    "GATEHOUSE_LISTENERS_0_TLS_KEY", "/k",
                    "GATEHOUSE_LISTENERS_0_AUTHENTICATION_MECHANISMS_0_USER", "u",
                    "GATEHOUSE_LISTENERS_0_AUTHENTICATION_MECHANISMS_0_PASSWORD", "p"))
            .gateway()
            .listeners()
            .getFirst();
    assertThat(listener.entry().tls()).isNotNull();
    assertThat(listener.entry().authentication()).isInstanceOf(Authentication.Sasl.class);
  }

  @Test
  void assignsListenersToClusters() {
    assertThat(
            BoundYaml.settings(
                    BROKERS
                        + "upstreams: {other: {bootstrapServers: o:1}}\n"
                        + "listeners: [{cluster: other}]")
                .gateway()
                .upstreams())
        .containsOnlyKeys("main", "other");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          listeners: [{tls: {}}]                                 | listeners[0].tls: a listener needs a certificate and a key, or a keyStore
          listeners: [{tls: {certificate: c}}]                   | listeners[0].tls.certificate: certificate and key must be given together
          listeners: [{tls: {certificate: c, key: k, clientAuth: required}}] | no authority is trusted
          listeners: [{tls: {certificate: c, key: k, curves: P1}}] | there is no curve 'P1'
          listeners: [{tls: {keyStore: s, certificate: c, key: k}}] | keyStore and certificate cannot be combined
          listeners: [{tls: {certificat: c}}]                    | there is no key listeners[0].tls.certificat, did you mean certificate?
          listeners: [{tls: {certificate: c, key: k, subjectRules: [x]}}] | begins with neither s: (exact) nor r:
          listeners: [{sni: {brokerHost: "b{{nodeId}}.x", bootstrapHost: x}}] | routing by SNI needs TLS
          listeners: [{sni: {brokerHost: x, bootstrapHost: x}}]  | the host pattern 'x' must hold {{nodeId}} once
          listeners: [{proxyProtocol: {mode: allowed}}]          | no peer may send a PROXY header
          listeners: [{authentication: {type: sasl}}]            | no SASL mechanism is configured
          listeners: [{authentication: {mechanisms: [{name: DIGEST}]}}] | 'DIGEST' is not one of GSSAPI, OAUTHBEARER, PLAIN
          listeners: [{authentication: {mechanisms: [{name: PLAIN}]}}] | PLAIN needs one of ldap, plugin, serviceAccountKey, user, users
          listeners: [{authentication: {mechanisms: [{name: PLAIN, users: /none/such}]}}] | /none/such
          listeners: [{authentication: {type: forwarded, principalRules: DEFAULT}}] | rules for certificates need the type open
          listeners: [{cluster: other}]                          | listener 'main' leads to the cluster 'other', which is not configured; there is main
          listeners: [{sni: {brokerHost: "b{{nodeId}}.x", bootstrapHost: x}, name: a, tls: {certificate: c, key: k}}, {sni: {brokerHost: "b1{{nodeId}}.x", bootstrapHost: y}, name: b, tls: {certificate: c, key: k}}] | the host name b11.x belongs to both
          upstreams: {other: {}}                                 | the cluster has no bootstrapServers
          """)
  void reportsInvalidValues(String yaml, String problem) {
    List<String> problems = BoundYaml.problems(BROKERS + yaml);
    assertThat(problems).anySatisfy(line -> assertThat(line).contains(problem));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          login: {}                                      | an account needs one of user, jaasFile
          login: {user: u}                               | the user has no password
          login: {user: u, password: p, mechanism: X}    | X takes no password
          login: {properties: {sasl.mechansim: PLAIN}}   | Unknown property sasl.mechansim
          login: {tokens: {provider: mine}}              | there is no built-in token provider 'mine'
          tls: {verify: maybe}                           | 'maybe' is not one of full, certificate, none
          tls: {trustStore: s, trustSystem: true}        | trustSystem needs trust to be a PEM file
          properties: {security.protocol: TLS}           | 'TLS' is not one of PLAINTEXT, SSL
          properties: {security.protocol: SSL, ssl.truststore.locatoin: x} | there is no property ssl.truststore.locatoin
          properties: {security.protocol: SSL, ssl.endpoint.identification.algorithm: LDAPS} | is neither https nor empty
          forwardProxy: http://u@p:1                     | needs user and password, or neither
          accounts: {alice: {user: a, password: b}}      | the accounts of the cluster main are never used
          accounts: {team-b/alice: {user: a, password: b}} | Write accounts as a list, with an item - {tenant: team-b, name: alice, ...} or - {name: team-b/alice, ...}
          accounts: [{user: a, password: b}]             | the key name is missing: the user of the account
          accounts: [{tenant: "", name: x, user: a, password: b}] | accounts[0].tenant: it is empty
          accounts: [{name: x, user: a, password: b}, {name: x, user: c, password: d}] | there are two accounts for User:x
          accounts: alice                                | expected a list, not 'alice'
          othersUseLogin: false                          | no client can use listener 'main'
          forwardProxyTls: {trust: x}                    | the forward proxy does not use https
          """)
  void tellsWhatDoesNotFitTowardsBrokers(String yaml, String problem) {
    List<String> problems = BoundYaml.problems("upstream:\n  bootstrapServers: k1:9092\n  " + yaml);
    assertThat(problems).anySatisfy(line -> assertThat(line).contains(problem));
  }
}
