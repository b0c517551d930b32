package io.gatehouse.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
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
      assertThat(program.await("result=(bad_credentials)")).isNotEmpty();
    }
  }

  /** The commands of the page with curl, with a part of what each prints. */
  private static Map<String, String> curls() {
    Map<String, String> curls = new LinkedHashMap<>();
    curls.put("curl http://127.0.0.1:8888/gateway/v2/docs", "openapi: 3.1.0");
    curls.put("curl -i -X PUT 'http://127.0.0.1:8888/gateway/v2/group?wait=true", "200 OK");
    curls.put("curl -i 'http://127.0.0.1:8888/gateway/v2/group/shop'", "ETag: ");
    curls.put("curl -X PUT 'http://127.0.0.1:8888/gateway/v2/group'", "\"Updated\"");
    curls.put("curl 'http://127.0.0.1:8888/gateway/v2/history", "\"by\":\"admin\"");
    curls.put("curl -N 'http://127.0.0.1:8888/gateway/v2/watch", "event: change");
    curls.put("curl --cacert ca.crt https://gateway.example:8888/health/ready", "READY");
    curls.put("curl -H \"Authorization: Bearer $TOKEN\"", "[]");
    return curls;
  }

  /** Of the page; only hosts, ports and secrets are put in. */
  @Test
  void thePagesCommandsDoWhatItSays() throws Exception {
    String page = Files.readString(PAGE).replaceAll(" *\\\\\n *", " ");
    List<String> commands =
        page.lines().filter(l -> l.startsWith("    curl ")).map(String::strip).toList();
    Authority authority = Authority.create("HTTP CA");
    authority.server().writePem(folder);
    try (TokenServer provider = TokenServer.start()) {
      Path file = folder.resolve("gatehouse.yaml");
      Files.writeString(
          file,
          """
          upstream: {bootstrapServers: 127.0.0.1:1}
          listeners: [{host: 127.0.0.1, ports: {bootstrap: %2$d, brokers: '%3$d-%3$d'}}]
          http:
            host: 127.0.0.1
            port: 0
            tls: {certificate: %1$s/tls.crt, key: %1$s/tls.key}
          admin:
            users: [{name: admin, password: "an admin's", admin: true}]
            oidc:
              url: %4$s
              issuer: %5$s
              audiences: [kafka]
              rolesClaim: groups
              readRoles: [developers]
          """
              .formatted(
                  folder, ports.get(0), ports.get(1), provider.jwksUrl(), provider.issuer()));
      Map<String, String> variables = new HashMap<>();
      variables.put("ADMIN_PASSWORD", "an admin's");
      variables.put("TOKEN", provider.token("dev").claim("groups", List.of("developers")).sign());
      variables.put("CURL_CA_BUNDLE", folder.resolve("ca.crt").toString());
      try (ProgramProcess program =
          ProgramProcess.start(Map.of(), "run", "--config", file.toString())) {
        String at = "https://localhost:" + program.await("at https://127.0.0.1:(\\d+)");
        Map<String, String> expected = curls();
        assertThat(commands).hasSameSizeAs(expected.keySet());
        for (String command : commands) {
          String start =
              expected.keySet().stream().filter(command::startsWith).findAny().orElseThrow();
          String printed =
              shell(command.replaceAll("https?://(127.0.0.1|gateway.example):8888", at), variables);
          assertThat(printed).as(command).contains(expected.get(start));
          Pattern.compile("(?i)etag: (\\S+)")
              .matcher(printed)
              .results()
              .forEach(tag -> variables.put("ETAG", tag.group(1)));
        }
      }
    }
  }

  private String shell(String command, Map<String, String> variables) throws Exception {
    String strict = "curl() { command curl -sS --max-time 60 --fail-with-body \"$@\"; }; ";
    ProcessBuilder shell =
        new ProcessBuilder("sh", "-c", strict + command).directory(folder.toFile());
    shell.environment().putAll(variables);
    Process process = shell.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, printed).isZero();
    return printed;
  }
}
