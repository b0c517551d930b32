package io.gatehouse.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.testkit.Ports;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program reloads its file on SIGHUP, with the documented command. */
@Timeout(180)
class ReloadProcessTest {

  private static final Path PAGE = Path.of("..", "docs", "operations.md");

  private static final String RELOAD = "/gateway/v2/reload";

  /** The documented command with the process id. */
  private static final String COMMAND = "kill -HUP PID";

  @TempDir Path folder;

  @AutoClose private final HttpClient client = HttpClient.newHttpClient();

  @AutoClose private final Ports ports = Ports.contiguous(4);

  private void write(String rest, String... listeners) throws Exception {
    StringBuilder yaml = new StringBuilder("upstream: {bootstrapServers: 127.0.0.1:1}\n");
    yaml.append("http: {host: 127.0.0.1, port: 0}\nlisteners:\n");
    for (int i = 0; i < listeners.length; i++) {
      yaml.append(
          "  - {name: %s, host: 127.0.0.1, ports: {bootstrap: %d, brokers: '%3$d-%3$d'}}\n"
              .formatted(listeners[i], ports.get(2 * i), ports.get(2 * i + 1)));
    }
    Files.writeString(folder.resolve("gatehouse.yaml"), yaml + rest);
  }

  private static void reload(ProgramProcess program) throws Exception {
    assertThat(Files.readString(PAGE)).contains("\n    " + COMMAND + "\n");
    String command = COMMAND.replace("PID", Long.toString(program.pid()));
    assertThat(new ProcessBuilder(command.split(" ", -1)).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void reloadsItsFile() throws Exception {
    write("", "one");
    try (ProgramProcess program =
        ProgramProcess.start(
            Map.of(), "run", "--config", folder.resolve("gatehouse.yaml").toString())) {
      String http = program.await("Health and metrics at http://127.0.0.1:(\\d+)");
      assertThat(program.await("(Ready for new connections)")).isNotEmpty();
      try (Socket session = new Socket(InetAddress.ofLiteral("127.0.0.1"), ports.get(0))) {
        write("rules: {forbiddenApis: [CreateTopics]}\nlog: {format: json}\n", "one", "two");
        reload(program);
        assertThat(program.await("(The configuration was reloaded: changes: 2)")).isNotEmpty();
        assertThat(program.output())
            .contains("listener two is new", "rules.forbidden is [19], and was []")
            .contains("a change of log needs a restart and was not applied");
        assertThat(listens(ports.get(2))).isTrue();

        write(
            "rules: {forbiddenApis: [CreateTopics], forbidenApis: []}\nlimits: {frame: no}\n",
            "one");
        reload(program);
        assertThat(program.await("(was not reloaded: problems: 2)")).isNotEmpty();
        assertThat(program.output()).contains("rules.forbidenApis", "limits.frame");
        assertThat(listens(ports.get(2))).isTrue();
        assertThat(get(http, "/metrics"))
            .contains("gatehouse_config_reloads_total{result=\"applied\"} 1")
            .contains("gatehouse_config_reloads_total{result=\"refused\"} 1")
            .contains("gatehouse_config_revision 2");
        assertThat(get(http, "/health"))
            .contains("\"configuration\"", "\"revision\":\"2\"", "problems: 2")
            .doesNotContain("forbidenApis");

        write("admin: {store: {file: %s/state.yaml}}\n".formatted(folder), "one");
        reload(program);
        assertThat(program.await("(a change of admin.store needs a restart)")).isNotEmpty();

        write("upstreams: {second: {bootstrapServers: 127.0.0.1:2}}\n", "one");
        Path file = folder.resolve("gatehouse.yaml");
        String failover = "127.0.0.1:1, failover: {to: second}}";
        Files.writeString(file, Files.readString(file).replace("127.0.0.1:1}", failover));
        reload(program);
        assertThat(program.await("(a change of upstream.failover needs a restart)")).isNotEmpty();

        write("", "one");
        reload(program);
        assertThat(program.await("(listener two is gone)")).isNotEmpty();
        Awaitility.await().until(() -> !listens(ports.get(2)));
        assertThat(listens(ports.get(0))).isTrue();
        assertThat(session.isConnected()).isTrue();
      }
      program.terminate();
      assertThat(program.exitCode()).isZero();
    }
  }

  private String get(String http, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + http + path);
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private boolean listens(int port) throws Exception {
    try (Socket _ = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      return true;
    } catch (ConnectException e) {
      return false;
    }
  }

  @Test
  void reloadsWhenAskedOverHttpAndWhenItsFileChanges() throws Exception {
    String admin =
        """
        reload: {interval: 1s}
        admin: {users: [{name: admin, password: "${file:password}", admin: true}]}
        """;
    Files.writeString(folder.resolve("password"), "secret");
    write(admin, "one");
    try (ProgramProcess program =
        ProgramProcess.start(
            Map.of(), "run", "--config", folder.resolve("gatehouse.yaml").toString())) {
      String http = program.await("Health and metrics at http://127.0.0.1:(\\d+)");
      assertThat(program.await("(Ready for new connections)")).isNotEmpty();
      write(admin, "one", "two");
      assertThat(program.await("(listener two is new)")).isNotEmpty();
      Files.writeString(folder.resolve("password"), "another");
      assertThat(program.await("(a change of admin.users needs a restart)")).isNotEmpty();

      assertThat(Files.readString(PAGE)).contains("curl -X POST http://127.0.0.1:8888" + RELOAD);
      assertThat(post(http, RELOAD))
          .isEqualTo("{\"changes\":[],\"needRestart\":[\"admin.users\"]}");
      write(admin + "limits: {frame: no}\n", "one");
      assertThat(program.await("(was not reloaded: problems: 1)")).isNotEmpty();
      assertThat(post(http, RELOAD)).contains("The configuration is not valid", "limits.frame");
      // A problem is logged once for each change of the file, and once for each call.
      assertThat(program.output().split("was not reloaded", -1)).hasSize(3);
    }
  }

  private String post(String http, String path) throws Exception {
    String user = Base64.getEncoder().encodeToString("admin:secret".getBytes(UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path))
            .header("Authorization", "Basic " + user)
            .POST(HttpRequest.BodyPublishers.noBody())
            .timeout(Duration.ofSeconds(20))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }
}
