package io.gatehouse.gateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourceType;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DeniedCountsTest {

  private static Map<String, Double> collected(DeniedCounts counts) {
    return ((CounterSnapshot) counts.collect())
        .getDataPoints().stream()
            .collect(
                Collectors.toMap(
                    point ->
                        point.getLabels().get("virtual_cluster")
                            + " "
                            + point.getLabels().get("operation")
                            + " "
                            + point.getLabels().get("resource_type"),
                    CounterSnapshot.CounterDataPointSnapshot::getValue));
  }

  @Test
  void virtualClustersAreCountedTogetherOnceThereAreMany() {
    DeniedCounts counts = new DeniedCounts(2);
    counts.add(null, Operation.ALTER_CONFIGS, ResourceType.CLUSTER);
    counts.add("a", Operation.READ, ResourceType.TRANSACTIONAL_ID);
    for (String cluster : new String[] {"a", "b", "c"}) {
      counts.add(cluster, Operation.READ, ResourceType.TRANSACTIONAL_ID);
    }
    counts.add("a", Operation.WRITE, ResourceType.TOPIC);
    assertThat(collected(counts))
        .isEqualTo(
            Map.of(
                "passthrough alter_configs cluster", 1.0,
                "a read transactional_id", 2.0,
                "(others) read transactional_id", 2.0,
                "(others) write topic", 1.0));
  }
}
