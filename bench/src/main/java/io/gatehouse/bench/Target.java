package io.gatehouse.bench;

import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.pki.Authority;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A path to the broker.
 *
 * @param name the name in tables
 * @param bootstrap where clients bootstrap
 * @param ports all ports that its clients may connect to
 * @param relay the relay process, or null for none
 */
record Target(String name, Endpoint bootstrap, Set<Integer> ports, @Nullable RelayProcess relay) {

  /**
   * The bootstrap address for clients.
   *
   * @param authority the CA that clients trust, or null for plaintext
   */
  record Endpoint(int port, @Nullable Authority authority) {

    RawClient open() throws IOException {
      return authority == null
          ? RawClient.connect(RelayProcess.HOST, port)
          : RawTls.to(RelayProcess.HOST, port).sni("localhost").trust(authority).connect();
    }

    /** The properties of Kafka clients. */
    Map<String, Object> settings() {
      if (authority == null) {
        return Map.of("bootstrap.servers", RelayProcess.HOST + ":" + port);
      }
      return Map.of(
          "bootstrap.servers",
          "localhost:" + port, // the certificate is for this name
          "security.protocol",
          "SSL",
          "ssl.truststore.type",
          "PEM",
          "ssl.truststore.certificates",
          authority.pem());
    }
  }

  /** What clients of this target call a topic. */
  String topic(String name) {
    return this.name.endsWith(Options.TENANT) ? name.substring(Topics.PREFIX.length()) : name;
  }

  /** The CPU time of the relay in seconds; zero without a relay. */
  double cpuSeconds() throws IOException {
    return relay == null ? 0 : relay.figures().cpuSeconds();
  }

  /** The resident memory of the relay in units of 1024 * 1024 bytes; zero without a relay. */
  double residentMegabytes() throws IOException {
    return relay == null ? 0 : relay.figures().residentKilobytes() / 1024.0;
  }
}
