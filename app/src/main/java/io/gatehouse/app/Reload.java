package io.gatehouse.app;

import static io.gatehouse.gateway.metrics.Metrics.gauge;

import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.gateway.ApplyResult;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.GatewayStartException;
import io.gatehouse.gateway.settings.FailoverSettings;
import io.gatehouse.http.Health.Check;
import io.gatehouse.http.Health.Concern;
import io.gatehouse.http.Reloading;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reloads the configuration while the gateway runs, and applies it if it is valid. Settings that
 * are used only at the start, such as those of the HTTP server, do not change.
 */
final class Reload implements MultiCollector, Reloading {

  private static final Logger log = LoggerFactory.getLogger(Reload.class);

  private final Supplier<SettingsBinder.Result> source;
  private final AppSettings started;
  private final Gateway gateway;
  private final InternalGateway internal;
  private final AtomicBoolean asked = new AtomicBoolean();

  /** The settings that were read last, or the problems. */
  private Object lastRead;

  private volatile State state = new State(1, Instant.now(), 0, 0, null);

  /**
   * @param revision the number of applied configurations, including the first
   * @param since when the current configuration was read
   * @param failure the problems of the last configuration that was read, or null
   */
  private record State(
      long revision, Instant since, long applied, long refused, @Nullable String failure) {}

  /**
   * @param source reads the configuration
   */
  Reload(
      Supplier<SettingsBinder.Result> source,
      AppSettings started,
      Gateway gateway,
      InternalGateway internal) {
    this.source = source;
    this.started = started;
    this.gateway = gateway;
    this.internal = internal;
    this.lastRead = started;
  }

  /** Reads the configuration again and again, and reloads it whenever it has changed. */
  void every(Duration interval) {
    if (!interval.isZero()) {
      Thread.ofVirtual().name("reload-interval").start(() -> watch(interval));
    }
  }

  private void watch(Duration interval) {
    try {
      while (true) {
        Thread.sleep(interval);
        if (isChanged()) {
          reload();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isChanged() {
    try {
      return !read(source.get()).equals(lastRead);
    } catch (RuntimeException e) {
      log.error("Unexpected error while reading the configuration", e);
      return false;
    }
  }

  private static Object read(SettingsBinder.Result result) {
    AppSettings settings = result.settings();
    return settings == null ? result.problems().lines() : settings;
  }

  /** Requests a reload. A request during a reload causes another one. */
  void request() {
    if (!asked.getAndSet(true)) {
      Thread.ofVirtual().name("reload").start(this::reload);
    }
  }

  @Override
  public synchronized Result reload() {
    asked.set(false);
    State before = state;
    List<String> problems = new ArrayList<>();
    try {
      SettingsBinder.Result read = source.get();
      lastRead = read(read);
      read.checkFiles();
      AppSettings settings = read.settings();
      problems.addAll(read.problems().lines());
      if (settings != null && !settings.admin().store().equals(started.admin().store())) {
        problems.add("a change of admin.store needs a restart");
      }
      if (settings != null && !failovers(settings).equals(failovers(started))) {
        // Nodes agree on switches by topics that are opened at the start.
        problems.add("a change of upstream.failover needs a restart");
      }
      if (settings != null && problems.isEmpty()) {
        ApplyResult applied = gateway.apply(settings.gateway());
        internal.apply(settings.gateway());
        read.problems().notices().forEach(log::warn);
        Result result = new Result(applied.changes(), needRestart(applied, settings), List.of());
        log(result);
        state =
            new State(before.revision + 1, Instant.now(), before.applied + 1, before.refused, null);
        return result;
      }
    } catch (GatewayStartException e) {
      problems.add(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      log.error("Unexpected error while reloading the configuration", e);
      problems.add(e.toString());
    }
    problems.forEach(problem -> log.error("Configuration: {}", problem));
    log.error(
        "The configuration was not reloaded: problems: {}. The previous configuration stays in use",
        problems.size());
    state =
        new State(
            before.revision,
            before.since,
            before.applied,
            before.refused + 1,
            "problems: %d; the log names them".formatted(problems.size()));
    return Result.refused(problems);
  }

  private static Map<String, FailoverSettings> failovers(AppSettings settings) {
    Map<String, FailoverSettings> all = new HashMap<>();
    settings
        .gateway()
        .upstreams()
        .forEach((name, upstream) -> {
          if (upstream.failover() != null) {
            all.put(name, upstream.failover());
          }
        });
    return all;
  }

  private List<String> needRestart(ApplyResult applied, AppSettings settings) {
    List<String> stay = new ArrayList<>(applied.needRestart());
    addIfChanged(stay, "http", started.http(), settings.http());
    addIfChanged(stay, "admin.users", started.admin().users(), settings.admin().users());
    addIfChanged(stay, "admin.folder", started.admin().folder(), settings.admin().folder());
    addIfChanged(stay, "log", started.log(), settings.log());
    addIfChanged(stay, "tls.refresh", started.tlsRefresh(), settings.tlsRefresh());
    addIfChanged(
        stay, "takeover", started.running().takeoverSocket(), settings.running().takeoverSocket());
    addIfChanged(
        stay,
        "reload.interval",
        started.running().reloadInterval(),
        settings.running().reloadInterval());
    addIfChanged(stay, "nodes", started.running().nodes(), settings.running().nodes());
    return stay;
  }

  private static void log(Result result) {
    result.changes().forEach(line -> log.info("Configuration: {}", line));
    result
        .needRestart()
        .forEach(name ->
            log.warn("Configuration: a change of {} needs a restart and was not applied", name));
    log.info("The configuration was reloaded: changes: {}", result.changes().size());
  }

  private static void addIfChanged(
      List<String> into, String name, @Nullable Object before, @Nullable Object now) {
    if (!Objects.equals(before, now)) {
      into.add(name);
    }
  }

  /** Informational only: an invalid new configuration does not affect the running one. */
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
            .help("Reloads of the configuration, by result.")
            .dataPoint(reloads("applied", now.applied))
            .dataPoint(reloads("refused", now.refused))
            .build(),
        gauge(
            "gatehouse_config_revision",
            "Number of configurations applied since the start, including the current one.",
            now.revision),
        gauge(
            "gatehouse_config_read_timestamp_seconds",
            "When the current configuration was read, in seconds since 1970.",
            now.since.toEpochMilli() / 1000.0));
  }

  private static CounterSnapshot.CounterDataPointSnapshot reloads(String result, long count) {
    return CounterSnapshot.CounterDataPointSnapshot.builder()
        .labels(Labels.of("result", result))
        .value(count)
        .build();
  }
}
