package io.gatehouse.gateway.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Exports the state of the clusters behind the gateway. */
final class ClusterMetrics {

  private final Supplier<List<ClusterState>> clusters;

  ClusterMetrics(Supplier<List<ClusterState>> clusters) {
    this.clusters = clusters;
  }

  List<MetricSnapshot> collect() {
    List<ClusterState> states = clusters.get();
    var failures =
        CounterSnapshot.builder()
            .name("gatehouse_cluster_request_failures")
            .help("Requests of the gateway itself to a cluster that failed.");
    for (ClusterState state : states) {
      failures.dataPoint(GatewayMetrics.point(labels(state), state.failures()));
    }
    return List.of(
        gauge(
            "gatehouse_cluster_up",
            "1 if the cluster answered the gateway's last own request, or clients since then.",
            states,
            state -> state.isUp() ? 1 : 0),
        gauge(
            "gatehouse_cluster_brokers",
            "Known brokers of the cluster.",
            states,
            ClusterState::brokers),
        gauge(
            "gatehouse_cluster_active",
            "1 if clients are directed to the cluster, 0 if they are directed to another in its"
                + " place.",
            states,
            state -> state.used() ? 1 : 0),
        failures.build());
  }

  private static MetricSnapshot gauge(
      String name, String help, List<ClusterState> states, ToDoubleFunction<ClusterState> value) {
    var all = GaugeSnapshot.builder().name(name).help(help);
    for (ClusterState state : states) {
      all.dataPoint(
          GaugeSnapshot.GaugeDataPointSnapshot.builder()
              .labels(labels(state))
              .value(value.applyAsDouble(state))
              .build());
    }
    return all.build();
  }

  private static Labels labels(ClusterState state) {
    return Labels.of("cluster", state.name());
  }
}
