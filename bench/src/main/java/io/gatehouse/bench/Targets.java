package io.gatehouse.bench;

import io.gatehouse.bench.Target.Endpoint;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.PemFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Starts the broker and the targets. */
final class Targets implements AutoCloseable {

  private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");

  /** Two ports for each of two processes: for bootstrapping and for the broker. */
  private static final int PORTS = 4;

  private final Options options;
  private final Ports ports;
  private final Path folder;
  private final Authority authority = Authority.create("Bench");
  private final PemFiles server;
  private final PemFiles client;
  private final List<Target> running = new ArrayList<>();
  private @Nullable BenchCluster cluster;

  /** Creates a folder for logs and certificates, which is deleted when the JVM ends. */
  Targets(Options options) throws IOException {
    this.options = options;
    this.ports = Ports.reserve(1 + PORTS * options.targets().size());
    this.folder = Files.createTempDirectory("gatehouse-bench-");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder), "bench-folder-end"));
    this.server = authority.server().writePem(Files.createDirectory(folder.resolve("server")));
    this.client =
        authority.client("bench").writePem(Files.createDirectory(folder.resolve("client")));
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    } catch (IOException e) {
      System.err.println("bench: " + folder + " stays behind: " + e);
    }
  }

  /** Starts the broker. */
  BenchCluster startBroker() throws IOException {
    BenchCluster started = new BenchCluster(relayPort(), authority);
    cluster = started;
    return started;
  }

  private int relayPort() {
    return ports.get(0);
  }

  /** Whether this target can be measured on this machine. */
  static boolean isInstalled(String name) {
    return !name.equals(Options.HAPROXY) || Files.isExecutable(HAPROXY);
  }

  /** Starts a target, which is closed with this object. */
  Target start(String name) throws IOException {
    Target target = start(name, 1 + PORTS * options.targets().indexOf(name));
    running.add(target);
    return target;
  }

  /**
   * Starts a second process of a relay, which the caller must close. Not for direct connections.
   */
  Target startAnother(String name) throws IOException {
    return start(name, 3 + PORTS * options.targets().indexOf(name));
  }

  private Target start(String name, int firstPort) throws IOException {
    BenchCluster brokers = cluster;
    if (brokers == null) {
      throw new IllegalStateException("there is no broker yet");
    }
    if (name.equals(Options.DIRECT)) {
      Endpoint bootstrap = new Endpoint(brokers.port(), null);
      return new Target(name, bootstrap, Set.of(brokers.port()), null);
    }
    Path log = folder.resolve(name + ".log");
    if (name.equals(Options.HAPROXY)) {
      boolean first = running.stream().noneMatch(target -> target.name().equals(name));
      Endpoint bootstrap = new Endpoint(first ? relayPort() : ports.get(firstPort), null);
      Path settings = folder.resolve("haproxy-" + bootstrap.port() + ".cfg");
      Files.writeString(settings, haproxySettings(bootstrap.port(), brokers.relayedPort()));
      List<String> command = List.of(HAPROXY.toString(), "-db", "-f", settings.toString());
      return new Target(
          name, bootstrap, Set.of(bootstrap.port()), RelayProcess.start(command, bootstrap, log));
    }
    Endpoint bootstrap =
        new Endpoint(ports.get(firstPort), name.endsWith(Options.TLS) ? authority : null);
    int nodePort = ports.get(firstPort + 1);
    String command =
        options
            .gateways()
            .getOrDefault(name, "")
            .replace("{broker}", RelayProcess.HOST + ":" + brokers.port())
            .replace("{tls-broker}", brokers.tlsAddress())
            .replace("{port}", String.valueOf(bootstrap.port()))
            .replace("{node-port}", String.valueOf(nodePort))
            .replace("{ca}", server.authority().toString())
            .replace("{certificate}", server.chain().toString())
            .replace("{key}", server.key().toString())
            .replace("{client-certificate}", client.chain().toString())
            .replace("{client-key}", client.key().toString());
    return new Target(
        name,
        bootstrap,
        Set.of(bootstrap.port(), nodePort),
        RelayProcess.start(List.of("sh", "-c", "exec " + command), bootstrap, log));
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
