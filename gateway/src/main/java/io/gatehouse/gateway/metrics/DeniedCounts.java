package io.gatehouse.gateway.metrics;

import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourceType;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts the rights that clients miss. Thread-safe. */
final class DeniedCounts {

  /** As a virtual cluster: clients that see the cluster as it is. */
  private static final String PASSTHROUGH = "passthrough";

  /** As a virtual cluster: those that are counted together, because there are many. */
  private static final String OTHERS = "(others)";

  private record Key(String virtualCluster, Operation operation, ResourceType type) {}

  private final int most;
  private final Map<Key, LongAdder> counts = new ConcurrentHashMap<>();

  /**
   * @param most how many counters there may be before virtual clusters are counted together
   */
  DeniedCounts(int most) {
    this.most = most;
  }

  /**
   * Counts one.
   *
   * @param virtualCluster null for passthrough
   */
  void add(@Nullable String virtualCluster, Operation operation, ResourceType type) {
    Key key = new Key(virtualCluster == null ? PASSTHROUGH : virtualCluster, operation, type);
    LongAdder count = counts.get(key);
    if (count == null) {
      Key counted = counts.size() < most ? key : new Key(OTHERS, operation, type);
      count = counts.computeIfAbsent(counted, _ -> new LongAdder());
    }
    count.increment();
  }

  MetricSnapshot collect() {
    var all =
        CounterSnapshot.builder()
            .name("gatehouse_acl_denied")
            .help(
                "Rights that clients missed, by virtual cluster, operation and type of resource.");
    counts.forEach((key, count) ->
        all.dataPoint(
            GatewayMetrics.point(
                Labels.of(
                    "virtual_cluster",
                    key.virtualCluster,
                    "operation",
                    AclMetrics.lower(key.operation),
                    "resource_type",
                    AclMetrics.lower(key.type)),
                count.sum())));
    return all.build();
  }
}
