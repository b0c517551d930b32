package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.http.Health.Check;
import io.gatehouse.http.Health.Concern;
import io.gatehouse.http.HttpSettings.Limits;
import io.gatehouse.http.HttpSettings.Security;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.FileWatch;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TlsContext;
import io.gatehouse.tls.TrustSource;
import io.helidon.http.Status;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP with TLS: keys, client certificates, their renewal, and clients that are slow or wrong. */
class HttpsTest {
  private static final Authority AUTHORITY = Authority.create("HTTP CA");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration SECOND = Duration.ofSeconds(1);

  @TempDir Path folder;

  private final FileWatch watch = new FileWatch(Duration.ofMillis(20));
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private @Nullable AdminServer server;
  private @Nullable TlsContext context;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
    if (context != null) {
      context.close();
    }
    watch.close();
  }

  private AdminServer start(ClientAuth auth) throws Exception {
    return start(auth, Limits.DEFAULT);
  }

  private AdminServer start(ClientAuth auth, Limits limits) throws Exception {
    var files = AUTHORITY.server().writePem(folder);
    var trust = new TrustSource.Pem(files.authority(), false);
    var key = new KeySource.Pem(files.chain(), files.key(), null);
    var tls =
        auth == ClientAuth.NONE
            ? ServerTls.of(key)
            : new ServerTls(
                key, ServerTls.Clients.of(auth, trust), ServerTls.of(key).ciphers(), true);
    var settings = Running.loopback().with(new Security(tls, false)).with(limits);
    var groups =
        new ArrayList<>(
            AdminServer.standard(
                settings.surface(),
                () -> List.of(Check.up("loops", Concern.LIVE)),
                registry,
                new LogbackLevels()));
    groups.add(routes ->
        routes.get(
            "/who",
            (req, res) ->
                Responses.text(
                    req,
                    res,
                    Status.OK_200,
                    req.remotePeer().tlsCertificates().map(HttpsTest::subject).orElse("nobody"))));
    groups.add(routes ->
        routes.put(
            "/length",
            (req, res, body) ->
                Responses.text(req, res, Status.OK_200, Integer.toString(body.length))));
    context = TlsContext.open("http", tls, watch);
    server =
        AdminServer.start(
            settings,
            new AdminServer.Served(groups, AdminServer.unrestricted(List.of()).users(), context));
    return server;
  }

  private static String subject(Certificate[] chain) {
    return ((X509Certificate) chain[0]).getSubjectX500Principal().getName();
  }

  private static HttpClient client(@Nullable Credentials identity) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .sslContext(Credentials.context(identity, AUTHORITY))
        .build();
  }

  private static HttpRequest.Builder request(AdminServer at, String path) {
    return HttpRequest.newBuilder(URI.create("https://localhost:" + at.port() + path))
        .timeout(PATIENCE);
  }

  private static String get(HttpClient client, AdminServer at, String path) throws Exception {
    return client.send(request(at, path).build(), BodyHandlers.ofString()).body();
  }

  @Test
  void servesOverTls() throws Exception {
    var running = start(ClientAuth.NONE);
    running.warmUp();
    try (var client = client(null)) {
      assertThat(get(client, running, "/health/ready")).isEqualTo("READY");
      assertThat(get(client, running, "/who")).isEqualTo("nobody");
      var body = "x".repeat(60_000);
      var put = request(running, "/length").PUT(BodyPublishers.ofString(body)).build();
      assertThat(client.send(put, BodyHandlers.ofString()).body()).isEqualTo("60000");
      // Larger than the socket buffers.
      var gauge = Gauge.builder().name("fat").help("Filler.").labelNames("n").register(registry);
      for (int i = 0; i < 60_000; i++) {
        gauge.labelValues("a-label-value-to-fill-the-socket-buffers-with-number-" + i).set(i);
      }
      assertThat(get(client, running, "/metrics")).hasSizeGreaterThan(4_000_000).contains("59999");
    }
  }

  @Test
  void clientsThatSpeakNoTlsGetNothing() throws Exception {
    var running = start(ClientAuth.NONE);
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), running.port())) {
      socket.getOutputStream().write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(UTF_8));
      socket.setSoTimeout((int) PATIENCE.toMillis());
      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .doesNotContain("HTTP/1.1");
    }
    try (var client = client(null)) {
      assertThat(get(client, running, "/health/live")).isEqualTo("LIVE");
    }
  }

  @Test
  void knowsTheClientsCertificate() throws Exception {
    var running = start(ClientAuth.OPTIONAL);
    try (var known = client(AUTHORITY.client("alice"));
        var nobody = client(null);
        var stranger = client(Authority.create("Other CA").client("mallory"))) {
      assertThat(get(known, running, "/who")).isEqualTo("CN=alice");
      assertThat(get(nobody, running, "/who")).isEqualTo("nobody");
      // The server names the authorities it trusts, so this client sends no certificate.
      assertThat(get(stranger, running, "/who")).isEqualTo("nobody");
    }
  }

  @Test
  void requiresACertificateIfAsked() throws Exception {
    var running = start(ClientAuth.REQUIRED);
    try (var known = client(AUTHORITY.client("alice"));
        var nobody = client(null)) {
      assertThat(get(known, running, "/who")).isEqualTo("CN=alice");
      assertThatThrownBy(() -> get(nobody, running, "/who")).isInstanceOf(IOException.class);
    }
  }

  @Test
  void changedFilesAreUsedWithoutARestart() throws Exception {
    var running = start(ClientAuth.NONE);
    var renewed = AUTHORITY.issue("renewed").dns("localhost").ip("127.0.0.1").sign();
    renewed.writePem(folder);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          try (var socket =
              (SSLSocket)
                  Credentials.context(null, AUTHORITY)
                      .getSocketFactory()
                      .createSocket("localhost", running.port())) {
            socket.startHandshake();
            assertThat(socket.getSession().getPeerPrincipal().getName()).isEqualTo("CN=renewed");
          }
        });
  }

  @Test
  void anOpenConnectionDependsOnItsCertificate() throws Exception {
    var files = AUTHORITY.server().writePem(folder);
    var running = start(ClientAuth.OPTIONAL);
    try (var known = client(AUTHORITY.client("alice"))) {
      assertThat(get(known, running, "/who")).isEqualTo("CN=alice");
      // Another authority is trusted from now on.
      Authority.create("Next CA").writePem(files.authority());
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(get(known, running, "/who")).isEqualTo("nobody"));
    }
  }

  @Test
  void incompleteHandshakesTimeOutAndBlockNobody() throws Exception {
    var running = start(ClientAuth.NONE, new Limits(20, 20, 1024, SECOND, SECOND));
    var held = new ArrayList<Socket>();
    try (var client = client(null)) {
      for (int i = 0; i < 40; i++) {
        var socket = new Socket(InetAddress.getLoopbackAddress(), running.port());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        if (i % 2 == 0) {
          socket.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1});
        }
        held.add(socket);
      }
      assertThat(get(client, running, "/health/live")).isEqualTo("LIVE");
      for (var socket : held) {
        try {
          socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (java.net.SocketException _) {
          // A reset also ends the connection.
        }
      }
    } finally {
      for (var socket : held) {
        socket.close();
      }
    }
  }
}
