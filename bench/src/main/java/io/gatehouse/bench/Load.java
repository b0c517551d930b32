package io.gatehouse.bench;

import org.HdrHistogram.Histogram;

/** A load of Kafka clients, which runs until it is closed. */
interface Load extends AutoCloseable {

  /**
   * The progress since the start.
   *
   * @param bytes the bytes on the clients' connections in both directions
   * @param records the number of acknowledged or received records
   */
  record Progress(long bytes, long records) {
    Progress since(Progress earlier) {
      return new Progress(bytes - earlier.bytes, records - earlier.records);
    }
  }

  /**
   * Returns the progress until now.
   *
   * @throws IllegalStateException if the clients have failed
   */
  Progress progress();

  /**
   * The latencies from due to acknowledged since the last call, in microseconds; empty if they are
   * not recorded.
   */
  Histogram takeLatencies();

  @Override
  void close();
}
