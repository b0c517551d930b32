package io.gatehouse.gateway.metrics;

import io.gatehouse.auth.AuthMetrics;
import io.gatehouse.tls.TlsContext;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.function.Supplier;

/** Exports results of authentications, and the state of verifiers, plugins and certificates. */
final class SecurityMetrics {

  private final AuthenticationMetrics authentications;
  private final Supplier<List<TlsContext>> tls;

  SecurityMetrics(AuthenticationMetrics authentications, Supplier<List<TlsContext>> tls) {
    this.authentications = authentications;
    this.tls = tls;
  }

  List<MetricSnapshot> collect() {
    return List.of(
        authentications(),
        localAuthentications(),
        verifierFailures(),
        pluginRestarts(),
        expiry(),
        failures(),
        broken());
  }

  private MetricSnapshot authentications() {
    var all =
        CounterSnapshot.builder()
            .name("gatehouse_authentications")
            .help("Authentications of clients by the gateway, by mechanism and result.");
    authentications
        .counts()
        .forEach((key, count) ->
            all.dataPoint(
                GatewayMetrics.point(
                    Labels.of(
                        "listener",
                        key.listener(),
                        "mechanism",
                        key.mechanism(),
                        "result",
                        key.result()),
                    count.sum())));
    return all.build();
  }

  /** kafka-proxy's counter with its two labels (docs/kafka-proxy.md); counts PLAIN only. */
  private MetricSnapshot localAuthentications() {
    long succeeded = 0;
    long failed = 0;
    long unavailable = 0;
    for (var counted : authentications.counts().entrySet()) {
      if (counted.getKey().mechanism().equals("PLAIN")) {
        long count = counted.getValue().sum();
        switch (counted.getKey().result()) {
          case AuthenticationMetrics.SUCCESS -> succeeded += count;
          case "unavailable" -> unavailable += count;
          default -> failed += count;
        }
      }
    }
    return CounterSnapshot.builder()
        .name("proxy_local_auth")
        .help("Logins with PLAIN at the gateway.")
        .dataPoint(GatewayMetrics.point(Labels.of("success", "true", "status", "0"), succeeded))
        .dataPoint(GatewayMetrics.point(Labels.of("success", "false", "status", "0"), failed))
        .dataPoint(GatewayMetrics.point(Labels.of("success", "error", "status", "1"), unavailable))
        .build();
  }

  private static MetricSnapshot verifierFailures() {
    var all =
        CounterSnapshot.builder()
            .name("gatehouse_verifier_failures")
            .help("Failures of a verifier to check credentials, by cause.");
    AuthMetrics.failures()
        .forEach((failure, count) ->
            all.dataPoint(
                GatewayMetrics.point(
                    Labels.of(
                        "verifier", failure.verifier().label(), "cause", failure.cause().label()),
                    count)));
    return all.build();
  }

  private static MetricSnapshot pluginRestarts() {
    var all =
        CounterSnapshot.builder()
            .name("gatehouse_plugin_restarts")
            .help("Restarts of a plugin process after it ended.");
    AuthMetrics.restarts()
        .forEach((plugin, count) ->
            all.dataPoint(GatewayMetrics.point(Labels.of("plugin", plugin), count)));
    return all.build();
  }

  private MetricSnapshot expiry() {
    var all =
        GaugeSnapshot.builder()
            .name("gatehouse_certificate_expiry_timestamp_seconds")
            .help("Expiry of the certificate presented to peers, in Unix time.");
    for (TlsContext one : tls.get()) {
      if (!one.certificates().isEmpty()) {
        all.dataPoint(
            GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(Labels.of("of", one.name()))
                .value(one.certificates().getFirst().getNotAfter().toInstant().getEpochSecond())
                .build());
      }
    }
    return all.build();
  }

  private MetricSnapshot failures() {
    var all =
        CounterSnapshot.builder()
            .name("gatehouse_tls_reload_failures")
            .help("Changed files with keys or certificates that could not be loaded.");
    for (TlsContext one : tls.get()) {
      all.dataPoint(GatewayMetrics.point(Labels.of("of", one.name()), one.failures()));
    }
    return all.build();
  }

  private MetricSnapshot broken() {
    var all =
        GaugeSnapshot.builder()
            .name("gatehouse_tls_files_broken")
            .help(
                "1 while changed files cannot be loaded and their previous contents stay in"
                    + " force.");
    for (TlsContext one : tls.get()) {
      all.dataPoint(
          GaugeSnapshot.GaugeDataPointSnapshot.builder()
              .labels(Labels.of("of", one.name()))
              .value(one.isBroken() ? 1 : 0)
              .build());
    }
    return all.build();
  }
}
