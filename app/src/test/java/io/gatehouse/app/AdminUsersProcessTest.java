package io.gatehouse.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program serves HTTPS to the users of its file, as docs/admin-api.md says. */
@Timeout(180)
class AdminUsersProcessTest {

  private static final Path PAGE = Path.of("..", "docs", "admin-api.md");
  private static final String RULES = "certificateRules: RULE:^CN=([^,]+).*$/$1/,DEFAULT";

  /** Of the password secret, with the lowest cost. */
  private static final String HASH = "$2y$04$MwjGkQYEATwRsRjwJyQo/OKbe96dWJC5Cr0UjBhVvUO4oyNo.rtny";

  @TempDir Path folder;

  @AutoClose private final Ports ports = Ports.contiguous(2);

  private static int status(HttpClient client, String url, @Nullable String user) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
    if (user != null) {
      String encoded = Base64.getEncoder().encodeToString(user.getBytes(UTF_8));
      request.header("Authorization", "Basic " + encoded);
    }
    return client.send(request.build(), BodyHandlers.ofString()).statusCode();
  }

  private static HttpClient client(@Nullable Credentials identity, Authority authority) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .sslContext(Credentials.context(identity, authority))
        .build();
  }

  @Test
  void servesItsUsersOverTls() throws Exception {
    assertThat(Files.readString(PAGE)).contains(RULES);
    Authority authority = Authority.create("HTTP CA");
    authority.server().writePem(folder);
    Path users = folder.resolve("users.yaml");
    Files.writeString(users, "users: [{name: alice, passwordHash: '" + HASH + "'}]\n");
    Path file = folder.resolve("gatehouse.yaml");
    Files.writeString(
        file,
        """
        upstream: {bootstrapServers: 127.0.0.1:1}
        listeners: [{host: 127.0.0.1, ports: {bootstrap: %3$d, brokers: '%4$d-%4$d'}}]
        http:
          host: 127.0.0.1
          port: 0
          securedMetrics: true
          tls: {certificate: %1$s/tls.crt, key: %1$s/tls.key, trust: %1$s/ca.crt, clientAuth: optional}
        admin:
          %2$s
          usersFile: %1$s/users.yaml
          users: [{name: ci, certificate: ci, admin: true}]
        """
            .formatted(folder, RULES, ports.get(0), ports.get(1)));
    try (ProgramProcess program =
            ProgramProcess.start(Map.of(), "run", "--config", file.toString());
        HttpClient nobody = client(null, authority);
        HttpClient ci = client(authority.client("ci"), authority)) {
      String at = "https://localhost:" + program.await("at https://127.0.0.1:(\\d+)");
      assertThat(status(nobody, at + "/health/live", null)).isEqualTo(200);
      assertThat(status(nobody, at + "/", null)).isEqualTo(200);
      assertThat(status(nobody, at + "/metrics", null)).isEqualTo(401);
      assertThat(status(nobody, at + "/metrics", "alice:secret")).isEqualTo(200);
      assertThat(status(nobody, at + "/gateway/v2/group", "alice:secret")).isEqualTo(200);
      assertThat(status(ci, at + "/gateway/v2/state", null)).isEqualTo(200);
      assertThat(status(nobody, at + "/gateway/v2/state", "alice:secret")).isEqualTo(403);

      Files.writeString(users, "users: []\n");
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(status(nobody, at + "/metrics", "alice:secret")).isIn(401, 429));
      assertThat(program.output()).contains("result=bad_credentials");
    }
  }
}
