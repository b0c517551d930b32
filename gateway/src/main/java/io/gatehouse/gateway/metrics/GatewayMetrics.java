package io.gatehouse.gateway.metrics;

import static io.gatehouse.gateway.metrics.Metrics.counter;
import static io.gatehouse.gateway.metrics.Metrics.gauge;

import io.gatehouse.tls.TlsContext;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Sums the event loops' counters into Prometheus metrics at each scrape. */
public final class GatewayMetrics implements MultiCollector {

  private static final double NANOS = 1e9;

  private final List<LoopMetrics> loops;
  private final SecurityMetrics security;
  private final MemoryGauges memory;
  private final ClusterMetrics clusters;

  public GatewayMetrics(
      List<LoopMetrics> loops,
      AuthenticationMetrics authentications,
      Supplier<List<TlsContext>> tls,
      MemoryGauges memory,
      Supplier<List<ClusterState>> clusters) {
    this.loops = loops;
    this.memory = memory;
    this.clusters = new ClusterMetrics(clusters);
    this.security = new SecurityMetrics(authentications, tls);
  }

  /**
   * Memory reserved from the limits that all connections share, in bytes.
   *
   * @param buffered buffered frames and data that a slow peer has not taken
   * @param incomplete parts of requests that were announced to brokers and have not arrived
   * @param tokens SASL tokens that are not verified yet
   */
  public record MemoryGauges(LongSupplier buffered, LongSupplier incomplete, LongSupplier tokens) {}

  @Override
  public MetricSnapshots collect() {
    List<MetricSnapshot> all = new ArrayList<>();
    connections(all);
    apis(all);
    loops(all);
    all.addAll(clusters.collect());
    all.addAll(security.collect());
    all.addAll(AclMetrics.collect());
    all.addAll(TenantMetrics.collect());
    all.addAll(new KafkaProxyMetrics(loops).collect());
    return new MetricSnapshots(all);
  }

  @Override
  public MetricSnapshots collect(Predicate<String> includedNames) {
    return collect();
  }

  /** Number of open client connections. */
  public long openConnections() {
    return sum(LoopMetrics.CLIENT_OPEN);
  }

  /** Number of forwarded requests without a response. */
  public long inFlight() {
    return sum(LoopMetrics.IN_FLIGHT);
  }

  private void connections(List<MetricSnapshot> all) {
    all.add(
        gauge(
            "gatehouse_client_connections",
            "Client connections open now.",
            sum(LoopMetrics.CLIENT_OPEN)));
    all.add(
        counter(
            "gatehouse_client_connections_accepted",
            "Accepted client connections, including refused ones.",
            sum(LoopMetrics.CLIENT_ACCEPTED)));
    all.add(
        counter(
            "gatehouse_accept_failures",
            "Failures to accept a connection, usually because file descriptors have run out.",
            sum(LoopMetrics.ACCEPT_FAILURES)));
    var ends =
        CounterSnapshot.builder()
            .name("gatehouse_connection_ends")
            .help("Ended client connections, by reason and by the side that caused it.");
    for (CloseReason reason : CloseReason.values()) {
      long count = 0;
      for (LoopMetrics loop : loops) {
        count += loop.ends.get(reason.ordinal());
      }
      ends.dataPoint(
          CounterSnapshot.CounterDataPointSnapshot.builder()
              .labels(
                  Labels.of("reason", lower(reason.name()), "side", lower(reason.side().name())))
              .value(count)
              .build());
    }
    all.add(ends.build());
    var refusals =
        CounterSnapshot.builder()
            .name("gatehouse_refused_requests")
            .help("Requests that the gateway itself answered with an error, by reason.");
    for (RefusalReason reason : RefusalReason.values()) {
      long count = 0;
      for (LoopMetrics loop : loops) {
        count += loop.refusals.get(reason.ordinal());
      }
      refusals.dataPoint(point(Labels.of("reason", lower(reason.name())), count));
    }
    all.add(refusals.build());
    all.add(
        counter(
            "gatehouse_refused_brokers",
            "Refused connections to brokers whose host does not belong to the cluster.",
            sum(LoopMetrics.BROKERS_REFUSED)));
    all.add(
        gauge(
            "gatehouse_requests_in_flight",
            "Forwarded requests without a response.",
            sum(LoopMetrics.IN_FLIGHT)));
  }

