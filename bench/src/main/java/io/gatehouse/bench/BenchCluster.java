package io.gatehouse.bench;

import io.gatehouse.testkit.KafkaBroker;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.pki.Authority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A broker with an extra listener that advertises the port of a plain TCP relay, because such a
 * relay cannot change addresses in responses.
 */
final class BenchCluster implements AutoCloseable {

  private static final String RELAYED = "RELAYED";
  private static final String MTLS = "MTLS";

  private final KafkaCluster cluster;
  private final Topics topics;

  /**
   * Starts the broker.
   *
   * @param relayPort the port of the plain relay
   * @param authority issues the broker's certificate and the client certificates that it requires
   */
  BenchCluster(int relayPort, Authority authority) throws IOException {
    cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 1)
            .withListener(RELAYED, "PLAINTEXT")
            .with(Listener.ssl(MTLS, authority.server()).requireClients(authority))
            .with("log.retention.check.interval.ms", "2000")
            .with("log.message.timestamp.after.max.ms", "3600000")
            .withJvm("-XX:TieredStopAtLevel=4", "-Xmx1g", "-XX:+UseG1GC", "-XX:-UseSerialGC")
            .start();
    advertise(relayPort);
    topics = new Topics(cluster.bootstrapServers());
  }

  /**
   * The ports are known only after the start, so the broker is restarted to advertise the relay's
   * port.
   */
  private void advertise(int relayPort) throws IOException {
    KafkaBroker broker = cluster.broker(0);
    broker.stop();
    Path settings = broker.log().resolveSibling("server.properties");
    // Two properties contain the address, with escaped colons; only the advertised one is changed.
    List<String> lines =
        Files.readAllLines(settings).stream()
            .map(line ->
                line.startsWith("advertised.listeners")
                    ? line.replace(String.valueOf(broker.port(RELAYED)), String.valueOf(relayPort))
                    : line)
            .toList();
    Files.write(settings, lines);
    broker.start();
    cluster.awaitReady();
  }

  Topics topics() {
    return topics;
  }

  int port() {
    return cluster.broker(0).port();
  }

  /** The address that the plain relay forwards to. */
  int relayedPort() {
    return cluster.broker(0).port(RELAYED);
  }

  /** The address of the TLS listener, which requires client certificates. */
  String tlsAddress() {
    return cluster.bootstrapServers(MTLS);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
