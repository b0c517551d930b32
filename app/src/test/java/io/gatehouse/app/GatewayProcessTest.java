package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The program in its own process: start, HTTP, signals, exit codes. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class GatewayProcessTest {

  private static final String KAFKA = "clients bootstrap at 127.0.0.1:(\\d+)";
  private static final String HTTP = "Health and metrics at http://127.0.0.1:(\\d+)";

  /** A broker that accepts connections and never responds. */
  @AutoClose
  private final ServerSocket mute = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));

  @AutoClose private final HttpClient client = HttpClient.newHttpClient();

  private String mapping = "";

  GatewayProcessTest() throws Exception {}

  @BeforeEach
  void map() {
    mapping = "--bootstrap-server-mapping=127.0.0.1:" + mute.getLocalPort() + ",127.0.0.1:0";
  }

  private ProgramProcess start(String... more) throws Exception {
    String[] arguments = new String[more.length + 3];
    arguments[0] = "server";
    arguments[1] = mapping;
    arguments[2] = "--http-listen-address=127.0.0.1:0";
    System.arraycopy(more, 0, arguments, 3, more.length);
    return ProgramProcess.start(Map.of("GATEHOUSE_DRAIN", "30s"), arguments);
  }

  private HttpResponse<String> get(String port, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** A request that the mute broker does not answer. */
  private static Socket hangingRequest(String port) throws Exception {
    Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), Integer.parseInt(port));
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    byte[] id = "c".getBytes(StandardCharsets.UTF_8);
    out.writeInt(2 + 2 + 4 + 2 + id.length);
    out.writeShort(3); // Metadata
    out.writeShort(0);
    out.writeInt(7);
    out.writeShort(id.length);
    out.write(id);
    out.flush();
    return socket;
  }

  /** The connection whose first frame has this size, because the gateway also sends requests. */
  private Socket acceptRequestOf(int size) throws Exception {
    while (true) {
      Socket socket = mute.accept();
      if (new DataInputStream(socket.getInputStream()).readInt() == size) {
        return socket;
      }
    }
  }

  @Test
  void servesAndEndsWithZeroOnASignal() throws Exception {
    try (ProgramProcess program = start("--log-level=debug")) {
      program.await(KAFKA);
      String http = program.await(HTTP);
      assertThat(program.await("(Computed configuration)")).isNotEmpty();
      assertThat(get(http, "/metrics").body()).contains("# TYPE", "jvm_");
      assertThat(get(http, "/anything").statusCode()).isEqualTo(200);
      program.terminate();
      assertThat(program.exitCode()).isZero();
      assertThat(program.output()).contains("Received SIGTERM: draining", "Ended");
    }
  }

  @Test
  void logsJsonWithTheNamesOfTheFlags() throws Exception {
    try (ProgramProcess program = start("--log-format=json", "--log-msg-fieldname=msg")) {
      String line = program.await("(.*Ready for new connections.*)");
      assertThat(line)
          .startsWith("{\"@level\":\"info\",\"msg\":\"Ready for new connections")
          .contains("\"@timestamp\":\"20");
    }
  }

  @Test
  void isNotReadyWhileItDrainsAndEndsAtOnceOnASecondSignal() throws Exception {
    Map<String, String> environment =
        Map.of(
            "GATEHOUSE_DRAIN", "60s",
            "GATEHOUSE_HTTP_STYLE", "gatehouse",
            "GATEHOUSE_UPSTREAM_REFRESH", "0s");
    try (ProgramProcess program =
        ProgramProcess.start(environment, "server", mapping, "--http-listen-address=127.0.0.1:0")) {
      String kafka = program.await(KAFKA);
      String http = program.await(HTTP);
      try (Socket client = hangingRequest(kafka);
          Socket atBroker = acceptRequestOf(11)) {
        // The broker must have received the request before the signal is sent.
        assertThat(atBroker.isConnected()).isTrue();
        assertThat(get(http, "/health").body()).doesNotContain("draining");
        program.terminate();
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() -> {
              assertThat(get(http, "/health").body()).contains("draining");
              assertThat(get(http, "/health/ready").statusCode()).isEqualTo(503);
            });
        assertThat(get(http, "/health/live").statusCode()).isEqualTo(200);
        program.terminate();
        assertThat(program.exitCode()).isEqualTo(128 + 15);
        assertThat(client.isConnected()).isTrue();
      }
    }
  }

  @Test
  void endsWithOneWhereAKafkaPortIsTaken() throws Exception {
    try (ProgramProcess program =
        ProgramProcess.start(
            Map.of(),
            "server",
            "--bootstrap-server-mapping=127.0.0.1:1,127.0.0.1:" + mute.getLocalPort())) {
      assertThat(program.exitCode()).isEqualTo(1);
      assertThat(program.await("^(Error: .*)$"))
          .contains("127.0.0.1:" + mute.getLocalPort())
          .doesNotContain("Exception");
    }
  }

  @Test
  void endsWithOneWhereTheHttpPortIsTaken() throws Exception {
    try (ProgramProcess program = start("--http-listen-address=127.0.0.1:" + mute.getLocalPort())) {
      assertThat(program.exitCode()).isEqualTo(1);
      assertThat(program.await("^(Error: .*)$"))
          .isEqualTo(
              "Error: HTTP server cannot listen on 127.0.0.1:"
                  + mute.getLocalPort()
                  + ": the port is in use by another process; --http-listen-address changes it");
    }
  }
}
