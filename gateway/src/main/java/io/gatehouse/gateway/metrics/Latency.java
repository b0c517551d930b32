package io.gatehouse.gateway.metrics;

/** The buckets of latency histograms: powers of two from 64 microseconds to 34 seconds. */
final class Latency {

  /** The first bucket ends at 2^16 ns, 65.5 microseconds. */
  private static final int LOWEST_EXPONENT = 16;

  /** The last bucket has no upper bound. */
  static final int BUCKETS = 21;

  private Latency() {}

  /** The index of the bucket of a latency in nanoseconds. */
  static int bucket(long nanos) {
    if (nanos <= 0) {
      return 0;
    }
    int exponent = Long.SIZE - Long.numberOfLeadingZeros(nanos - 1);
    return Math.clamp(exponent - (long) LOWEST_EXPONENT, 0, BUCKETS - 1);
  }

  /** Upper bound in seconds; infinite for the last bucket. */
  static double upperBound(int bucket) {
    return bucket == BUCKETS - 1
        ? Double.POSITIVE_INFINITY
        : (1L << (bucket + LOWEST_EXPONENT)) / 1e9;
  }
}
