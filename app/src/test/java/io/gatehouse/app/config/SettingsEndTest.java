package io.gatehouse.app.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.testkit.oidc.TokenServer;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Resources of settings are closed after their last use. */
class SettingsEndTest {

  @TempDir Path folder;

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("HttpClient-"))
        .collect(Collectors.toCollection(HashSet::new));
  }

  @Test
  void mechanismsAndLoginsEndWithTheSettings() throws Exception {
    Set<Thread> before = threads();
    try (TokenServer idp = TokenServer.start().client("gateway", "secret")) {
      Path credentials =
          Files.writeString(
              folder.resolve("credentials.json"),
              """
              {"grant_type": "client_credentials", "client_id": "gateway", "client_secret": "secret",
               "token_url": "%s"}
              """
                  .formatted(idp.tokenUrl()));
      AppSettings settings =
          BoundYaml.settings(
              """
              upstream:
                bootstrapServers: k:1
                login: {tokens: {parameters: ["--credentials-file=%s"]}}
              listeners:
                - authentication:
                    mechanisms: [{name: OAUTHBEARER, jwks: {url: "%s", audiences: kafka}}]
              """
                  .formatted(credentials, idp.jwksUrl()));
      Leases opened = new Pool().leases();
      use(opened, settings.gateway(), idp.token("alice").sign());
      Set<Thread> more = threads();
      more.removeAll(before);
      assertThat(more).as("threads of clients of HTTP").hasSizeGreaterThanOrEqualTo(2);
      opened.close();
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> more.stream().noneMatch(Thread::isAlive));
    }
  }

  private static void use(Leases opened, GatewaySettings gateway, String token) throws Exception {
    opened.get(requireNonNull(gateway.upstream().access().accounts().own())).begin("k").close();
    Authentication.Sasl sasl =
        (Authentication.Sasl) gateway.listeners().getFirst().entry().authentication();
    byte[] first =
        ("n,,\u0001auth=Bearer " + token + "\u0001\u0001").getBytes(StandardCharsets.UTF_8);
    var exchange =
        opened
            .get(sasl.mechanisms().getFirst())
            .begin(new Peer(InetAddress.getLoopbackAddress(), "l", "localhost", true));
    exchange.next(first);
    assertThat(exchange.outcome()).isNotNull();
    exchange.close();
  }
}
