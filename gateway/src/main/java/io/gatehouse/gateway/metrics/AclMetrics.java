package io.gatehouse.gateway.metrics;

import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.wire.ErrorCode;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Process-wide counters about access rules. The number of labels is bounded. */
public final class AclMetrics {

  /** What clients ask for with Kafka's protocol. */
  public enum Change {
    CREATE,
    DELETE
  }

  private record Changed(Change change, String result) {}

  private static final Map<Changed, LongAdder> CHANGED = new ConcurrentHashMap<>();

  private static final DeniedCounts DENIED = new DeniedCounts(5000);

  private AclMetrics() {}

  /**
   * Counts a right that a client misses.
   *
   * @param virtualCluster null for passthrough
   */
  public static void denied(
      @Nullable String virtualCluster, Operation operation, ResourceType type) {
    DENIED.add(virtualCluster, operation, type);
  }

  /**
   * Counts a rule to create, or a filter of rules to delete.
   *
   * @param error null if it was done
   */
  public static void changed(Change change, @Nullable ErrorCode error) {
    String result =
        error == null
            ? "changed"
            : error == ErrorCode.REQUEST_TIMED_OUT ? "unavailable" : "refused";
    CHANGED.computeIfAbsent(new Changed(change, result), _ -> new LongAdder()).increment();
  }

  static List<MetricSnapshot> collect() {
    return List.of(changes(), DENIED.collect());
  }

  private static MetricSnapshot changes() {
    var all =
        CounterSnapshot.builder()
            .name("gatehouse_acl_changes")
            .help(
                "Access rules to create, and filters of rules to delete, of Kafka's admin clients,"
                    + " by result.");
    CHANGED.forEach((key, count) ->
        all.dataPoint(
            GatewayMetrics.point(
                Labels.of("change", lower(key.change), "result", key.result), count.sum())));
    return all.build();
  }

  static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
