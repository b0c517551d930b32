package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Takeover between processes while clients are active, also when a process is killed. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TakeoverIT {

  private static final String KAFKA = "Ready for new connections.* at 127.0.0.1:(\\d+)";
  private static final String REPLACED = "another process has taken over";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static KafkaCluster cluster;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    cluster = KafkaCluster.of(KafkaVersion.V4_4, 3).start();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private Map<String, String> environment() {
    Map<String, String> all = new TreeMap<>();
    all.put("GATEHOUSE_TAKEOVER_SOCKET", folder.resolve("takeover.sock").toString());
    all.put("GATEHOUSE_DRAIN_TIME", "20s");
    return all;
  }

  /** Ports for dynamic listeners, and one for HTTP. */
  private ProgramProcess gateway(int port, int http, String... more) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.add("server");
    arguments.add(
        "--bootstrap-server-mapping="
            + cluster.brokers().getFirst().address()
            + ",127.0.0.1:"
            + port);
    arguments.add("--default-listener-ip=127.0.0.1");
    arguments.add("--http-listen-address=127.0.0.1:" + http);
    arguments.addAll(List.of(more));
    return ProgramProcess.start(environment(), arguments.toArray(String[]::new));
  }

  @Test
  void threeUpgradesUnderLoadRefuseNoConnectionAndLoseNoRecord() throws Exception {
    try (Ports ports = Ports.reserve(2);
        ProgramProcess first = gateway(ports.get(0), ports.get(1))) {
      first.await(KAFKA);
      List<ProgramProcess> running = new ArrayList<>(List.of(first));
      try (HttpClient http = HttpClient.newHttpClient();
          UpgradeLoad load = UpgradeLoad.begin("127.0.0.1:" + ports.get(0))) {
        load.awaitMore(2000);
        var _ = load.takeStall();
        load.awaitMore(4000);
        Duration usual = load.takeStall();
        for (int i = 0; i < 3; i++) {
          ProgramProcess next = gateway(ports.get(0), ports.get(1), "--takeover");
          running.add(next);
          next.await(KAFKA);
          ProgramProcess before = running.get(running.size() - 2);
          assertThat(before.exitCode()).isZero();
          assertThat(before.output()).contains(REPLACED).doesNotContain("requests in flight");
          HttpRequest health =
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.get(1) + "/health"))
                  .build();
          assertThat(http.send(health, HttpResponse.BodyHandlers.ofString()).statusCode())
              .isEqualTo(200);
          load.awaitMore(2000);
        }
        UpgradeLoad.Result result = load.end();
        System.out.println("three upgrades: " + result + ", stall without one " + usual);
        assertThat(result.refused()).isZero();
        assertThat(result.failed()).isEmpty();
        assertThat(result.missing()).as("acknowledged and not read").isEmpty();
      } finally {
        running.forEach(ProgramProcess::close);
      }
    }
  }

  /** One of the two processes serves clients at any time. */
  @Test
  void oneProcessServesIfTheOtherIsKilled() throws Exception {
    for (int i = 0; i < 6; i++) {
      boolean killNew = i % 2 == 0;
      try (Ports ports = Ports.reserve(2);
          ProgramProcess old = gateway(ports.get(0), ports.get(1))) {
        old.await(KAFKA);
        try (ProgramProcess successor = gateway(ports.get(0), ports.get(1), "--takeover")) {
          successor.await("(Taking over)");
          // From the start of the takeover until long after its end.
          TimeUnit.MILLISECONDS.sleep(i * 120L);
          (killNew ? successor : old).close();
          // Or the old process had already ended.
          Awaitility.await()
              .alias("killed was the " + (killNew ? "new" : "old") + ", after " + i * 120 + " ms")
              .atMost(LIMIT)
              .ignoreExceptionsInstanceOf(IOException.class)
              .until(() -> (killNew && old.output().contains(REPLACED)) || isServed(ports.get(0)));
        }
      }
    }
  }

  /** Whether an ApiVersions request is answered. */
  private static boolean isServed(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      socket.setSoTimeout(5000);
      socket.getOutputStream().write(new byte[] {0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, -1, -1});
      return socket.getInputStream().readNBytes(8).length == 8;
    }
  }

  @Test
  void theRunningProcessContinuesIfTheNewOneCannotStart() throws Exception {
    try (Ports ports = Ports.reserve(2);
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        ProgramProcess old = gateway(ports.get(0), ports.get(1))) {
      old.await(KAFKA);
      String another = cluster.brokers().getLast().address() + ",127.0.0.1:" + taken.getLocalPort();
      try (ProgramProcess wrong =
          gateway(
              ports.get(0), ports.get(1), "--bootstrap-server-mapping=" + another, "--takeover")) {
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.output()).contains("cannot listen on 127.0.0.1:" + taken.getLocalPort());
      }
      assertThat(isServed(ports.get(0))).isTrue();
    }
  }

  @Test
  void withoutTheFlagAPortInUseIsAnError() throws Exception {
    try (Ports ports = Ports.reserve(2);
        ProgramProcess old = gateway(ports.get(0), ports.get(1))) {
      old.await(KAFKA);
      old.await("(Health and metrics)");
      try (ProgramProcess second = gateway(ports.get(0), 0)) {
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.output()).contains("cannot listen on 127.0.0.1:" + ports.get(0));
      }
      // Two gateways with takeover sockets must not share an HTTP port by mistake.
      Map<String, String> environment = environment();
      environment.put("GATEHOUSE_TAKEOVER_SOCKET", folder.resolve("another.sock").toString());
      try (ProgramProcess other =
          ProgramProcess.start(
              environment,
              "server",
              "--bootstrap-server-mapping=127.0.0.1:1,127.0.0.1:0",
              "--http-listen-address=127.0.0.1:" + ports.get(1))) {
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.output()).contains("the port is in use by another process");
      }
      assertThat(isServed(ports.get(0))).isTrue();
    }
  }

  @Test
  void theFlagNeedsTheSocketAndStartsWithoutAPredecessor() throws Exception {
    try (Ports ports = Ports.reserve(2);
        ProgramProcess lost = ProgramProcess.start(Map.of(), "run", "--takeover")) {
      assertThat(lost.exitCode()).isEqualTo(1);
      try (ProgramProcess alone = gateway(ports.get(0), ports.get(1), "--takeover")) {
        alone.await(KAFKA);
        assertThat(alone.output()).contains("starting without takeover");
        assertThat(isServed(ports.get(0))).isTrue();
        alone.terminate();
        assertThat(alone.exitCode()).isZero();
      }
      try (ProgramProcess without =
          ProgramProcess.start(
              Map.of("GATEHOUSE_UPSTREAM_BOOTSTRAP_SERVERS", "127.0.0.1:1"), "run", "--takeover")) {
        assertThat(without.exitCode()).isEqualTo(1);
        assertThat(without.output()).contains("--takeover needs takeover.socket");
      }
    }
  }
}
