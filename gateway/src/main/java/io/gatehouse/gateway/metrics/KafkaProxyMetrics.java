package io.gatehouse.gateway.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The five metrics of kafka-proxy under its names and labels (docs/kafka-proxy.md), for existing
 * dashboards. Two of them are counters without the suffix {@code _total} that the client library
 * enforces, so they are exported as untyped.
 */
final class KafkaProxyMetrics {

  private final List<LoopMetrics> loops;

  KafkaProxyMetrics(List<LoopMetrics> loops) {
    this.loops = loops;
  }

  List<MetricSnapshot> collect() {
    var opened =
        GaugeSnapshot.builder()
            .name("proxy_opened_connections")
            .help("Number of connections to the broker open now.");
    var connections =
        CounterSnapshot.builder()
            .name("proxy_connections")
            .help("Number of connections to the broker, attempts included.");
    var requests =
        CounterSnapshot.builder()
            .name("proxy_requests")
            .help("Number of requests to the broker, by api key and version.");
    var requestBytes =
        UnknownSnapshot.builder()
            .name("proxy_requests_bytes")
            .help("Size of requests to the broker in bytes.");
    var responseBytes =
        UnknownSnapshot.builder()
            .name("proxy_responses_bytes")
            .help("Size of responses from the broker in bytes.");
    for (String address : addresses()) {
      List<BrokerMetrics> parts = parts(address);
      Labels broker = Labels.of("broker", address);
      opened.dataPoint(
          GaugeSnapshot.GaugeDataPointSnapshot.builder()
              .labels(broker)
              .value(sum(parts, BrokerMetrics.OPEN))
              .build());
      connections.dataPoint(GatewayMetrics.point(broker, sum(parts, BrokerMetrics.CONNECTIONS)));
      requestBytes.dataPoint(untyped(broker, sum(parts, BrokerMetrics.REQUEST_BYTES)));
      responseBytes.dataPoint(untyped(broker, sum(parts, BrokerMetrics.RESPONSE_BYTES)));
      requests(requests, address, parts);
    }
    return List.of(
        opened.build(),
        connections.build(),
        requests.build(),
        requestBytes.build(),
        responseBytes.build());
  }

  private static void requests(
      CounterSnapshot.Builder requests, String address, List<BrokerMetrics> parts) {
    for (int slot = 0; slot < ApiSlots.COUNT; slot++) {
      for (int version = 0; version <= BrokerMetrics.VERSIONS; version++) {
        long count = 0;
        for (BrokerMetrics part : parts) {
          Counters row = part.requests.getAcquire(slot);
          count += row == null ? 0 : row.get(version);
        }
        if (count > 0) {
          String label = version == BrokerMetrics.VERSIONS ? "other" : Integer.toString(version);
          requests.dataPoint(
              GatewayMetrics.point(
                  Labels.of(
                      "broker", address, "api_key", ApiSlots.keyLabel(slot), "api_version", label),
                  count));
        }
      }
    }
  }

  private Set<String> addresses() {
    Set<String> addresses = new TreeSet<>();
    for (LoopMetrics loop : loops) {
      addresses.addAll(loop.brokers.keySet());
    }
    return addresses;
  }

  private List<BrokerMetrics> parts(String address) {
    List<BrokerMetrics> parts = new ArrayList<>();
    for (LoopMetrics loop : loops) {
      BrokerMetrics broker = loop.brokers.get(address);
      if (broker != null) {
        parts.add(broker);
      }
    }
    return parts;
  }

  private static long sum(List<BrokerMetrics> parts, int figure) {
    long sum = 0;
    for (BrokerMetrics part : parts) {
      sum += part.figures.get(figure);
    }
    return sum;
  }

  private static UnknownSnapshot.UnknownDataPointSnapshot untyped(Labels labels, double value) {
    return UnknownSnapshot.UnknownDataPointSnapshot.builder().labels(labels).value(value).build();
  }
}
