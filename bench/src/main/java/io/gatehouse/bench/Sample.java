package io.gatehouse.bench;

/**
 * The result of one round of a scenario for a target.
 *
 * @param seconds the measured time
 * @param bytes the bytes on the clients' connections in both directions
 * @param records the number of acknowledged or received records
 * @param cpuSeconds the user and system time of the relay
 * @param p50Millis the median latency from due to acknowledged; zero if it was not measured
 * @param p99Millis the 99th percentile
 * @param residentMegabytes the relay's resident memory at the end of the load
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

  /** The cost in the scenario's unit. */
  double cost(Scenario.Cost cost) {
    return switch (cost) {
      case PER_GIGABYTE -> cpuSeconds / (bytes / 1e9);
      case PER_THOUSAND -> cpuSeconds * 1000 / (records / 1e3);
      case NONE -> 0;
    };
  }
}
