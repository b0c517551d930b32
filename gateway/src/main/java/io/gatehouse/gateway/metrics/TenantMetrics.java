package io.gatehouse.gateway.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Process-wide counters about the limits of virtual clusters. The number of labels is bounded. */
public final class TenantMetrics {

  /** What is limited. */
  public enum Limit {
    TOPICS("topics"),
    PARTITIONS("partitions"),
    PARTITIONS_PER_TOPIC("partitionsPerTopic");

    private final String field;

    Limit(String field) {
      this.field = field;
    }

    /** Its name in the resource. */
    @Override
    public String toString() {
      return field;
    }
  }

  private record Key(String virtualCluster, Limit limit) {}

  private static final int MOST = 5_000;

  /** As a virtual cluster: those that are counted together, because there are many. */
  private static final String OTHERS = "(others)";

  private static final Map<Key, LongAdder> REFUSED = new ConcurrentHashMap<>();

  private TenantMetrics() {}

  /** Counts something that a limit does not allow. */
  public static void refused(String virtualCluster, Limit limit) {
    count(REFUSED, virtualCluster, limit).increment();
  }

  private static LongAdder count(Map<Key, LongAdder> counts, String virtualCluster, Limit limit) {
    LongAdder known = counts.get(new Key(virtualCluster, limit));
    if (known != null) {
      return known;
    }
    String counted = counts.size() < MOST ? virtualCluster : OTHERS;
    return counts.computeIfAbsent(new Key(counted, limit), _ -> new LongAdder());
  }

  static List<MetricSnapshot> collect() {
    var refused =
        CounterSnapshot.builder()
            .name("gatehouse_virtual_cluster_refused")
            .help("What the limits of virtual clusters did not allow, by limit.");
    REFUSED.forEach((key, count) ->
        refused.dataPoint(
            GatewayMetrics.point(
                Labels.of("virtual_cluster", key.virtualCluster, "limit", key.limit.toString()),
                count.sum())));
    return List.of(refused.build());
  }
}
