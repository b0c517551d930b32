package io.gatehouse.bench;

import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A way to the broker.
 *
 * @param name for tables
 * @param bootstrap the port clients bootstrap at
 * @param ports all ports its clients may be seen on
 * @param relay the process in between, or null for none
 */
record Target(String name, int bootstrap, Set<Integer> ports, @Nullable RelayProcess relay) {

  String bootstrapServers() {
    return RelayProcess.HOST + ":" + bootstrap;
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
