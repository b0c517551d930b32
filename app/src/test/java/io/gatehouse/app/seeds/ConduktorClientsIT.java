package io.gatehouse.app.seeds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gatehouse.app.ProgramProcess;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.token.ServiceAccountTokens;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.testkit.pki.StoreType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * "Configure Gateway to accept client connections" of Conduktor's page: each block of variables
 * with its client properties, and with a client that must be refused.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ConduktorClientsIT {

  private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
  private static final String TRUST = "javax.net.ssl.trustStore";

  private static final Page KEY_STORE =
      new Page(
          """
          GATEWAY_SSL_KEY_STORE_PATH: /path/to/your/keystore.jks
          GATEWAY_SSL_KEY_STORE_PASSWORD: yourKeystorePassword
          GATEWAY_SSL_KEY_PASSWORD: yourKeyPassword
          """);

  private static final Page TRUSTING =
      new Page(
          """
          ssl.truststore.location=/path/to/your/truststore.jks
          ssl.truststore.password=yourTruststorePassword
          """);

  private static final String PLAIN_LOGIN =
      """
      sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
      username="yourUsername" \\
      password="yourToken";
      """;

  private static final String OAUTH_LOGIN =
      """
      sasl.mechanism=OAUTHBEARER
      sasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler
      sasl.oauthbearer.token.endpoint.url=https://login.microsoftonline.com/xxxxxxxx-df00-48cd-805b-1ebe914e8b11/oauth2/token
      sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required \\
      clientId="yourClientID" \\
      clientSecret="yourClientSecret" \\
      scope=".default";
      """;

  private static final String OAUTH_VARIABLES =
      """
      GATEWAY_OAUTH_JWKS_URL: https://login.microsoftonline.com/common/discovery/keys
      GATEWAY_OAUTH_EXPECTED_ISSUER: https://sts.windows.net/xxxxxxxx-df00-48cd-805b-1ebe914e8b11/
      GATEWAY_OAUTH_EXPECTED_AUDIENCES: "[00000002-0000-0000-c000-000000000000]"
      """;

  private static final Page DELEGATED_CLIENT =
      new Page(
          """
          bootstrap.servers=your.gateway.hostname:9092
          security.protocol=SASL_PLAINTEXT
          sasl.mechanism=PLAIN
          sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="yourKafkaUser" password="yourKafkaPassword";
          """);

  private static PageEnvironment environment;

  @TempDir static Path folder;

  private static Path keyStore;

  @BeforeAll
  static void start() {
    environment = PageEnvironment.get();
    keyStore =
        PageEnvironment.CA.server().writeJks(folder.resolve("keys.jks"), "store-pass", "key-pass");
    // Kafka's login uses HTTPS for the identity provider.
    environment.idp.allowInThisJvm();
    System.setProperty(TRUST, environment.trustStore.toString());
    System.setProperty(TRUST + "Password", PageEnvironment.STORE_PASSWORD);
  }

  @AfterAll
  static void stop() {
    System.clearProperty(TRUST);
    System.clearProperty(TRUST + "Password");
  }

  // ---- putting in what the page leaves open -----------------------------------------------------

  private static String keys() {
    return KEY_STORE
        .with(
            "/path/to/your/keystore.jks", keyStore.toString(),
            "yourKeystorePassword", "store-pass",
            "yourKeyPassword", "key-pass")
        .text();
  }

  private static String trusting() {
    return TRUSTING
        .with(
            "/path/to/your/truststore.jks",
            environment.trustStore.toString(),
            "yourTruststorePassword",
            PageEnvironment.STORE_PASSWORD)
        .text();
  }

  /** A gateway with these variables and a plaintext cluster. */
  private static ProgramProcess gateway(String variables, Ports ports) throws IOException {
    return gateway(variables, "PLAINTEXT", ports);
  }

  private static ProgramProcess gateway(String variables, String listener, Ports ports)
      throws IOException {
    return Gatehouse.run(
        new Page("KAFKA_BOOTSTRAP_SERVERS: " + environment.broker(listener, 0) + "\n" + variables),
        ports.get(0),
        "JAVA_TOOL_OPTIONS",
        environment.wellKnownAuthority());
  }

  private static Map<String, Object> client(String properties, Ports ports) {
    return new Page(
            properties.replaceFirst("your.gateway.hostname:909[23]", "localhost:" + ports.get(0)))
        .properties();
  }

  private static String token(String key, Duration lifetime) {
    return new ServiceAccountTokens(new Secret(key))
        .issue("yourUsername", null, lifetime)
        .token()
        .reveal();
  }

  private static Map<String, Object> with(
      Map<String, Object> properties, Map<String, Object> more) {
    Map<String, Object> all = new TreeMap<>(properties);
    all.putAll(more);
    return all;
  }

  // ---- PLAINTEXT and SSL ------------------------------------------------------------------------

  @Test
  void plaintext() throws Exception {
    try (Ports ports = Ports.contiguous(4);
        ProgramProcess _ = gateway("GATEWAY_SECURITY_PROTOCOL: PLAINTEXT", ports)) {
      Clients.exchange(
          client(
              "bootstrap.servers=your.gateway.hostname:9092\nsecurity.protocol=PLAINTEXT", ports));
    }
  }

  @Test
  void ssl() throws Exception {
    String properties =
        "bootstrap.servers=your.gateway.hostname:9092\nsecurity.protocol=SSL\n"
            + trusting()
            + "ssl.protocol=TLSv1.3\n";
    try (Ports ports = Ports.contiguous(4);
        ProgramProcess _ = gateway("GATEWAY_SECURITY_PROTOCOL: SSL\n" + keys(), ports)) {
      Clients.exchange(client(properties, ports));
      Path other = folder.resolve("other.jks");
      Authority.create("Other CA")
          .writeTrustStore(other, StoreType.JKS, PageEnvironment.STORE_PASSWORD);
      assertThat(
              Clients.refusal(
                  with(
                      client(properties, ports),
                      Map.of("ssl.truststore.location", other.toString()))))
          .isInstanceOf(SslAuthenticationException.class);
    }
  }

  /** A Java client needs PEM texts where the page has paths. */
  @Test
  void mutualTls() throws Exception {
    Page variables =
        new Page(
            """
            GATEWAY_SECURITY_PROTOCOL: SSL
            GATEWAY_SSL_CLIENT_AUTH: REQUIRE
            %sGATEWAY_SSL_TRUST_STORE_PATH: /path/to/your/truststore.jks
            GATEWAY_SSL_TRUST_STORE_PASSWORD: yourTrustStorePassword
            """
                .formatted(keys()));
    Map<String, Object> pem = new TreeMap<>();
    Credentials app = PageEnvironment.CA.client("app");
    pem.put("ssl.keystore.type", "PEM");
    pem.put("ssl.keystore.key", app.keyPem());
    pem.put("ssl.keystore.certificate.chain", app.chainPem());
    String properties =
        """
        bootstrap.servers=your.gateway.hostname:9093
        security.protocol=SSL
        ssl.truststore.type=PEM
        ssl.protocol=TLSv1.3
        ssl.client.auth=required
        """;
    try (Ports ports = Ports.contiguous(4);
        ProgramProcess _ =
            gateway(
                variables
                    .with(
                        "/path/to/your/truststore.jks",
                        environment.trustStore.toString(),
                        "yourTrustStorePassword",
                        PageEnvironment.STORE_PASSWORD)
                    .text(),
                ports)) {
      Map<String, Object> client = client(properties, ports);
      client.put("ssl.truststore.certificates", PageEnvironment.CA.pem());
      Clients.exchange(with(client, pem));
      assertThat(Clients.refusal(client)).isInstanceOf(SslAuthenticationException.class);
    }
  }

  // ---- tokens of service accounts ---------------------------------------------------------------

  private static String plainVariables(String protocol) {
    return new Page(
                """
                GATEWAY_SECURITY_PROTOCOL: SASL_PLAINTEXT
                GATEWAY_USER_POOL_SECRET_KEY: yourRandom256bitKeyUsedToSignTokens
                """)
            .with("SASL_PLAINTEXT", protocol, "yourRandom256bitKeyUsedToSignTokens", KEY)
            .text()
        + (protocol.equals("SASL_SSL") ? keys() : "");
  }

  private static String plainClient(String protocol, String token) {
    return new Page(
                """
                bootstrap.servers=your.gateway.hostname:9092
                security.protocol=SASL_PLAINTEXT
                sasl.mechanism=PLAIN
                """
                    + PLAIN_LOGIN)
            .with("SASL_PLAINTEXT", protocol, "yourToken", token)
            .text()
        + (protocol.equals("SASL_SSL") ? trusting() : "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SASL_PLAINTEXT", "SASL_SSL"})
  void tokensOfServiceAccounts(String protocol) throws Exception {
    String good = token(KEY, Duration.ofHours(1));
    try (Ports ports = Ports.contiguous(4);
        ProgramProcess program = gateway(plainVariables(protocol), ports)) {
      Clients.exchangeInGroup(client(plainClient(protocol, good), ports));
      String forged = token(KEY.replace('M', 'N'), Duration.ofHours(1));
      assertThat(Clients.refusal(client(plainClient(protocol, forged), ports)))
          .isInstanceOf(SaslAuthenticationException.class);
      assertThat(
              Clients.refusal(
                  client(plainClient(protocol, good).replace("yourUsername", "somebody"), ports)))
          .isInstanceOf(SaslAuthenticationException.class);
      assertThat(program.output()).doesNotContain(good, forged, KEY);
    }
  }

  /** As in the SNI tutorial. */
  @Test
  void kcatAuthenticatesWithAToken() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/kcat")), "there is no kcat");
    environment.cluster.createTopic("seed-kcat", 1, 1);
    try (Ports ports = Ports.contiguous(4);
        ProgramProcess _ = gateway(plainVariables("SASL_SSL"), ports)) {
      String token = token(KEY, Duration.ofHours(1));
      assertThat(kcat("", ports, token, "-L")).contains("3 brokers", "localhost:" + ports.get(0));
      kcat("hello1\n", ports, token, "-t", "seed-kcat", "-P");
      assertThat(kcat("", ports, token, "-t", "seed-kcat", "-C", "-e", "-q")).isEqualTo("hello1\n");
    }
  }

  private static String kcat(String input, Ports ports, String token, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("/usr/bin/kcat"));
    command.addAll(Arrays.asList(arguments));
    command.addAll(
        List.of(
            "-b",
            "localhost:" + ports.get(0),
            "-X",
            "security.protocol=SASL_SSL",
            "-X",
            "sasl.mechanism=PLAIN",
            "-X",
            "sasl.password=" + token,
            "-X",
            "sasl.username=yourUsername",
            "-X",
            "ssl.ca.location=" + environment.authority));
    Path in = Files.writeString(folder.resolve("kcat.in"), input);
    Process kcat =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      String said = new String(kcat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(kcat.waitFor()).as(said).isZero();
      return said;
    } finally {
      kcat.destroyForcibly();
    }
  }

  // ---- OAUTHBEARER ------------------------------------------------------------------------------

  /** Uses the login class of Kafka 4 instead of the one of Kafka 3 in the page. */
  @ParameterizedTest
  @ValueSource(strings = {"SASL_PLAINTEXT", "SASL_SSL"})
  void tokensOfAnIdentityProvider(String protocol) throws Exception {
    String variables =
        new Page("GATEWAY_SECURITY_PROTOCOL: " + protocol + "\n" + OAUTH_VARIABLES)
            .with(
                "https://login.microsoftonline.com/common/discovery/keys",
                    environment.idp.jwksUrl(),
                "https://sts.windows.net/xxxxxxxx-df00-48cd-805b-1ebe914e8b11/",
                    environment.idp.issuer(),
                "00000002-0000-0000-c000-000000000000", "kafka")
            .text();
    Page properties =
        new Page(
                "bootstrap.servers=your.gateway.hostname:9092\nsecurity.protocol="
                    + protocol
                    + "\n"
                    + OAUTH_LOGIN)
            .with(
                "oauthbearer.secured.",
                "oauthbearer.",
                "https://login.microsoftonline.com/xxxxxxxx-df00-48cd-805b-1ebe914e8b11/oauth2/token",
                environment.idp.tokenUrl(),
                "yourClientID",
                "alice",
                "yourClientSecret",
                "alice-secret");
    boolean tls = protocol.equals("SASL_SSL");
    try (Ports ports = Ports.contiguous(4);
        ProgramProcess _ = gateway(variables + (tls ? keys() : ""), ports)) {
      Map<String, Object> client = client(properties.text() + (tls ? trusting() : ""), ports);
      Clients.exchange(client);
      client.keySet().removeIf(name -> name.contains("oauth") || name.contains("sasl"));
      String other = environment.idp.token("alice").audience("other").sign();
      assertThat(Clients.refusal(with(client, AuthenticationProperties.token(other))))
          .isInstanceOf(SaslAuthenticationException.class);
    }
  }

  // ---- the brokers' own accounts ----------------------------------------------------------------

  private static String kafka(String protocol) {
    return """
    KAFKA_SECURITY_PROTOCOL: %s
    KAFKA_SASL_MECHANISM: PLAIN
    KAFKA_SASL_JAAS_CONFIG: org.apache.kafka.common.security.plain.PlainLoginModule required username="gw-plain" password="gw-plain-secret";
    """
        .formatted(protocol);
  }

  private static Map<String, Object> delegated(
      String protocol, Map<String, Object> login, Ports ports) {
    String text = DELEGATED_CLIENT.text() + (protocol.equals("SASL_SSL") ? trusting() : "");
    Page page = new Page(text).with("SASL_PLAINTEXT", protocol).with("yourKafkaUser", "alice");
    Map<String, Object> properties =
        client(page.with("yourKafkaPassword", "alice-secret").text(), ports);
    return with(properties, login);
  }

  /** The brokers see the client's account, and the gateway's account for its own requests. */
  private static void asksTheBrokers(
      String variables, String protocol, Map<String, Object> login, String principal)
      throws Exception {
    environment.cluster.forgetPrincipals();
    boolean tls = protocol.equals("SASL_SSL");
    try (Ports ports = Ports.contiguous(4);
        ProgramProcess _ =
            gateway(
                variables + kafka(protocol) + (tls ? keys() : ""),
                tls ? "SASL_TLS" : "SASL",
                ports)) {
      Map<String, Object> client = delegated(protocol, login, ports);
      Clients.exchange(client);
      assertThat(environment.cluster.principalsSeen(tls ? "SASL_TLS" : "SASL"))
          .containsExactlyInAnyOrder(principal, "User:gw-plain");
      assertThat(Clients.refusal(with(client, AuthenticationProperties.plain("alice", "wrong"))))
          .isInstanceOf(SaslAuthenticationException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "DELEGATED_SASL_PLAINTEXT, PLAIN",
    "DELEGATED_SASL_PLAINTEXT, SCRAM-SHA-256",
    "DELEGATED_SASL_PLAINTEXT, SCRAM-SHA-512",
    "DELEGATED_SASL_PLAINTEXT, OAUTHBEARER",
    "DELEGATED_SASL_SSL, PLAIN",
    "DELEGATED_SASL_SSL, SCRAM-SHA-256",
    "DELEGATED_SASL_SSL, OAUTHBEARER",
  })
  void delegates(String protocol, String mechanism) throws Exception {
    Map<String, Object> login =
        switch (mechanism) {
          case "PLAIN" -> Map.of(); // the page's own
          case "SCRAM-SHA-256" ->
              AuthenticationProperties.scram(mechanism, "alice", "alice-secret");
          case "SCRAM-SHA-512" ->
              AuthenticationProperties.scram(mechanism, "alice-long", "alice-secret");
          default -> AuthenticationProperties.token(environment.idp.token("alice").sign());
        };
    asksTheBrokers(
        "GATEWAY_SECURITY_PROTOCOL: " + protocol + "\n",
        protocol.substring("DELEGATED_".length()),
        login,
        mechanism.endsWith("512") ? "User:alice-long" : "User:alice");
  }

  /** "Automatic security protocol detection": no variables for clients. */
  @ParameterizedTest
  @ValueSource(strings = {"SASL_SSL", "SASL_PLAINTEXT"})
  void infersThatBrokersKnowTheClients(String protocol) throws Exception {
    asksTheBrokers("", protocol, Map.of(), "User:alice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SSL", "PLAINTEXT"})
  void infersWhatClientsSpeak(String protocol) throws Exception {
    boolean tls = protocol.equals("SSL");
    try (Ports ports = Ports.contiguous(4);
        ProgramProcess _ =
            gateway(
                "KAFKA_SECURITY_PROTOCOL: " + protocol + "\n" + (tls ? keys() : ""),
                tls ? "TLS" : "PLAINTEXT",
                ports)) {
      Clients.exchange(
          client(
              "bootstrap.servers=your.gateway.hostname:9092\nsecurity.protocol="
                  + protocol
                  + "\n"
                  + (tls ? trusting() : ""),
              ports));
    }
  }
}
