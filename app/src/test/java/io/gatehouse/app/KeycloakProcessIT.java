package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.oidc.Keycloak;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** kafka-proxy's flags with Keycloak, in two gateways one behind the other. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KeycloakProcessIT {

  private static final String READY = "clients bootstrap at [\\w.]+:(\\d+)";

  @TempDir static Path folder;

  private static Keycloak keycloak;
  private static KafkaCluster cluster;

  @BeforeAll
  static void start() {
    keycloak = Keycloak.shared();
    cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 1)
            .with(keycloak.admitTo(Listener.sasl("KEYCLOAK")))
            .start();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void clientsGatewaysAndBrokersUseTokens() throws Exception {
    try (ProgramProcess inner = inner()) {
      String innerPort = inner.await(READY);
      try (ProgramProcess outer = outer(innerPort, "gatehouse");
          ProgramProcess impostor = outer(innerPort, "stranger")) {
        cluster.forgetPrincipals();
        Map<String, Object> orders = client(outer, keycloak.token("orders"));
        assertThat(clusterId(orders))
            .isEqualTo(
                clusterId(cluster.clientProperties("PLAINTEXT", AuthenticationProperties.none())));
        assertThat(cluster.principalsSeen("KEYCLOAK")).containsExactly("User:gatehouse");
        for (String token : List.of(keycloak.token("stranger"), keycloak.masterToken())) {
          assertThatThrownBy(() -> clusterId(client(outer, token)))
              .hasCauseInstanceOf(SaslAuthenticationException.class);
        }
        // The client's token is valid, but the outer gateway's token is not for the inner gateway.
        assertThatThrownBy(() -> clusterId(client(impostor, keycloak.token("orders"))))
            .hasCauseInstanceOf(TimeoutException.class);
        inner.await("(its audience is \\['elsewhere)");
        assertThat(inner.output() + outer.output() + impostor.output())
            .doesNotContain(Keycloak.secret("gatehouse"), Keycloak.secret("stranger"), "eyJ");
      }
    }
  }

  /**
   * The inner gateway: logs in at the brokers with Keycloak's tokens, and requires a token of other
   * gateways.
   */
  private static ProgramProcess inner() throws Exception {
    List<String> arguments =
        server(
            cluster.bootstrapServers("KEYCLOAK"),
            "--sasl-enable",
            "--sasl-plugin-enable",
            "--sasl-plugin-mechanism=OAUTHBEARER",
            "--sasl-plugin-command=oidc-provider",
            "--sasl-plugin-param=--credentials-file=" + credentials("gatehouse"),
            "--auth-gateway-server-enable",
            "--auth-gateway-server-method=keycloak",
            "--auth-gateway-server-magic=4711",
            "--auth-gateway-server-command=oidc-info");
    arguments.addAll(verifier("--auth-gateway-server-param"));
    return ProgramProcess.start(Map.of(), arguments.toArray(String[]::new));
  }

  /**
   * The outer gateway: accepts clients with Keycloak's tokens, and sends its own token to the inner
   * gateway.
   */
  private static ProgramProcess outer(String innerPort, String as) throws Exception {
    List<String> arguments =
        server(
            "127.0.0.1:" + innerPort,
            "--auth-gateway-client-enable",
            "--auth-gateway-client-method=keycloak",
            "--auth-gateway-client-magic=4711",
            "--auth-gateway-client-command=oidc-provider",
            "--auth-gateway-client-param=--credentials-file=" + credentials(as),
            "--auth-local-enable",
            "--auth-local-mechanism=OAUTHBEARER",
            "--auth-local-command=oidc-info");
    arguments.addAll(verifier("--auth-local-param"));
    return ProgramProcess.start(Map.of(), arguments.toArray(String[]::new));
  }

  private static List<String> server(String broker, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "server",
                "--log-format=json",
                "--http-disable",
                "--default-listener-ip=127.0.0.1",
                "--bootstrap-server-mapping=" + broker + ",127.0.0.1:0"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private static List<String> verifier(String flag) {
    return List.of(
        flag + "=--jwks-url=" + keycloak.jwksUrl(),
        flag + "=--issuer=" + keycloak.issuer(),
        flag + "=--audience=" + Keycloak.AUDIENCE,
        flag + "=--subject-claim=client_id");
  }

  private static Path credentials(String client) throws Exception {
    return Files.writeString(
        folder.resolve(client + ".json"),
        """
        {"grant_type": "client_credentials", "client_id": "%s", "client_secret": "%s",
         "token_url": "%s"}
        """
            .formatted(client, Keycloak.secret(client), keycloak.tokenUrl()));
  }

  private static Map<String, Object> client(ProgramProcess program, String token) {
    Map<String, Object> client = new HashMap<>(AuthenticationProperties.token(token));
    client.put("bootstrap.servers", "127.0.0.1:" + program.await(READY));
    client.put("security.protocol", "SASL_PLAINTEXT");
    client.put("request.timeout.ms", 5_000);
    client.put("default.api.timeout.ms", 10_000);
    return client;
  }

  private static String clusterId(Map<String, Object> properties) throws Exception {
    try (Admin admin = Admin.create(properties)) {
      return admin.describeCluster().clusterId().get(60, TimeUnit.SECONDS);
    }
  }
}
