package io.gatehouse.app.seeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.ProgramProcess;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.token.ServiceAccountTokens;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.pki.Credentials;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Conduktor's tutorial on SNI: one port, the names of {@code gatehouse dns} in the certificate, TLS
 * and SASL on both sides.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ConduktorSniIT {

  private static final String HOST = "gateway.conduktor.k8s.orb.local";
  private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

  private static PageEnvironment environment;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    environment = PageEnvironment.get();
  }

  /** As the tutorial's chart sets them. */
  private Map<String, String> variables(int port) {
    Map<String, String> all = new TreeMap<>();
    all.put("KAFKA_BOOTSTRAP_SERVERS", environment.broker("SASL_TLS", 0));
    all.put("KAFKA_SECURITY_PROTOCOL", "SASL_SSL");
    all.put("KAFKA_SASL_MECHANISM", "PLAIN");
    all.put(
        "KAFKA_SASL_JAAS_CONFIG",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"gw-plain\""
            + " password=\"gw-plain-secret\";");
    all.put("KAFKA_SSL_TRUSTSTORE_LOCATION", environment.trustStore.toString());
    all.put("KAFKA_SSL_TRUSTSTORE_PASSWORD", PageEnvironment.STORE_PASSWORD);
    all.put("GATEWAY_ADVERTISED_HOST", HOST);
    all.put("GATEWAY_ROUTING_MECHANISM", "host");
    all.put("GATEWAY_PORT_START", Integer.toString(port));
    all.put("GATEWAY_SECURITY_PROTOCOL", "SASL_SSL");
    all.put("GATEWAY_USER_POOL_SECRET_KEY", KEY);
    all.put("GATEWAY_SSL_KEY_STORE_PATH", folder.resolve("keys.jks").toString());
    all.put("GATEWAY_SSL_KEY_STORE_PASSWORD", "conduktor");
    all.put("GATEWAY_SSL_KEY_PASSWORD", "conduktor");
    all.put("GATEWAY_FEATURE_FLAGS_INTERNAL_LOAD_BALANCING", "false");
    all.put("GATEWAY_BIND_HOST", "127.0.0.1");
    all.put("GATEHOUSE_HTTP_ENABLED", "false");
    return all;
  }

  private static List<String> namesNeeded(Map<String, String> variables) throws Exception {
    try (ProgramProcess dns = ProgramProcess.start(variables, "dns", "--brokers", "0-2")) {
      String names = dns.await("(DNS:\\S+)");
      assertThat(dns.exitCode()).isZero();
      return Arrays.stream(names.split(",", -1)).map(name -> name.substring(4)).toList();
    }
  }

  @Test
  void onePortServesAllBrokers() throws Exception {
    try (Ports ports = Ports.reserve(1)) {
      Map<String, String> variables = variables(ports.get(0));
      List<String> names = namesNeeded(variables);
      assertThat(names)
          .containsExactlyInAnyOrder(
              HOST, "brokermain0-" + HOST, "brokermain1-" + HOST, "brokermain2-" + HOST);
      Credentials shown =
          PageEnvironment.CA.issue("gateway").dns(names.toArray(String[]::new)).sign();
      shown.writeJks(folder.resolve("keys.jks"), "conduktor", "conduktor");
      environment.cluster.forgetPrincipals();
      try (ProgramProcess program = ProgramProcess.start(variables, "run")) {
        program.await("clients bootstrap at (" + HOST + ")");
        String properties =
            """
            bootstrap.servers=%s:%d
            security.protocol=SASL_SSL
            sasl.mechanism=PLAIN
            sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="%s";
            ssl.truststore.location=%s
            ssl.truststore.password=%s
            """
                .formatted(
                    HOST,
                    ports.get(0),
                    new ServiceAccountTokens(new Secret(KEY))
                        .issue("admin", null, Duration.ofHours(1))
                        .token()
                        .reveal(),
                    environment.trustStore,
                    PageEnvironment.STORE_PASSWORD);
        String said = SniClient.run(folder, properties, String.join(" ", names));
        assertThat(said)
            .contains(
                "nodes [brokermain0-%1$s:%2$d, brokermain1-%1$s:%2$d, brokermain2-%1$s:%2$d]"
                    .formatted(HOST, ports.get(0)))
            .containsPattern("topics \\[.*test.*]")
            .contains("read 6");
        assertThat(environment.cluster.principalsSeen("SASL_TLS")).containsOnly("User:gw-plain");
        // An unknown name, as of a client that bootstraps with an address.
        assertThat(Clients.refusal(new Page(properties.replace(HOST, "localhost")).properties()))
            .isInstanceOf(SslAuthenticationException.class);
      }
    }
  }
}
