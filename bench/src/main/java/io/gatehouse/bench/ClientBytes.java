package io.gatehouse.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/** The bytes that a Kafka client has sent and received, from its metrics. */
final class ClientBytes {

  private final List<Metric> totals = new ArrayList<>();

  ClientBytes(Map<MetricName, ? extends Metric> metrics, String group) {
    metrics.forEach((name, metric) -> {
      if (name.group().equals(group)
          && (name.name().equals("outgoing-byte-total")
              || name.name().equals("incoming-byte-total"))) {
        totals.add(metric);
      }
    });
    if (totals.size() != 2) {
      throw new IllegalStateException("the client does not count its bytes in " + group);
    }
  }

  long total() {
    return totals.stream().mapToLong(m -> ((Number) m.metricValue()).longValue()).sum();
  }
}