  private void apis(List<MetricSnapshot> all) {
    var requests = byApi("gatehouse_requests", "Requests, by api.");
    var requestBytes = byApi("gatehouse_request_bytes", "Declared bytes of requests, by api.");
    var responseBytes = byApi("gatehouse_response_bytes", "Bytes of responses, by api.");
    var gateway =
        byApi(
            "gatehouse_request_gateway_seconds",
            "Time that answered requests spent in the gateway, by api.");
    var broker =
        byApi(
            "gatehouse_request_broker_seconds",
            "Time from sending a request's last byte to receiving its response's first, by api.");
    var errors =
        CounterSnapshot.builder()
            .name("gatehouse_response_errors")
            .help(
                "Error codes in responses, including those of topics and partitions, by api and"
                    + " code.");
    var latency =
        HistogramSnapshot.builder()
            .name("gatehouse_request_duration_seconds")
            .help("Time from a request's header to its response's last byte, by api.");
    for (int slot = 0; slot < ApiSlots.COUNT; slot++) {
      List<ApiMetrics> parts = parts(slot);
      if (parts.isEmpty()) {
        continue;
      }
      Labels api = Labels.of("api", ApiSlots.label(slot));
      requests.dataPoint(point(api, sum(parts, ApiMetrics.REQUESTS)));
      requestBytes.dataPoint(point(api, sum(parts, ApiMetrics.REQUEST_BYTES)));
      responseBytes.dataPoint(point(api, sum(parts, ApiMetrics.RESPONSE_BYTES)));
      gateway.dataPoint(point(api, sum(parts, ApiMetrics.GATEWAY_NANOS) / NANOS));
      broker.dataPoint(point(api, sum(parts, ApiMetrics.BROKER_NANOS) / NANOS));
      latency.dataPoint(histogram(api, parts));
      errors(errors, slot, parts);
    }
    all.add(requests.build());
    all.add(requestBytes.build());
    all.add(responseBytes.build());
    all.add(gateway.build());
    all.add(broker.build());
    all.add(errors.build());
    all.add(latency.build());
  }

  private void loops(List<MetricSnapshot> all) {
    all.add(
        gauge(
            "gatehouse_buffered_bytes",
            "Memory of incomplete frames and of data that a slow peer has not taken, in bytes.",
            memory.buffered.getAsLong()));
    all.add(
        gauge(
            "gatehouse_incomplete_request_bytes",
            "Announced bytes of forwarded requests that have not arrived from clients yet.",
            memory.incomplete.getAsLong()));
    all.add(
        gauge(
            "gatehouse_unverified_token_bytes",
            "Memory reserved for long SASL tokens of unauthenticated clients, in bytes.",
            memory.tokens.getAsLong()));
    all.add(
        counter(
            "gatehouse_event_loop_lag_seconds",
            "Total delay of the event loops' ticks.",
            sum(LoopMetrics.LAG_NANOS) / NANOS));
    all.add(
        counter(
            "gatehouse_event_loop_ticks",
            "Ticks of the event loops, one per second and loop.",
            sum(LoopMetrics.LAG_SAMPLES)));
    long most = 0;
    for (LoopMetrics loop : loops) {
      most = Math.max(most, loop.figures.get(LoopMetrics.LAG_MAX_NANOS));
    }
    all.add(
        gauge(
            "gatehouse_event_loop_lag_max_seconds",
            "Maximum delay of a tick since the start.",
            most / NANOS));
  }

  private List<ApiMetrics> parts(int slot) {
    List<ApiMetrics> parts = new ArrayList<>();
    for (LoopMetrics loop : loops) {
      ApiMetrics api = loop.apis.getAcquire(slot);
      if (api != null) {
        parts.add(api);
      }
    }
    return parts;
  }

  private static void errors(CounterSnapshot.Builder errors, int slot, List<ApiMetrics> parts) {
    Set<Integer> codes = new TreeSet<>();
    for (ApiMetrics part : parts) {
      for (int i = 0; i < part.errors.length(); i++) {
        if (part.errors.get(i) > 0) {
          codes.add(i);
        }
      }
    }
    for (int code : codes) {
      long count = 0;
      for (ApiMetrics part : parts) {
        count += part.errors.get(code);
      }
      String label = code > ApiMetrics.HIGHEST_ERROR ? "other" : Integer.toString(code - 1);
      errors.dataPoint(point(Labels.of("api", ApiSlots.label(slot), "code", label), count));
    }
  }

  private static HistogramSnapshot.HistogramDataPointSnapshot histogram(
      Labels labels, List<ApiMetrics> parts) {
    var buckets = ClassicHistogramBuckets.builder();
    for (int i = 0; i < Latency.BUCKETS; i++) {
      long count = 0;
      for (ApiMetrics part : parts) {
        count += part.latency.get(i);
      }
      buckets.bucket(Latency.upperBound(i), count);
    }
    return HistogramSnapshot.HistogramDataPointSnapshot.builder()
        .labels(labels)
        .classicHistogramBuckets(buckets.build())
        .sum(sum(parts, ApiMetrics.TOTAL_NANOS) / NANOS)
        .build();
  }

  private static long sum(List<ApiMetrics> parts, int figure) {
    long sum = 0;
    for (ApiMetrics part : parts) {
      sum += part.figures.get(figure);
    }
    return sum;
  }

  private long sum(int figure) {
    long sum = 0;
    for (LoopMetrics loop : loops) {
      sum += loop.figures.get(figure);
    }
    return sum;
  }

  private static CounterSnapshot.Builder byApi(String name, String help) {
    return CounterSnapshot.builder().name(name).help(help);
  }

  static CounterSnapshot.CounterDataPointSnapshot point(Labels labels, double value) {
    return CounterSnapshot.CounterDataPointSnapshot.builder().labels(labels).value(value).build();
  }

  private static String lower(String name) {
    return name.toLowerCase(java.util.Locale.ROOT);
  }
}
