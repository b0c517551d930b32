package io.gatehouse.app;

import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.gateway.ApplyResult;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.GatewayStartException;
import io.gatehouse.http.Health.Check;
import io.gatehouse.http.Health.Concern;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration again while the gateway runs, and puts it in force if nothing is wrong
 * with it. What a process does once, such as listening for probes, stays as it was started.
 */
final class Reload implements MultiCollector {

  private static final Logger log = LoggerFactory.getLogger(Reload.class);

  private final Supplier<SettingsBinder.Result> source;
  private final AppSettings started;
  private final Gateway gateway;
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile State state = new State(1, Instant.now(), 0, 0, null);

  /**
   * @param revision counts the configurations that were in force, the first included
   * @param since when the one in force was read
   * @param failure what was wrong with the last one that was read, or null if nothing was
   */
  private record State(
      long revision, Instant since, long applied, long refused, @Nullable String failure) {}

  /**
   * @param source reads the configuration as the start did
   */
  Reload(Supplier<SettingsBinder.Result> source, AppSettings started, Gateway gateway) {
    this.source = source;
    this.started = started;
    this.gateway = gateway;
  }

  /** Has it done soon. Who asks while it is being done has it done once more. */
  void request() {
    if (!asked.getAndSet(true)) {
      Thread.ofVirtual().name("reload").start(this::run);
    }
  }

  private synchronized void run() {
    asked.set(false);
    State before = state;
    List<String> problems = new ArrayList<>();
    try {
      SettingsBinder.Result read = source.get();
      read.lookAtFiles();
      AppSettings settings = read.settings();
      problems.addAll(read.problems().lines());
      if (settings != null && problems.isEmpty()) {
        ApplyResult applied = gateway.apply(settings.gateway());
        read.problems().notices().forEach(log::warn);
        tell(applied, settings);
        state =
            new State(before.revision + 1, Instant.now(), before.applied + 1, before.refused, null);
        return;
      }
    } catch (GatewayStartException e) {
      problems.add(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      log.error("An error of the gateway while it read its configuration", e);
      problems.add(e.toString());
    }
    problems.forEach(problem -> log.error("Configuration: {}", problem));
    log.error(
        "The configuration is not reloaded: problems: {}. All stays as it was", problems.size());
    state =
        new State(
            before.revision,
            before.since,
            before.applied,
            before.refused + 1,
            String.join("; ", problems));
  }

  private void tell(ApplyResult applied, AppSettings settings) {
    applied.changes().forEach(line -> log.info("Configuration: {}", line));
    List<String> stay = new ArrayList<>(applied.needRestart());
    stayed(stay, "http", started.http(), settings.http());
    stayed(stay, "log", started.log(), settings.log());
    stayed(stay, "tls.refresh", started.tlsRefresh(), settings.tlsRefresh());
    stayed(
        stay, "takeover", started.running().takeoverSocket(), settings.running().takeoverSocket());
    stay.forEach(name -> log.warn("Configuration: {} needs a restart; it stays as it was", name));
    log.info("The configuration is reloaded: changes: {}", applied.changes().size());
  }

  private static void stayed(
      List<String> into, String name, @Nullable Object before, @Nullable Object now) {
    if (!Objects.equals(before, now)) {
      into.add(name);
    }
  }

  /** For people who ask how the gateway is; a file that is wrong makes it no worse. */
  Check check() {
    State now = state;
    Map<String, String> data =
        Map.of("revision", Long.toString(now.revision), "since", now.since.toString());
    if (now.failure == null) {
      return new Check("configuration", Concern.INFORM, true, data);
    }
    return new Check(
        "configuration",
        Concern.INFORM,
        false,
        Map.of(
            "revision",
            Long.toString(now.revision),
            "since",
            now.since.toString(),
            "reason",
            now.failure));
  }

  @Override
  public MetricSnapshots collect() {
    State now = state;
    return new MetricSnapshots(
        CounterSnapshot.builder()
            .name("gatehouse_config_reloads")
            .help("Times that the configuration was to be reloaded, by result.")
            .dataPoint(reloads("applied", now.applied))
            .dataPoint(reloads("refused", now.refused))
            .build(),
        gauge(
            "gatehouse_config_revision",
            "Configurations that were in force since the start, the present one included.",
            now.revision),
        gauge(
            "gatehouse_config_read_timestamp_seconds",
            "When the configuration in force was read, in seconds since 1970.",
            now.since.toEpochMilli() / 1000.0));
  }

  private static CounterSnapshot.CounterDataPointSnapshot reloads(String result, long count) {
    return CounterSnapshot.CounterDataPointSnapshot.builder()
        .labels(Labels.of("result", result))
        .value(count)
        .build();
  }

  private static GaugeSnapshot gauge(String name, String help, double value) {
    return GaugeSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value).build())
        .build();
  }
}
