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
 * One broker, with a listener that tells clients to come to a plain relay's port: a relay that does
 * not look inside cannot change addresses, so the broker has to name the relay's.
 */
final class BenchCluster implements AutoCloseable {

  private static final String RELAYED = "RELAYED";
  private static final String MTLS = "MTLS";

  private final KafkaCluster cluster;
  private final Topics topics;

  /**
   * Starts it.
   *
   * @param relayPort where the plain relay will listen
   * @param authority of the broker's certificate and of those it asks clients for, with TLS
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

  /** The ports are known once it has started, so it is started anew with the one it shall name. */
  private void advertise(int relayPort) throws IOException {
    KafkaBroker broker = cluster.broker(0);
    broker.stop();
    Path settings = broker.log().resolveSibling("server.properties");
    // Two lines hold the address, with the colons escaped; only the advertised one shall change.
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

  /** Where the plain relay leads to. */
  int relayedPort() {
    return cluster.broker(0).port(RELAYED);
  }

  /** Its address with TLS, where clients must show a certificate. */
  String tlsAddress() {
    return cluster.bootstrapServers(MTLS);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
