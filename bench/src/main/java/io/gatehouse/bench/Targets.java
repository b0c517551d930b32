package io.gatehouse.bench;

import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Starts what is measured. */
final class Targets implements AutoCloseable {

  private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");

  /** Four for each of two processes: plaintext and TLS, to bootstrap at and for the broker. */
  private static final int PORTS = 8;

  private final Options options;
  private final Ports ports;
  private final Path folder;
  private final Authority authority = Authority.create("Bench");
  private final List<Target> running = new ArrayList<>();
  private @Nullable BenchCluster cluster;

  Targets(Options options) throws IOException {
    this.options = options;
    this.ports = Ports.reserve(1 + PORTS * options.targets().size());
    this.folder = Files.createTempDirectory("gatehouse-bench-");
  }

  /** Starts the broker. */
  BenchCluster startBroker() throws IOException {
    BenchCluster started = new BenchCluster(relayPort());
    cluster = started;
    return started;
  }

  private int relayPort() {
    return ports.get(0);
  }

  /** Whether this can be measured here. */
  static boolean isInstalled(String name) {
    return !name.equals(Options.HAPROXY) || Files.isExecutable(HAPROXY);
  }

  /** Starts a target that is closed with this. */
  Target start(String name) throws IOException {
    Target target = start(name, 1 + PORTS * options.targets().indexOf(name));
    running.add(target);
    return target;
  }

  /** Starts a second process of a relay, which the caller closes. Not for direct. */
  Target startAnother(String name) throws IOException {
    return start(name, 5 + PORTS * options.targets().indexOf(name));
  }

  private Target start(String name, int firstPort) throws IOException {
    BenchCluster brokers = cluster;
    if (brokers == null) {
      throw new IllegalStateException("there is no broker yet");
    }
    if (name.equals(Options.DIRECT)) {
      return new Target(name, brokers.port(), Set.of(brokers.port()), null);
    }
    Path log = folder.resolve(name + ".log");
    if (name.equals(Options.HAPROXY)) {
      boolean first = running.stream().noneMatch(target -> target.name().equals(name));
      int port = first ? relayPort() : ports.get(firstPort);
      Path settings = folder.resolve("haproxy-" + port + ".cfg");
      Files.writeString(settings, haproxySettings(port, brokers.relayedPort()));
      List<String> command = List.of(HAPROXY.toString(), "-db", "-f", settings.toString());
      return new Target(name, port, Set.of(port), RelayProcess.start(command, port, log));
    }
    int port = ports.get(firstPort);
    int nodePort = ports.get(firstPort + 1);
    int tlsPort = ports.get(firstPort + 2);
    int tlsNodePort = ports.get(firstPort + 3);
    Path certificate = folder.resolve("tls").resolve("tls.crt");
    String command =
        options
            .gateways()
            .getOrDefault(name, "")
            .replace("{broker}", RelayProcess.HOST + ":" + brokers.port())
            .replace("{port}", String.valueOf(port))
            .replace("{node-port}", String.valueOf(nodePort))
            .replace("{tls-port}", String.valueOf(tlsPort))
            .replace("{tls-node-port}", String.valueOf(tlsNodePort))
            .replace("{certificate}", certificate.toString())
            .replace("{key}", folder.resolve("tls").resolve("tls.key").toString());
    List<String> shell = List.of("sh", "-c", "exec " + command);
    if (name.endsWith(Options.TLS)) {
      Credentials server = authority.server();
      server.writePem(Files.createDirectories(folder.resolve("tls")));
      return new Target(
          name,
          tlsPort,
          Set.of(tlsPort, tlsNodePort),
          RelayProcess.start(shell, port, log),
          Map.of(
              "security.protocol", "SSL",
              "ssl.truststore.type", "PEM",
              "ssl.truststore.certificates", authority.pem()));
    }
    return new Target(name, port, Set.of(port, nodePort), RelayProcess.start(shell, port, log));
  }

  private static String haproxySettings(int port, int to) {
    return """
    global
      maxconn 4000
    defaults
      mode tcp
      option splice-auto
      timeout connect 10s
      timeout client 1h
      timeout server 1h
    listen kafka
      bind %s:%d
      server broker %s:%d
    """
        .formatted(RelayProcess.HOST, port, RelayProcess.HOST, to);
  }

  @Override
  public void close() {
    for (Target target : running) {
      if (target.relay() != null) {
        target.relay().close();
      }
    }
    if (cluster != null) {
      cluster.close();
    }
    ports.close();
  }
}
