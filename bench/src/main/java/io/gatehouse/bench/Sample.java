package io.gatehouse.bench;

/**
 * What one round of a scenario gave for one target.
 *
 * @param seconds measured
 * @param bytes on the clients' connections, both directions
 * @param records acknowledged or received
 * @param cpuSeconds of the relay, user and system
 * @param p50Millis from due to acknowledged; zero where not measured
 * @param p99Millis the same
 * @param residentMegabytes of the relay, at the end of the load
 */
record Sample(
    double seconds,
    long bytes,
    long records,
    double cpuSeconds,
    double p50Millis,
    double p99Millis,
    double residentMegabytes) {

  double megabytesPerSecond() {
    return bytes / 1e6 / seconds;
  }

  double recordsPerSecond() {
    return records / seconds;
  }

  /** In the scenario's unit of cost. */
  double cost(Scenario.Cost cost) {
    return switch (cost) {
      case PER_GIGABYTE -> cpuSeconds / (bytes / 1e9);
      case PER_THOUSAND -> cpuSeconds * 1000 / (records / 1e3);
      case NONE -> 0;
    };
  }
}
