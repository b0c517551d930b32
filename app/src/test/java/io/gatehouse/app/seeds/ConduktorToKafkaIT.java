package io.gatehouse.app.seeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.ProgramProcess;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.kerberos.Kdc;
import io.gatehouse.testkit.pki.StoreType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * "Connect Gateway to Kafka" of Conduktor's page: each block of variables, with a valid and with an
 * invalid account.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ConduktorToKafkaIT {

  private static final String TRUST_STORE =
      """
      KAFKA_SSL_TRUSTSTORE_TYPE: <JKS>
      KAFKA_SSL_TRUSTSTORE_LOCATION: </path/to/truststore.jks>
      KAFKA_SSL_TRUSTSTORE_PASSWORD: <truststore-password>
      """;

  /** Makes blocks without a trust store trust the test authority. */
  private static final String OPTIONS = "JAVA_TOOL_OPTIONS";

  private static PageEnvironment environment;

  @TempDir static Path folder;

  private static Path own;
  private static Path strangers;

  /**
   * A block of the page.
   *
   * @param name the headline
   * @param listener the listener of the brokers
   * @param principal the principal they must see; empty without authentication
   * @param accounts the values for a valid account
   * @param strangers the values for an invalid account
   * @param refused the log message for the invalid account
   */
  record Block(
      String name,
      String listener,
      String principal,
      Page page,
      List<String> accounts,
      List<String> strangers,
      String refused) {

    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  static void start() {
    environment = PageEnvironment.get();
    own =
        PageEnvironment.CA
            .client("gw-cert")
            .writeKeyStore(folder, "own", StoreType.JKS, "own-secret");
    strangers =
        PageEnvironment.CA
            .issue("gw-cert")
            .expired()
            .sign()
            .writeKeyStore(folder, "expired", StoreType.JKS, "own-secret");
  }

  private static final String BROKER_REFUSES = "(the broker refuses the login)";

  static List<Block> blocks() throws IOException {
    List<Block> all = new ArrayList<>();
    all.add(
        new Block(
            "PLAINTEXT",
            "PLAINTEXT",
            "",
            new Page(
                """
                KAFKA_BOOTSTRAP_SERVERS: <your.kafka.broker-1:9092>,<your.kafka.broker-2:9092>
                """),
            List.of(),
            List.of(),
            ""));
    all.add(
        new Block(
            "SSL",
            "MTLS",
            "User:gw-cert",
            new Page(
                """
                GATEWAY_SECURITY_PROTOCOL: PLAINTEXT # Change to relevant client-side value if known
                KAFKA_BOOTSTRAP_SERVERS: <your.kafka.broker-1:9092>,<your.kafka.broker-2:9092>
                KAFKA_SECURITY_PROTOCOL: SSL
                KAFKA_SASL_MECHANISM: PLAIN
                KAFKA_SASL_JAAS_CONFIG: org.apache.kafka.common.security.plain.PlainLoginModule required username="<gw-sa-username>" password="<gw-sa-password>";
                KAFKA_SSL_TRUSTSTORE_TYPE: <JKS>
                KAFKA_SSL_TRUSTSTORE_LOCATION: </path/to/truststore.jks>
                KAFKA_SSL_TRUSTSTORE_PASSWORD: <truststore-password>
                KAFKA_SSL_KEYSTORE_TYPE: <JKS>
                KAFKA_SSL_KEYSTORE_LOCATION: </path/to/keystore.jks>
                KAFKA_SSL_KEYSTORE_PASSWORD: <keystore-password>
                KAFKA_SSL_KEY_PASSWORD: <key-password>
                """),
            keys(own),
            keys(strangers),
            "(does not accept our certificate)"));
    all.add(
        new Block(
            "mTLS",
            "MTLS",
            "User:gw-cert",
            new Page(
                """
                GATEWAY_SECURITY_PROTOCOL: PLAINTEXT # Change to relevant client-side value if known
                KAFKA_BOOTSTRAP_SERVERS: <your.kafka.broker-1:9092>,<your.kafka.broker-2:9092>, <your.kafka.broker-3:9092>
                KAFKA_SECURITY_PROTOCOL: SSL
                KAFKA_SSL_TRUSTSTORE_LOCATION: /security/truststore.jks
                KAFKA_SSL_TRUSTSTORE_PASSWORD: conduktor
                KAFKA_SSL_KEYSTORE_LOCATION: /security/kafka.gw.keystore.jks
                KAFKA_SSL_KEYSTORE_PASSWORD: conduktor
                KAFKA_SSL_KEY_PASSWORD: conduktor
                """),
            files(own),
            files(strangers),
            "(does not accept our certificate)"));
    passwords(all);
    all.add(oauth("SASL_PLAINTEXT", "SASL"));
    all.add(oauth("SASL_SSL", "SASL_TLS"));
    all.add(kerberos());
    all.add(iam());
    return all;
  }

  private static List<String> keys(Path store) {
    return List.of(
        "</path/to/keystore.jks>", store.toString(),
        "<keystore-password>", "own-secret",
        "<key-password>", "own-secret");
  }

  private static List<String> files(Path store) {
    return List.of(
        "/security/truststore.jks",
        environment.trustStore.toString(),
        "TRUSTSTORE_PASSWORD: conduktor",
        "TRUSTSTORE_PASSWORD: " + PageEnvironment.STORE_PASSWORD,
        "/security/kafka.gw.keystore.jks",
        store.toString(),
        "conduktor",
        "own-secret");
  }

  // ---- PLAIN and SCRAM --------------------------------------------------------------------------

  private static void passwords(List<Block> all) {
    all.add(password("SASL_PLAINTEXT PLAIN", "SASL", "PLAIN", ""));
    all.add(password("SASL_PLAINTEXT SCRAM-SHA-256", "SASL", "SCRAM-SHA-256", ""));
    all.add(password("SASL_PLAINTEXT SCRAM-SHA-512", "SASL", "SCRAM-SHA-512", ""));
    all.add(confluentCloud());
    all.add(password("SASL_SSL SCRAM-SHA-256", "SASL_TLS", "SCRAM-SHA-256", TRUST_STORE));
    all.add(password("SASL_SSL SCRAM-SHA-512", "SASL_TLS", "SCRAM-SHA-512", TRUST_STORE));
  }

  private static Block password(String name, String listener, String mechanism, String trust) {
    String user =
        switch (mechanism) {
          case "PLAIN" -> "gw-plain";
          case "SCRAM-SHA-256" -> "gw-scram";
          default -> "gw-scram-long";
        };
    String module = mechanism.equals("PLAIN") ? "plain.Plain" : "scram.Scram";
    String comment = mechanism.equals("PLAIN") ? "" : " # or SCRAM-SHA-512";
    Page page =
        new Page(
            """
            GATEWAY_SECURITY_PROTOCOL: PLAINTEXT # Change to relevant client-side value if known
            KAFKA_BOOTSTRAP_SERVERS: <your.kafka.broker-1:9092>,<your.kafka.broker-2:9092>
            KAFKA_SECURITY_PROTOCOL: %s
            KAFKA_SASL_MECHANISM: %s%s
            KAFKA_SASL_JAAS_CONFIG: org.apache.kafka.common.security.%sLoginModule required username="<gw-sa-username>" password="<gw-sa-password>";
            %s\
            """
                .formatted(
                    trust.isEmpty() ? "SASL_PLAINTEXT" : "SASL_SSL",
                    mechanism,
                    comment,
                    module,
                    trust));
    String password = mechanism.equals("PLAIN") ? "gw-plain-secret" : "gw-scram-secret";
    return new Block(
        name,
        listener,
        "User:" + user,
        page,
        List.of("<gw-sa-username>", user, "<gw-sa-password>", password),
        List.of("<gw-sa-username>", user, "<gw-sa-password>", "wrong"),
        BROKER_REFUSES);
  }

  private static Block confluentCloud() {
    return new Block(
        "Confluent Cloud with API key/secret",
        "SASL_TLS",
        "User:gw-plain",
        new Page(
            """
            GATEWAY_SECURITY_PROTOCOL: PLAINTEXT # Change to relevant client-side value if known
            KAFKA_BOOTSTRAP_SERVERS: <your.cluster.confluent.cloud:9092>
            KAFKA_SECURITY_PROTOCOL: SASL_SSL
            KAFKA_SASL_MECHANISM: PLAIN
            KAFKA_SASL_JAAS_CONFIG: org.apache.kafka.common.security.plain.PlainLoginModule required username="<API_KEY>" password="<API_SECRET>";
            """),
        List.of("<API_KEY>", "gw-plain", "<API_SECRET>", "gw-plain-secret"),
        List.of("<API_KEY>", "gw-plain", "<API_SECRET>", "wrong"),
        BROKER_REFUSES);
  }

  // ---- tokens, Kerberos and AWS -----------------------------------------------------------------

  /** The page has typographic quotation marks and no values. */
  private static Block oauth(String protocol, String listener) {
    return new Block(
        protocol + " OAuthbearer",
        listener,
        "User:gw-oauth",
        new Page(
                """
                GATEWAY_SECURITY_PROTOCOL: PLAINTEXT
                KAFKA_BOOTSTRAP_SERVERS: <your.kafka.broker-1:9092>,<your.kafka.broker-2:9092>
                KAFKA_SECURITY_PROTOCOL: SASL_PLAINTEXT
                KAFKA_SASL_MECHANISM: OAUTHBEARER
                KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: "<https://myidp.example.com/oauth2/default/v1/token>"
                KAFKA_SASL_LOGIN_CALLBACK_HANDLER_CLASS: org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler
                KAFKA_SASL_JAAS_CONFIG: org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId=“<>” clientSecret=“<>” scope=“.default”;
                """)
            .with(
                "SASL_PLAINTEXT",
                protocol,
                "<https://myidp.example.com/oauth2/default/v1/token>",
                environment.idp.tokenUrl()),
        List.of(
            "clientId=“<>”",
            "clientId=“gw-oauth”",
            "clientSecret=“<>”",
            "clientSecret=“oauth-secret”"),
        List.of(
            "clientId=“<>”", "clientId=“gw-oauth”", "clientSecret=“<>”", "clientSecret=“wrong”"),
        "(invalid_client|HTTP response code 401|401)");
  }

  private static Block kerberos() throws IOException {
    Path wrong = folder.resolve("wrong.keytab");
    Files.copy(environment.kdc.keytab("somebody"), wrong);
    environment.kdc.remove("somebody");
    return new Block(
        "SASL GSSAPI (Kerberos)",
        "KERBEROS_TLS",
        "User:gw-kerberos",
        new Page(
            """
            GATEWAY_SECURITY_PROTOCOL: PLAINTEXT # Change to relevant client-side value if known
            KAFKA_BOOTSTRAP_SERVERS: <your.kafka.broker-1:9092>,<your.kafka.broker-2:9092>
            KAFKA_SECURITY_PROTOCOL: SASL_SSL
            KAFKA_SASL_MECHANISM: GSSAPI
            KAFKA_SASL_JAAS_CONFIG: com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true keyTab="<>>" principal="<>";
            KAFKA_SASL_KERBEROS_SERVICE_NAME: <kafka>
            KAFKA_SSL_TRUSTSTORE_TYPE: <JKS>
            KAFKA_SSL_TRUSTSTORE_LOCATION: </path/to/truststore.jks>
            KAFKA_SSL_TRUSTSTORE_PASSWORD: <truststore-password>
            """),
        List.of(
            "<>>",
            environment.kdc.keytab("gw-kerberos").toString(),
            "principal=\"<>\"",
            "principal=\"" + environment.kdc.principal("gw-kerberos") + "\"",
            "<kafka>",
            "kafka"),
        List.of(
            "<>>",
            wrong.toString(),
            "principal=\"<>\"",
            "principal=\"" + environment.kdc.principal("somebody") + "\"",
            "<kafka>",
            "kafka"),
        "(login with GSSAPI failed)");
  }

  private static Block iam() {
    return new Block(
        "AWS MSK cluster with IAM",
        "IAM",
        "User:" + PageEnvironment.AWS.name(),
        new Page(
            """
            GATEWAY_SECURITY_PROTOCOL: PLAINTEXT # Change to relevant client-side value if known
            KAFKA_BOOTSTRAP_SERVERS: <b-3-public.****.kafka.eu-west-1.amazonaws.com:9198>
            KAFKA_SECURITY_PROTOCOL: SASL_SSL
            KAFKA_SASL_MECHANISM: AWS_MSK_IAM
            KAFKA_SASL_JAAS_CONFIG: software.amazon.msk.auth.iam.IAMLoginModule required;
            KAFKA_SASL_CLIENT_CALLBACK_HANDLER_CLASS: io.conduktor.aws.IAMClientCallbackHandler
            KAFKA_AWS_ACCESS_KEY_ID: <access-key-id>
            KAFKA_AWS_SECRET_ACCESS_KEY: <secret-access-key>
            """),
        List.of(
            "<access-key-id>", PageEnvironment.AWS.accessKeyId(),
            "<secret-access-key>", PageEnvironment.AWS.secretAccessKey()),
        List.of(
            "<access-key-id>", PageEnvironment.AWS.accessKeyId(), "<secret-access-key>", "wrong"),
        BROKER_REFUSES);
  }

  // ---- running them -----------------------------------------------------------------------------

  /** A JVM without a UTF-8 locale cannot pass on typographic quotation marks. */
  private static Page passable(Page page) {
    return "UTF-8".equals(System.getProperty("sun.jnu.encoding"))
        ? page
        : new Page(page.text().replaceAll("[“”]", "\""));
  }

  private static Page filled(Block block, List<String> accounts) {
    Page page = new Page(block.page().text()).with(accounts.toArray(String[]::new));
    String text =
        page.text()
            .replace("<your.kafka.broker-1:9092>", environment.broker(block.listener(), 0))
            .replace("<your.kafka.broker-2:9092>", environment.broker(block.listener(), 1))
            .replace("<your.kafka.broker-3:9092>", environment.broker(block.listener(), 2))
            .replace("<your.cluster.confluent.cloud:9092>", environment.broker(block.listener(), 0))
            .replaceFirst("<b-3-public[^>]*>", environment.broker(block.listener(), 0))
            .replace("</path/to/truststore.jks>", environment.trustStore.toString())
            .replace("<truststore-password>", PageEnvironment.STORE_PASSWORD)
            .replace("<JKS>", "JKS");
    // The remaining variables of the block SSL have no effect with this protocol.
    return new Page(text.replace("<gw-sa-username>", "any").replace("<gw-sa-password>", "any"));
  }

  private static ProgramProcess start(Block block, List<String> accounts, Ports ports)
      throws IOException {
    return Gatehouse.run(
        passable(filled(block, accounts)),
        ports.get(0),
        OPTIONS,
        environment.wellKnownAuthority() + " -D" + Kdc.KRB5_CONF + "=" + environment.kdc.krb5Conf(),
        "AWS_REGION",
        PageEnvironment.REGION,
        "LANG",
        "C.UTF-8");
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void everyBlock(Block block) throws Exception {
    environment.cluster.forgetPrincipals();
    try (Ports ports = Ports.contiguous(4)) {
      Map<String, Object> client = Map.of("bootstrap.servers", "localhost:" + ports.get(0));
      try (ProgramProcess program = start(block, block.accounts(), ports)) {
        Clients.exchange(client);
        assertThat(program.output()).doesNotContain("-secret");
      }
      if (!block.principal().isEmpty()) {
        assertThat(environment.cluster.principalsSeen(block.listener()))
            .containsOnly(block.principal());
        try (ProgramProcess program = start(block, block.strangers(), ports)) {
          program.await(block.refused());
          Clients.assertUnserved(client);
        }
      }
    }
  }
}
