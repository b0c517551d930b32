package io.gatehouse.bench;

import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.pki.Authority;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A way to the broker.
 *
 * @param name for tables
 * @param door where clients bootstrap
 * @param ports all ports its clients may be seen on
 * @param relay the process in between, or null for none
 */
record Target(
    String name, RestartableGateway door, Set<Integer> ports, @Nullable RelayProcess relay) {

  /**
   * A port that clients come in by.
   *
   * @param authority that they trust, or null for plaintext
   */
  record RestartableGateway(int port, @Nullable Authority authority) {

    RawClient open() throws IOException {
      return authority == null
          ? RawClient.connect(RelayProcess.HOST, port)
          : RawTls.to(RelayProcess.HOST, port).sni("localhost").trust(authority).connect();
    }

    /** What Kafka's own clients need. */
    Map<String, Object> settings() {
      if (authority == null) {
        return Map.of("bootstrap.servers", RelayProcess.HOST + ":" + port);
      }
      return Map.of(
          "bootstrap.servers",
          "localhost:" + port, // certificates are for names
          "security.protocol",
          "SSL",
          "ssl.truststore.type",
          "PEM",
          "ssl.truststore.certificates",
          authority.pem());
    }
  }

  /** Processor time the relay has used, in seconds; zero without one. */
  double cpuSeconds() throws IOException {
    return relay == null ? 0 : relay.figures().cpuSeconds();
  }

  /** The relay's resident memory in megabytes (1024 * 1024 bytes); zero without one. */
  double residentMegabytes() throws IOException {
    return relay == null ? 0 : relay.figures().residentKilobytes() / 1024.0;
  }
}
