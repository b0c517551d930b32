package io.gatehouse.gateway.metrics;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * One event loop's counters for one broker address, for the five metrics in docs/kafka-proxy.md.
 */
public final class BrokerMetrics {

  static final int OPEN = 0;
  static final int CONNECTIONS = 1;
  static final int REQUEST_BYTES = 2;
  static final int RESPONSE_BYTES = 3;
  static final int CONNECT_FAILURES = 4;
  private static final int FIGURES = 5;

  /** Versions from this one on share the label {@code other}. */
  static final int VERSIONS = 32;

  final Counters figures = new Counters(FIGURES);

  /** Requests by version, indexed by {@link ApiSlots}; rows are created on first use. */
  final AtomicReferenceArray<Counters> requests = new AtomicReferenceArray<>(ApiSlots.COUNT);

  /** Counts an attempt to connect. */
  public void connecting() {
    figures.add(CONNECTIONS, 1);
  }

  /** Counts a failed attempt to connect. */
  public void failed() {
    figures.add(CONNECT_FAILURES, 1);
  }

  /** Increments the number of open connections. */
  public void opened() {
    figures.add(OPEN, 1);
  }

  /** Decrements the number of open connections. */
  public void closed() {
    figures.add(OPEN, -1);
  }

  void request(int slot, int version) {
    Counters row = requests.getPlain(slot);
    if (row == null) {
      row = new Counters(VERSIONS + 1);
      requests.setRelease(slot, row);
    }
    row.add(version < 0 || version >= VERSIONS ? VERSIONS : version, 1);
  }

  void requestBytes(long bytes) {
    figures.add(REQUEST_BYTES, bytes);
  }

  void responseBytes(long bytes) {
    figures.add(RESPONSE_BYTES, bytes);
  }
}
