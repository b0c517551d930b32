package io.gatehouse.bench;

import org.HdrHistogram.Histogram;

/** Clients at work, from when they are made until they are closed. */
interface Load extends AutoCloseable {

  /**
   * What was done since the start.
   *
   * @param bytes on the clients' connections, both directions
   * @param records acknowledged or received
   */
  record Progress(long bytes, long records) {
    Progress since(Progress earlier) {
      return new Progress(bytes - earlier.bytes, records - earlier.records);
    }
  }

  /**
   * What was done until now.
   *
   * @throws IllegalStateException when the clients have failed
   */
  Progress progress();

  /** The times from due to acknowledged since the last call, in microseconds; empty if not kept. */
  Histogram takeLatencies();

  @Override
  void close();
}
