package io.gatehouse.app.seeds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.app.ProgramProcess;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.ldap.LdapServer;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.testkit.pki.PemFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each command of kafka-proxy's page, and the sidecar of the recipe for Amazon MSK. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class KafkaProxyPageIT {

  /** "Usage example" 1: one broker is mapped, the others get dynamic listeners. */
  private static final Page ONE_MAPPING =
      new Page(
          """
          build/kafka-proxy server --bootstrap-server-mapping "192.168.99.100:32400,0.0.0.0:32399"
          """);

  /** The second: all brokers are mapped. */
  private static final Page ALL_MAPPED =
      new Page(
          """
          build/kafka-proxy server --bootstrap-server-mapping "192.168.99.100:32400,127.0.0.1:32400" \\
          --bootstrap-server-mapping "192.168.99.100:32401,127.0.0.1:32401" \\
          --bootstrap-server-mapping "192.168.99.100:32402,127.0.0.1:32402" \\
          --dynamic-listeners-disable
          """);

  /** The third: two of the brokers are behind other proxies, and topics cannot be deleted. */
  private static final Page EXTERNAL =
      new Page(
          """
          build/kafka-proxy server --bootstrap-server-mapping "192.168.99.100:32400,127.0.0.1:32400" \\
          --external-server-mapping "192.168.99.100:32401,127.0.0.1:32402" \\
          --external-server-mapping "192.168.99.100:32402,127.0.0.1:32403" \\
          --forbidden-api-keys 20
          """);

  /** The fourth: TLS and SASL on the way to the brokers. */
  private static final Page SASL =
      new Page(
          """
          build/kafka-proxy server --bootstrap-server-mapping "kafka-0.grepplabs.com:9093,0.0.0.0:32399" \\
          --tls-enable --tls-insecure-skip-verify \\
          --sasl-enable -sasl-username myuser --sasl-password mysecret
          """);

  /** "Proxy authentication example", the first. The page leaves out the mapping it needs, too. */
  private static final Page AUTH_USER =
      new Page(
          """
          make clean build plugin.auth-user && build/kafka-proxy server --proxy-listener-key-file "server-key.pem" \\
          --proxy-listener-cert-file "server-cert.pem" \\
          --proxy-listener-ca-chain-cert-file "ca.pem" \\
          --proxy-listener-tls-enable \\
          --proxy-listener-auth-enable \\
          --proxy-listener-auth-command build/auth-user \\
          --proxy-listener-auth-param "--username=my-test-user" \\
          --proxy-listener-auth-param "--password=my-test-password"
          """);

  /** The second. */
  private static final Page AUTH_LDAP =
      new Page(
          """
          make clean build plugin.auth-ldap && build/kafka-proxy server \\
          --proxy-listener-auth-enable \\
          --proxy-listener-auth-command build/auth-ldap \\
          --proxy-listener-auth-param "--url=ldaps://ldap.example.com:636" \\
          --proxy-listener-auth-param "--user-dn=cn=users,dc=exemple,dc=com" \\
          --proxy-listener-auth-param "--user-attr=uid" \\
          --bootstrap-server-mapping "192.168.99.100:32400,127.0.0.1:32400"
          """);

  /** The recipe's container, as Kubernetes starts it. */
  private static final Page MSK_SIDECAR =
      new Page(
          """
          /usr/local/bin/kafka-proxy server --log-format=json
          --bootstrap-server-mapping=msk1:9093,127.0.0.1:32401
          --bootstrap-server-mapping=msk2:9093,127.0.0.1:32402
          --bootstrap-server-mapping=msk3:9093,127.0.0.1:32403
          --tls-enable
          --tls-ca-chain-cert-file=/certs/ca.crt
          --tls-client-cert-file=/certs/user-ca-chain.crt
          --tls-client-key-file=/certs/user.key
          --tls-client-key-password=$(TLS_CLIENT_KEY_PASSWORD)
          --tls-insecure-skip-verify
          """);

  /** The recipe's client. */
  private static final Page MSK_CLIENT =
      new Page(
          """
          security.protocol=PLAINTEXT
          bootstrap.servers=127.0.0.1:32401,127.0.0.1:32402,127.0.0.1:32403
          ssl.endpoint.identification.algorithm=
          """);

  private static PageEnvironment environment;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    environment = PageEnvironment.get();
  }

  private static Map<String, Object> plaintext(int port) {
    return Map.of("bootstrap.servers", "127.0.0.1:" + port);
  }

  private static String local(int port) {
    return "127.0.0.1:" + port;
  }

  @Test
  void oneMapping() throws Exception {
    try (Ports ports = Ports.reserve(1);
        ProgramProcess _ =
            Gatehouse.server(
                ONE_MAPPING.with(
                    "192.168.99.100:32400", environment.broker("PLAINTEXT", 0),
                    "0.0.0.0:32399", local(ports.get(0))))) {
      Clients.exchangeInGroup(plaintext(ports.get(0)));
    }
  }

  @Test
  void allMapped() throws Exception {
    try (Ports ports = Ports.reserve(3);
        ProgramProcess _ =
            Gatehouse.server(
                ALL_MAPPED.with(
                    "192.168.99.100:32400", environment.broker("PLAINTEXT", 0),
                    "192.168.99.100:32401", environment.broker("PLAINTEXT", 1),
                    "192.168.99.100:32402", environment.broker("PLAINTEXT", 2),
                    "127.0.0.1:32400", local(ports.get(0)),
                    "127.0.0.1:32401", local(ports.get(1)),
                    "127.0.0.1:32402", local(ports.get(2))))) {
      Clients.exchangeInGroup(plaintext(ports.get(1)));
      assertThat(portsTold(ports.get(0)))
          .containsExactlyInAnyOrder(ports.get(0), ports.get(1), ports.get(2));
    }
  }

  private static List<Integer> portsTold(int port) throws Exception {
    try (Admin admin = Admin.create(plaintext(port))) {
      return admin.describeCluster().nodes().get(20, TimeUnit.SECONDS).stream()
          .map(node -> node.port())
          .toList();
    }
  }

  @Test
  void aBrokerThatIsNotMappedIsNotServed() throws Exception {
    Page two =
        new Page(
            ALL_MAPPED
                .text()
                .replace(
                    "--bootstrap-server-mapping \"192.168.99.100:32402,127.0.0.1:32402\" \\\n",
                    ""));
    try (Ports ports = Ports.reserve(2);
        ProgramProcess program =
            Gatehouse.server(
                two.with(
                    "192.168.99.100:32400", environment.broker("PLAINTEXT", 0),
                    "192.168.99.100:32401", environment.broker("PLAINTEXT", 1),
                    "127.0.0.1:32400", local(ports.get(0)),
                    "127.0.0.1:32401", local(ports.get(1))))) {
      Clients.assertUnserved(plaintext(ports.get(0)));
      var _ = program.await("(" + Pattern.quote(environment.broker("PLAINTEXT", 2)) + ")");
    }
  }

  @Test
  void externalMappingsAndForbiddenApis() throws Exception {
    try (Ports ports = Ports.reserve(3);
        ProgramProcess _ = Gatehouse.server(external(ports, 0));
        ProgramProcess _ = Gatehouse.server(external(ports, 1));
        ProgramProcess _ = Gatehouse.server(external(ports, 2))) {
      Clients.exchangeInGroup(plaintext(ports.get(0)));
      try (Admin admin = Admin.create(plaintext(ports.get(1)))) {
        assertThatThrownBy(
                () -> admin.deleteTopics(List.of("seed-1")).all().get(20, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(UnsupportedVersionException.class);
      }
    }
  }

  /** The proxy of this broker, with the others' addresses. */
  private static Page external(Ports ports, int own) {
    int second = (own + 1) % 3;
    int third = (own + 2) % 3;
    return EXTERNAL.with(
        "192.168.99.100:32400", environment.broker("PLAINTEXT", own),
        "192.168.99.100:32401", environment.broker("PLAINTEXT", second),
        "192.168.99.100:32402", environment.broker("PLAINTEXT", third),
        "127.0.0.1:32400", local(ports.get(own)),
        "127.0.0.1:32402", local(ports.get(second)),
        "127.0.0.1:32403", local(ports.get(third)));
  }

  private static Page sasl(Ports ports, String password) {
    return SASL.with(
        "kafka-0.grepplabs.com:9093",
        environment.broker("SASL_TLS", 0),
        "0.0.0.0:32399",
        local(ports.get(0)),
        "myuser",
        PageEnvironment.GATEWAY,
        "mysecret",
        password);
  }

  @Test
  void logsInOverTlsWithoutVerification() throws Exception {
    environment.cluster.forgetPrincipals();
    try (Ports ports = Ports.reserve(1);
        ProgramProcess program = Gatehouse.server(sasl(ports, "gw-plain-secret"))) {
      Clients.exchangeInGroup(plaintext(ports.get(0)));
      assertThat(environment.cluster.principalsSeen("SASL_TLS")).containsOnly("User:gw-plain");
      assertThat(program.output()).contains("WARN").doesNotContain("gw-plain-secret");
    }
  }

  @Test
  void aWrongPasswordIsRefused() throws Exception {
    try (Ports ports = Ports.reserve(1);
        ProgramProcess program = Gatehouse.server(sasl(ports, "wrong"))) {
      program.await("(the broker refuses the login: Authentication failed)");
      Clients.assertUnserved(plaintext(ports.get(0)));
    }
  }

  @Test
  void verificationNeedsTheAuthority() throws Exception {
    try (Ports ports = Ports.reserve(1)) {
      Page verifying = sasl(ports, "gw-plain-secret").with("--tls-insecure-skip-verify", "");
      try (ProgramProcess program = Gatehouse.server(verifying)) {
        program.await("(the certificate is not accepted)");
        Clients.assertUnserved(plaintext(ports.get(0)));
      }
      try (ProgramProcess _ =
          Gatehouse.server(verifying.and("--tls-ca-chain-cert-file " + environment.authority))) {
        Clients.exchangeInGroup(plaintext(ports.get(0)));
      }
    }
  }

  // ---- clients that log in at the proxy ---------------------------------------------------------

  private static Map<String, Object> client(int port, String protocol, Map<String, Object> login) {
    Map<String, Object> all = new TreeMap<>(login);
    all.put("bootstrap.servers", "localhost:" + port);
    all.put("security.protocol", protocol);
    if (protocol.endsWith("SSL")) {
      all.put("ssl.truststore.type", "PEM");
      all.put("ssl.truststore.certificates", PageEnvironment.CA.pem());
    }
    return all;
  }

  @Test
  void authenticatesAUserOverMutualTls() throws Exception {
    PemFiles files = PageEnvironment.CA.server().writePem(folder);
    try (Ports ports = Ports.reserve(1);
        ProgramProcess _ =
            Gatehouse.server(
                AUTH_USER
                    .with(
                        "server-key.pem", files.key().toString(),
                        "server-cert.pem", files.chain().toString(),
                        "ca.pem", files.authority().toString())
                    .and(
                        "--bootstrap-server-mapping %s,localhost:%d"
                            .formatted(environment.broker("PLAINTEXT", 0), ports.get(0))))) {
      Map<String, Object> shown =
          new TreeMap<>(AuthenticationProperties.certificate(PageEnvironment.CA.client("app")));
      shown.putAll(AuthenticationProperties.plain("my-test-user", "my-test-password"));
      Clients.exchange(client(ports.get(0), "SASL_SSL", shown));
      shown.putAll(AuthenticationProperties.plain("my-test-user", "wrong"));
      assertThat(Clients.refusal(client(ports.get(0), "SASL_SSL", shown)))
          .isInstanceOf(SaslAuthenticationException.class);
      assertThat(
              Clients.refusal(
                  client(
                      ports.get(0),
                      "SASL_SSL",
                      AuthenticationProperties.plain("my-test-user", "my-test-password"))))
          .isInstanceOf(SslAuthenticationException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ldaps", "StartTLS"})
  void authenticatesByLdap(String how) throws Exception {
    String url = how.equals("ldaps") ? environment.ldap.ldapsUrl() : environment.ldap.url();
    try (Ports ports = Ports.reserve(1);
        ProgramProcess _ =
            Gatehouse.server(
                AUTH_LDAP.with(
                    "ldaps://ldap.example.com:636",
                    url,
                    "cn=users,dc=exemple,dc=com",
                    LdapServer.PEOPLE,
                    "192.168.99.100:32400",
                    environment.broker("PLAINTEXT", 0),
                    "127.0.0.1:32400",
                    local(ports.get(0))),
                Map.of("JAVA_TOOL_OPTIONS", environment.wellKnownAuthority()))) {
      Clients.exchange(
          client(
              ports.get(0),
              "SASL_PLAINTEXT",
              AuthenticationProperties.plain("alice", "alice-secret")));
      assertThat(environment.ldap.bindsSeen()).contains("uid=alice," + LdapServer.PEOPLE);
      assertThat(
              Clients.refusal(
                  client(
                      ports.get(0),
                      "SASL_PLAINTEXT",
                      AuthenticationProperties.plain("alice", "wrong"))))
          .isInstanceOf(SaslAuthenticationException.class);
    }
  }

  // ---- the recipe for MSK -----------------------------------------------------------------------

  /** The user's certificate is by the user operator, which Amazon's authority vouches for. */
  private Page sidecar(Ports ports, Credentials user) throws IOException {
    Path certs = Files.createDirectories(folder.resolve("certs"));
    Files.writeString(certs.resolve("ca.crt"), user.withoutIssuers().rootPem());
    Files.writeString(certs.resolve("user-ca-chain.crt"), user.withRoot().chainPem());
    Files.writeString(certs.resolve("user.key"), user.keyPem());
    return MSK_SIDECAR.with(
        "msk1:9093", environment.broker("MTLS", 0),
        "msk2:9093", environment.broker("MTLS", 1),
        "msk3:9093", environment.broker("MTLS", 2),
        "127.0.0.1:32401", local(ports.get(0)),
        "127.0.0.1:32402", local(ports.get(1)),
        "127.0.0.1:32403", local(ports.get(2)),
        "/certs", certs.toString(),
        "$(TLS_CLIENT_KEY_PASSWORD)", "the-key-is-not-encrypted");
  }

  private static Map<String, Object> sidecarsClient(Ports ports) {
    return MSK_CLIENT
        .with(
            "127.0.0.1:32401", local(ports.get(0)),
            "127.0.0.1:32402", local(ports.get(1)),
            "127.0.0.1:32403", local(ports.get(2)))
        .properties();
  }

  @Test
  void runsTheSidecarOfTheMskRecipe() throws Exception {
    Authority operator = PageEnvironment.CA.intermediate("user-operator");
    environment.cluster.forgetPrincipals();
    try (Ports ports = Ports.reserve(3);
        ProgramProcess program =
            Gatehouse.server(
                sidecar(ports, operator.client("kafka.user.kafka-simple-client")),
                Map.of(
                    "USERNAME",
                    "kafka.user.kafka-simple-client",
                    "TLS_CLIENT_KEY_PASSWORD",
                    "the-key-is-not-encrypted"))) {
      Clients.exchangeInGroup(sidecarsClient(ports));
      assertThat(environment.cluster.principalsSeen("MTLS"))
          .containsOnly("User:kafka.user.kafka-simple-client");
      assertThat(program.output().lines()).allMatch(line -> line.startsWith("{\"@"));
      assertThat(program.output()).doesNotContain("the-key-is-not-encrypted");
    }
  }

  @Test
  void aUserOfAnotherAuthorityIsRefused() throws Exception {
    try (Ports ports = Ports.reserve(3);
        ProgramProcess program =
            Gatehouse.server(sidecar(ports, Authority.create("Other CA").client("user")))) {
      Clients.assertUnserved(sidecarsClient(ports));
      program.await("(requires a certificate and got none that it accepts)");
    }
  }
}
