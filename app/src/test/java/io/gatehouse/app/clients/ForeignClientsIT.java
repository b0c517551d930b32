package io.gatehouse.app.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.settings.DrainSettings;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.testkit.KafkaBroker;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kcat, confluent-kafka-python, kafka-python, kafkajs, a Go client and others: create, produce,
 * consume with groups, transactions, offsets. Each reports the brokers that it saw, which must not
 * include real addresses.
 */
class ForeignClientsIT {

  private static final int BROKERS = 3;
  private static final Duration INSTALL = Duration.ofMinutes(10);
  private static final Duration RUN = Duration.ofMinutes(12);

  @TempDir Path folder;

  @Test
  void allScenariosOfAllClientsWorkThroughTheGateway() throws Exception {
    Path clients = root().resolve("testkit/clients");
    assertThat(run(INSTALL, List.of(clients.resolve("install.sh").toString())))
        .as("install.sh; see %s", folder)
        .isZero();
    try (Ports ports = Ports.reserve(1 + BROKERS);
        KafkaCluster cluster = KafkaCluster.of(KafkaVersion.V4_4, BROKERS).start();
        Gateway gateway = Gateway.start(settings(cluster, ports))) {
      String bootstrap = gateway.bootstrap().getFirst().toString();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i <= BROKERS; i++) {
        expected.add(String.valueOf(ports.get(i)));
      }
      List<String> command =
          List.of(
              clients.resolve("run.sh").toString(),
              bootstrap,
              "--expect-ports",
              String.join(",", expected),
              "--brokers",
              cluster.bootstrapServers());
      int exit = run(RUN, command);
      String table = Files.readString(folder.resolve("run.sh.out"));
      // Crashes that the gateway did not cause are reported as well.
      table.lines().filter(line -> line.contains("died of")).forEach(System.out::println);
      assertThat(exit).as(table).isZero();
      assertThat(table.lines().filter(line -> line.startsWith("ok")).count())
          .as(table)
          .isGreaterThan(20);
    }
  }

  private static GatewaySettings settings(KafkaCluster cluster, Ports ports) {
    List<PortPlan.Pair> pairs = new ArrayList<>();
    for (KafkaBroker broker : cluster.brokers()) {
      int port = ports.get(1 + broker.id());
      pairs.add(new PortPlan.Pair(port, port));
    }
    Routing routing =
        new Routing.ByNodeId(
            new PortPlan.Pair(ports.get(0), ports.get(0)), new PortPlan(pairs, false), 0);
    return new GatewaySettings(
        UpstreamSettings.of(
            cluster.brokers().stream().map(b -> HostPort.parse(b.address())).toList()),
        List.of(new ListenerSettings("main", "127.0.0.1", null, routing)),
        GatewaySettings.Traffic.DEFAULT,
        DrainSettings.DEFAULT.time());
  }

  private int run(Duration limit, List<String> command) throws IOException, InterruptedException {
    Path out = folder.resolve(Path.of(command.getFirst()).getFileName() + ".out");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    try {
      assertThat(process.waitFor(limit.toSeconds(), TimeUnit.SECONDS))
          .as("%s ends in time", command)
          .isTrue();
      return process.exitValue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static Path root() {
    Path start = Path.of("").toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("mvnw"))) {
        return folder;
      }
    }
    throw new IllegalStateException("no source tree around " + start);
  }
}
