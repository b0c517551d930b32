package io.gatehouse.app.log;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

/** How many lines of the audit log were dropped. */
public final class AuditMetrics implements MultiCollector {

  @Override
  public MetricSnapshots collect() {
    var all =
        CounterSnapshot.builder()
            .name("gatehouse_audit_left_out")
            .help("Logins and refusals that were not written to the audit log, by cause.");
    AuditAppender.dropped()
        .forEach((cause, count) ->
            all.dataPoint(
                CounterDataPointSnapshot.builder()
                    .labels(Labels.of("cause", cause))
                    .value(count)
                    .build()));
    return new MetricSnapshots(all.build());
  }
}
