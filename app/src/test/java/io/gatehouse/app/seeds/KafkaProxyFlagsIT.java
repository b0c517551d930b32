package io.gatehouse.app.seeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.ProgramProcess;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.aws.AwsEndpoints;
import io.gatehouse.testkit.kerberos.Kdc;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.testkit.pki.PemFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The other authentication and connection flags of kafka-proxy, each with valid and invalid values.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class KafkaProxyFlagsIT {

  private static final String BROKER_REFUSES = "(the broker refuses the login)";

  private static PageEnvironment environment;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    environment = PageEnvironment.get();
  }

  private static Page server(String listener, Ports ports, String flags) {
    return new Page("kafka-proxy server")
        .and(
            "--bootstrap-server-mapping %s,localhost:%d"
                .formatted(environment.broker(listener, 0), ports.get(0)))
        .and(flags);
  }

  private static Map<String, Object> client(Ports ports) {
    return Map.of("bootstrap.servers", "localhost:" + ports.get(0));
  }

  private static Map<String, Object> client(Ports ports, Map<String, Object> login) {
    Map<String, Object> all = new TreeMap<>(login);
    all.putAll(client(ports));
    all.put("security.protocol", "SASL_PLAINTEXT");
    return all;
  }

  /** Asserts that the brokers see this account, and that the invalid values are refused. */
  private static void logsIn(String listener, String principal, String said, Way right, Way wrong)
      throws Exception {
    environment.cluster.forgetPrincipals();
    try (Ports ports = Ports.reserve(1)) {
      try (ProgramProcess _ =
          Gatehouse.server(server(listener, ports, right.flags), right.environment)) {
        Clients.exchange(client(ports));
      }
      assertThat(environment.cluster.principalsSeen(listener)).containsOnly(principal);
      try (ProgramProcess program =
          Gatehouse.server(server(listener, ports, wrong.flags), wrong.environment)) {
        program.await(said);
        Clients.assertUnserved(client(ports));
      }
    }
  }

  private record Way(String flags, Map<String, String> environment) {
    Way(String flags) {
      this(flags, Map.of());
    }
  }

  // ---- logins at the brokers --------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-512"})
  void logsInByScram(String mechanism) throws Exception {
    String user = mechanism.endsWith("512") ? "gw-scram-long" : "gw-scram";
    String flags =
        "--tls-enable --tls-ca-chain-cert-file %s --sasl-enable --sasl-method %s --sasl-username %s"
            .formatted(environment.authority, mechanism, user);
    logsIn(
        "SASL_TLS",
        "User:" + user,
        BROKER_REFUSES,
        new Way(flags, Map.of("SASL_PASSWORD", "gw-scram-secret")),
        new Way(flags, Map.of("SASL_PASSWORD", "wrong")));
  }

  @Test
  void logsInByAJaasFile() throws Exception {
    Path right =
        Files.writeString(
            folder.resolve("right.jaas"),
            """
            KafkaClient {
              org.apache.kafka.common.security.plain.PlainLoginModule required
              username = "gw-plain"
              password = "gw-plain-secret";
            };
            """);
    Path wrong =
        Files.writeString(
            folder.resolve("wrong.jaas"),
            Files.readString(right).replace("gw-plain-secret", "wrong"));
    logsIn(
        "SASL",
        "User:gw-plain",
        BROKER_REFUSES,
        new Way("--sasl-enable --sasl-jaas-config-file " + right),
        new Way("--sasl-enable --sasl-jaas-config-file " + wrong));
  }

  @Test
  void logsInByAKeytab() throws Exception {
    Path wrong = folder.resolve("wrong.keytab");
    Files.copy(environment.kdc.keytab("gw-kerberos-gone"), wrong);
    environment.kdc.remove("gw-kerberos-gone");
    String flags =
        "--sasl-enable --sasl-method GSSAPI --gssapi-servicename kafka --gssapi-realm %s"
                .formatted(Kdc.REALM)
            + " --gssapi-krb5 %s --gssapi-username %s --gssapi-keytab %s";
    Path conf = environment.kdc.krb5Conf();
    Path keytab = environment.kdc.keytab("gw-kerberos");
    logsIn(
        "KERBEROS",
        "User:gw-kerberos",
        "(login with GSSAPI failed)",
        new Way(flags.formatted(conf, "gw-kerberos", keytab)),
        new Way(flags.formatted(conf, "gw-kerberos-gone", wrong)));
  }

  @Test
  void logsInByAKerberosPassword() throws Exception {
    environment.kdc.user("gw-user", "kerberos-secret");
    String flags =
        "--sasl-enable --sasl-method GSSAPI --gssapi-auth-type USER --gssapi-realm %s"
                .formatted(Kdc.REALM)
            + " --gssapi-username gw-user --gssapi-krb5 "
            + environment.kdc.krb5Conf();
    logsIn(
        "KERBEROS",
        "User:gw-user",
        "(login with GSSAPI failed)",
        new Way(flags, Map.of("GSSAPI_PASSWORD", "kerberos-secret")),
        new Way(flags, Map.of("GSSAPI_PASSWORD", "wrong")));
  }

  private static String iam() {
    return "--tls-enable --tls-ca-chain-cert-file %s --sasl-enable --sasl-method AWS_MSK_IAM"
            .formatted(environment.authority)
        + " --sasl-aws-region "
        + PageEnvironment.REGION;
  }

  private static Map<String, String> keys(String secret) {
    return Map.of(
        "AWS_ACCESS_KEY_ID",
        PageEnvironment.AWS.accessKeyId(),
        "AWS_SECRET_ACCESS_KEY",
        secret,
        "AWS_EC2_METADATA_DISABLED",
        "true");
  }

  @Test
  void logsInByAwsKeys() throws Exception {
    logsIn(
        "IAM",
        "User:" + PageEnvironment.AWS.name(),
        BROKER_REFUSES,
        new Way(iam(), keys(PageEnvironment.AWS.secretAccessKey())),
        new Way(iam(), keys("wrong")));
  }

  @Test
  void logsInByAnAwsRole() throws Exception {
    String role = iam() + " --sasl-aws-role-arn arn:aws:iam::1:role/gw";
    try (AwsEndpoints sts = AwsEndpoints.start(PageEnvironment.REGION, PageEnvironment.ROLE)) {
      Map<String, String> right = new TreeMap<>(keys("any"));
      right.put("AWS_ENDPOINT_URL_STS", sts.url());
      Map<String, String> wrong = new TreeMap<>(right);
      wrong.put("AWS_ENDPOINT_URL_STS", "http://localhost:1"); // nothing listens here
      logsIn(
          "IAM",
          "User:" + PageEnvironment.ROLE.name(),
          "(login with AWS_MSK_IAM failed)",
          new Way(role, right),
          new Way(role, wrong));
      assertThat(sts.requests()).contains("AssumeRole arn:aws:iam::1:role/gw");
    }
  }

  @Test
  void logsInByTokensOfAProvider() throws Exception {
    String credentials =
        """
        {"grant_type": "client_credentials", "client_id": "gw-oauth", "client_secret": "%s",
         "token_url": "%s"}
        """;
    Path right =
        Files.writeString(
            folder.resolve("right.json"),
            credentials.formatted("oauth-secret", environment.idp.tokenUrl()));
    Path wrong =
        Files.writeString(
            folder.resolve("wrong.json"),
            credentials.formatted("wrong", environment.idp.tokenUrl()));
    String flags =
        "--sasl-enable --sasl-plugin-enable"
            + " --sasl-plugin-command /opt/kafka-proxy/bin/oidc-provider"
            + " --sasl-plugin-param --credentials-file=";
    Map<String, String> trusting = Map.of("JAVA_TOOL_OPTIONS", environment.wellKnownAuthority());
    logsIn(
        "SASL",
        "User:gw-oauth",
        "(login with OAUTHBEARER failed)",
        new Way(flags + right, trusting),
        new Way(flags + wrong, trusting));
  }

  // ---- logins of clients ------------------------------------------------------------------------

  @Test
  void checksTokensOfClients() throws Exception {
    try (Ports ports = Ports.reserve(1);
        ProgramProcess _ =
            Gatehouse.server(
                server(
                    "PLAINTEXT",
                    ports,
                    "--auth-local-enable --auth-local-mechanism OAUTHBEARER"
                        + " --auth-local-command oidc-info"
                        + " --auth-local-param --jwks-url="
                        + environment.idp.jwksUrl()
                        + " --auth-local-param --issuer="
                        + environment.idp.issuer()
                        + " --auth-local-param --audience=kafka"),
                Map.of("JAVA_TOOL_OPTIONS", environment.wellKnownAuthority()))) {
      Clients.exchange(
          client(ports, AuthenticationProperties.token(environment.idp.token("alice").sign())));
      assertThat(
              Clients.refusal(
                  client(
                      ports,
                      AuthenticationProperties.token(environment.idp.token("alice").unsigned()))))
          .isInstanceOf(SaslAuthenticationException.class);
    }
  }

  @Test
  void acceptsOnlyClientsWithTheSameCertificate() throws Exception {
    PemFiles shown = PageEnvironment.CA.server().writePem(folder.resolve("server"));
    Credentials own = PageEnvironment.CA.client("sidecar");
    PemFiles ours = own.writePem(folder.resolve("client"));
    String flags =
        "--proxy-listener-tls-enable --proxy-listener-cert-file %s --proxy-listener-key-file %s"
                .formatted(shown.chain(), shown.key())
            + " --proxy-listener-ca-chain-cert-file %1$s --tls-enable --tls-ca-chain-cert-file %1$s"
                .formatted(environment.authority)
            + " --tls-client-cert-file %s --tls-client-key-file %s --tls-same-client-cert-enable"
                .formatted(ours.chain(), ours.key());
    environment.cluster.forgetPrincipals();
    try (Ports ports = Ports.reserve(1);
        ProgramProcess _ = Gatehouse.server(server("MTLS", ports, flags))) {
      Clients.exchange(tls(ports, own));
      assertThat(environment.cluster.principalsSeen("MTLS")).containsOnly("User:sidecar");
      assertThat(Clients.refusal(tls(ports, PageEnvironment.CA.client("sidecar"))))
          .isInstanceOf(SslAuthenticationException.class);
    }
  }

  private static Map<String, Object> tls(Ports ports, Credentials credentials) {
    Map<String, Object> all = new TreeMap<>(AuthenticationProperties.certificate(credentials));
    all.putAll(client(ports));
    all.put("security.protocol", "SSL");
    all.put("ssl.truststore.type", "PEM");
    all.put("ssl.truststore.certificates", PageEnvironment.CA.pem());
    return all;
  }

  // ---- ways to the brokers ----------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"socks5", "http"})
  void goesThroughAForwardProxy(String scheme) throws Exception {
    String flags =
        "--tls-enable --tls-ca-chain-cert-file %s --forward-proxy "
            .formatted(environment.authority);
    try (TestForwardProxy tunnel = new TestForwardProxy(scheme);
        Ports ports = Ports.reserve(1)) {
      try (ProgramProcess program =
          Gatehouse.server(server("TLS", ports, flags + tunnel.url(true)))) {
        Clients.exchange(client(ports));
        assertThat(tunnel.asked())
            .contains(
                environment.broker("TLS", 0),
                environment.broker("TLS", 1),
                environment.broker("TLS", 2));
        assertThat(program.output()).doesNotContain("proxy-pass");
      }
      try (ProgramProcess program =
          Gatehouse.server(server("TLS", ports, flags + tunnel.url(false)))) {
        Clients.assertUnserved(client(ports));
        program.await("(authStatus|407)");
      }
    }
  }

  @Test
  void sendsATokenToTheUpstreamGateway() throws Exception {
    String both =
        " --auth-gateway-%1$s-method unsecured-jwt --auth-gateway-%1$s-magic 3285573610483682037";
    try (Ports inner = Ports.reserve(3);
        Ports outer = Ports.reserve(1);
        ProgramProcess _ =
            Gatehouse.server(
                new Page(
                    "kafka-proxy server --dynamic-listeners-disable"
                        + mapping(inner, 0)
                        + mapping(inner, 1)
                        + mapping(inner, 2)
                        + " --auth-gateway-server-enable"
                        + " --auth-gateway-server-command unsecured-jwt-info"
                        + " --auth-gateway-server-param --claim-sub=outer-gateway"
                        + both.formatted("server")))) {
      String flags =
          "kafka-proxy server --bootstrap-server-mapping 127.0.0.1:%d,127.0.0.1:%d"
                  .formatted(inner.get(0), outer.get(0))
              + " --auth-gateway-client-enable"
              + " --auth-gateway-client-command unsecured-jwt-provider"
              + " --auth-gateway-client-param --claim-sub=%s"
              + both.formatted("client");
      try (ProgramProcess _ = Gatehouse.server(new Page(flags.formatted("outer-gateway")))) {
        Clients.exchange(client(outer));
      }
      try (ProgramProcess _ = Gatehouse.server(new Page(flags.formatted("stranger")))) {
        Clients.assertUnserved(client(outer));
      }
      Clients.assertUnserved(client(inner));
    }
  }

  private static String mapping(Ports ports, int id) {
    return " --bootstrap-server-mapping %s,127.0.0.1:%d"
        .formatted(environment.broker("PLAINTEXT", id), ports.get(id));
  }

  @Test
  void isMappedByVariables() throws Exception {
    try (Ports ports = Ports.reserve(2);
        ProgramProcess _ =
            Gatehouse.server(
                new Page("kafka-proxy server --dynamic-listeners-disable"),
                Map.of(
                    "BOOTSTRAP_SERVER_MAPPING",
                    "%s,127.0.0.1:%d \n\t gone.example:9092,127.0.0.1:%d"
                        .formatted(environment.broker("PLAINTEXT", 0), ports.get(0), ports.get(1)),
                    "EXTERNAL_SERVER_MAPPING",
                    "%1$s,%1$s  %2$s,%2$s"
                        .formatted(
                            environment.broker("PLAINTEXT", 1), environment.broker("PLAINTEXT", 2)),
                    "DIAL_ADDRESS_MAPPING",
                    "gone.example:9092," + environment.broker("PLAINTEXT", 0)))) {
      Clients.exchange(Map.of("bootstrap.servers", "127.0.0.1:" + ports.get(0)));
      Clients.exchange(Map.of("bootstrap.servers", "127.0.0.1:" + ports.get(1)));
    }
  }
}
