package io.gatehouse.bench;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A way to the broker.
 *
 * @param name for tables
 * @param bootstrap the port clients bootstrap at
 * @param ports all ports its clients may be seen on
 * @param relay the process in between, or null for none
 * @param clientSettings what clients need beside the address
 */
record Target(
    String name,
    int bootstrap,
    Set<Integer> ports,
    @Nullable RelayProcess relay,
    Map<String, Object> clientSettings) {

  Target(String name, int bootstrap, Set<Integer> ports, @Nullable RelayProcess relay) {
    this(name, bootstrap, ports, relay, Map.of());
  }

  String bootstrapServers() {
    // Certificates are for names.
    return (clientSettings.isEmpty() ? RelayProcess.HOST : "localhost") + ":" + bootstrap;
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
