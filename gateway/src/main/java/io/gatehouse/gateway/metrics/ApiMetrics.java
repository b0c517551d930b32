package io.gatehouse.gateway.metrics;

/** One event loop's counters for one API. Times in nanoseconds. */
final class ApiMetrics {

  static final int REQUESTS = 0;
  static final int REQUEST_BYTES = 1;
  static final int RESPONSES = 2;
  static final int RESPONSE_BYTES = 3;
  static final int TOTAL_NANOS = 4;
  static final int GATEWAY_NANOS = 5;
  static final int BROKER_NANOS = 6;
  private static final int FIGURES = 7;

  /** Kafka's error codes range from -1 to about 135. */
  static final int HIGHEST_ERROR = 255;

  final Counters figures = new Counters(FIGURES);
  final Counters latency = new Counters(Latency.BUCKETS);

  /** Indexed by error code plus one; the last entry counts all other codes. */
  final Counters errors = new Counters(HIGHEST_ERROR + 2);

  void answered(long bytes, long total, long broker) {
    latency.add(Latency.bucket(total), 1);
    figures.add(RESPONSES, 1);
    figures.add(RESPONSE_BYTES, bytes);
    figures.add(TOTAL_NANOS, total);
    figures.add(GATEWAY_NANOS, total - broker);
    figures.add(BROKER_NANOS, broker);
  }

  void error(int code) {
    errors.add(code < -1 || code >= HIGHEST_ERROR ? HIGHEST_ERROR + 1 : code + 1, 1);
  }
}
