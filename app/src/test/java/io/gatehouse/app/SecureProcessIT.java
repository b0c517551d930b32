package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.token.ServiceAccountTokens;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.PemFiles;
import io.gatehouse.testkit.pki.StoreType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program between real clients and a secured cluster, configured as documented. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SecureProcessIT {

  private static final Authority CA = Authority.create("Process CA");
  private static final String READY = "clients bootstrap at [\\w.]+:(\\d+)";
  private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

  @TempDir static Path folder;

  private static KafkaCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 1)
            .with(
                Listener.ssl("MTLS", CA.server())
                    .requireClients(CA)
                    .principalRules("RULE:^CN=([a-z-]+).*$/$1/"))
            .with(Listener.saslSsl("SASL_TLS", CA.server()).plain("gateway", "broker-secret"))
            .start();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static String clusterId(Map<String, Object> properties) throws Exception {
    try (Admin admin = Admin.create(properties)) {
      return admin.describeCluster().clusterId().get(60, TimeUnit.SECONDS);
    }
  }

  private static String expectedId() throws Exception {
    return clusterId(cluster.clientProperties("PLAINTEXT", AuthenticationProperties.none()));
  }

  @Test
  void connectsAPlaintextClientWithMutualTls() throws Exception {
    PemFiles files =
        CA.client("sidecar").writePem(Files.createDirectories(folder.resolve("certs")));
    cluster.forgetPrincipals();
    try (ProgramProcess program =
        ProgramProcess.start(
            Map.of("TLS_CLIENT_KEY_PASSWORD", "the key is not encrypted"),
            "server",
            "--log-format=json",
            "--bootstrap-server-mapping=" + cluster.bootstrapServers("MTLS") + ",127.0.0.1:0",
            "--default-listener-ip=127.0.0.1",
            "--http-disable",
            "--tls-enable",
            "--tls-ca-chain-cert-file=" + files.authority(),
            "--tls-client-cert-file=" + files.chain(),
            "--tls-client-key-file=" + files.key())) {
      String port = program.await(READY);
      Map<String, Object> client = Map.of("bootstrap.servers", "127.0.0.1:" + port);
      assertThat(clusterId(client)).isEqualTo(expectedId());
      assertThat(cluster.principalsSeen("MTLS")).containsOnly("User:sidecar");
    }
  }

  @Test
  void servesSaslOverTlsFromConduktorsVariables() throws Exception {
    Path keys = CA.server().writeKeyStore(folder, "gateway", StoreType.PKCS12, "store-secret");
    Path trust = CA.server().writeTrustStore(folder, "trust", StoreType.JKS, "trust-secret");
    Map<String, String> environment = new TreeMap<>();
    environment.put("KAFKA_BOOTSTRAP_SERVERS", cluster.bootstrapServers("SASL_TLS"));
    environment.put("KAFKA_SECURITY_PROTOCOL", "SASL_SSL");
    environment.put("KAFKA_SASL_MECHANISM", "PLAIN");
    environment.put(
        "KAFKA_SASL_JAAS_CONFIG",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"gateway\""
            + " password=\"broker-secret\";");
    environment.put("KAFKA_SSL_TRUSTSTORE_TYPE", "JKS");
    environment.put("KAFKA_SSL_TRUSTSTORE_LOCATION", trust.toString());
    environment.put("KAFKA_SSL_TRUSTSTORE_PASSWORD", "trust-secret");
    environment.put("GATEWAY_SECURITY_PROTOCOL", "SASL_SSL");
    environment.put("GATEWAY_USER_POOL_SECRET_KEY", KEY);
    environment.put("GATEWAY_SSL_KEY_STORE_PATH", keys.toString());
    environment.put("GATEWAY_SSL_KEY_STORE_PASSWORD", "store-secret");
    environment.put("GATEWAY_SSL_KEY_PASSWORD", "store-secret");
    environment.put("GATEWAY_SSL_KEY_TYPE", "pkcs12");
    environment.put("GATEWAY_BIND_HOST", "127.0.0.1");
    environment.put("GATEWAY_ADVERTISED_HOST", "localhost");
    environment.put("GATEWAY_PORT_START", "27969");
    environment.put("GATEHOUSE_HTTP_PORT", "0");
    cluster.forgetPrincipals();
    try (ProgramProcess program = ProgramProcess.start(environment, "run")) {
      String port = program.await(READY);
      String token =
          new ServiceAccountTokens(new Secret(KEY))
              .issue("alice", null, Duration.ofHours(1))
              .token()
              .reveal();
      Map<String, Object> client = new HashMap<>(AuthenticationProperties.plain("alice", token));
      client.put("bootstrap.servers", "localhost:" + port);
      client.put("security.protocol", "SASL_SSL");
      client.put("ssl.truststore.type", "PEM");
      client.put("ssl.truststore.certificates", CA.pem());
      assertThat(clusterId(client)).isEqualTo(expectedId());
      assertThat(cluster.principalsSeen("SASL_TLS")).containsOnly("User:gateway");
      assertThat(program.output()).doesNotContain("secret\"", token, KEY);
    }
  }
}
