package io.gatehouse.app;

import static io.gatehouse.gateway.metrics.Metrics.gauge;

import io.gatehouse.gateway.tap.Taps;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

/** The number of open taps and the memory they hold. */
record TapMetrics(Taps taps) implements MultiCollector {

  @Override
  public MetricSnapshots collect() {
    return new MetricSnapshots(
        gauge("gatehouse_taps", "Open taps.", taps.count()),
        gauge(
            "gatehouse_tap_held_bytes",
            "Memory that holds frames for readers of taps.",
            taps.queuedBytes()));
  }
}
