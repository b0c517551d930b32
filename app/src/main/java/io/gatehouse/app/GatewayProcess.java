package io.gatehouse.app;

import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.app.log.AuditMetrics;
import io.gatehouse.app.log.JulRouting;
import io.gatehouse.app.log.LogbackLevels;
import io.gatehouse.app.log.Logging;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.GatewayStartException;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.http.AdminServer;
import io.gatehouse.http.HttpSettings;
import io.gatehouse.http.JvmMetrics;
import io.gatehouse.http.ListenException;
import io.gatehouse.http.RouteGroup;
import io.gatehouse.http.TapRoutes;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a gateway until a signal or a failure ends it.
 *
 * <p>Kafka is served first; the HTTP server starts beside it and is fatal if it cannot. A signal
 * makes the gateway not ready, drains it with HTTP still answering, and ends the process with 0.
 * SIGHUP makes it read its configuration again.
 */
final class GatewayProcess {

  /** What a drain may take beyond its time before the process ends anyway. */
  private static final Duration DRAIN_SLACK = Duration.ofSeconds(5);

  private final Surroundings around;
  private final AppSettings settings;

  /** Why to end: a signal's name, or the message of a failure. */
  private final CompletableFuture<Ending> ending = new CompletableFuture<>();

  private @Nullable AdminServer http;

  private sealed interface Ending {
    record Signalled(String signal) implements Ending {}

    /** Another process took this one's place, and no connection is left. */
    record Replaced() implements Ending {}

    record Failed(String message) implements Ending {}
  }

  private final Start start;

  /**
   * @param takesOver whether it takes the place of a gateway that runs
   * @param begin from when on the time is counted that the start takes
   * @param source reads the configuration, and again when SIGHUP asks for it
   * @param whenServing told the gateway as soon as it serves, on a thread of its own
   */
  record Start(
      boolean takesOver,
      Instant begin,
      Supplier<SettingsBinder.Result> source,
      Consumer<Gateway> whenServing) {}

  GatewayProcess(Surroundings around, AppSettings settings, Start start) {
    this.around = around;
    this.settings = settings;
    this.start = start;
  }

  /**
   * @return the exit code, once everything has ended
   */
  int run(SettingsBinder.Result configuration) {
    try {
      Logging.configure(settings.log());
    } catch (UncheckedIOException e) {
      around.err().println("Error: " + e.getMessage() + ": " + e.getCause());
      return ExitCode.FAILED;
    }
    Logger log = LoggerFactory.getLogger("io.gatehouse");
    if (log.isDebugEnabled()) {
      log.debug("Computed configuration :");
      configuration.yaml().lines().forEach(line -> log.debug("{}", line));
    }
    configuration.problems().notices().forEach(log::warn);
    explainForwardedLogins(log);
    try {
      return serve(log);
    } catch (GatewayStartException | IOException e) {
      around.err().println("Error: " + e.getMessage());
      return ExitCode.FAILED;
    } finally {
      Logging.stop();
    }
  }

  /** What a gateway without an account can know of a cluster that lets in only those who log in. */
  private void explainForwardedLogins(Logger log) {
    for (ListenerSettings listener : settings.gateway().listeners()) {
      String cluster = listener.entry().cluster();
      UpstreamSettings upstream = settings.gateway().upstreams().get(cluster);
      if (listener.entry().authentication() instanceof Authentication.Forwarded
          && upstream != null
          && upstream.access().accounts().own() == null) {
        log.info(
            "listener {}: clients log in at the brokers of the cluster {}, where the gateway has no"
                + " account of its own (upstream.login). Brokers that want a login are not asked"
                + " anything: it learns of them from what they tell clients",
            listener.name(),
            cluster);
      }
    }
  }

  private int serve(Logger log) throws GatewayStartException, IOException {
    try (Takeover takeover = Takeover.begin(settings.running(), start.takesOver());
        Gateway gateway =
            Gateway.start(
                settings.gateway(), settings.running().tlsRefresh(), takeover.sockets())) {
      Signals.onStop(signal -> ending.complete(new Ending.Signalled(signal)));
      Reload reload = new Reload(start.source(), settings, gateway);
      Signals.onHangup(reload::request);
      if (takeover.isOn()) {
        // Whoever asks for health meets one that is well at any time.
        startHttp(log, gateway, reload, HttpSettings.Sharing.WITH_PREDECESSOR);
        takeover.complete(gateway, ending::isDone);
        if (ending.isDone()) {
          return end(log, gateway);
        }
      }
      takeover.await(gateway, new AtTakeover(log, gateway, reload));
      HttpSettings.Sharing sharing = takeover.sharing();
      Thread.ofVirtual()
          .name("http-start")
          .start(() -> {
            if (!takeover.isOn()) {
              startHttp(log, gateway, reload, sharing);
            }
            ready(log, gateway);
          });
      HeapWatch.start();
      Thread.ofVirtual().name("when-serving").start(() -> start.whenServing().accept(gateway));
      return end(log, gateway);
    }
  }

  private int end(Logger log, Gateway gateway) {
    switch (ending.join()) {
      case Ending.Failed(String message) -> {
        around.err().println("Error: " + message);
        return ExitCode.FAILED;
      }
      case Ending.Replaced() -> {
        log.info("Ended: another process has taken this one's place");
        return ExitCode.OK;
      }
      case Ending.Signalled(String signal) -> {
        log.info("{} came: draining; a second one ends at once", signal);
        drain(log, gateway);
        gateway.taps().closeAll();
        stopHttp();
        log.info("Ended");
        return ExitCode.OK;
      }
    }
  }

  private void drain(Logger log, Gateway gateway) {
    long most = gateway.settings().drain().maxDuration().plus(DRAIN_SLACK).toMillis();
    try {
      gateway.drain().get(most, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      log.warn("Draining took longer than {} ms, so what is left is cut off", most);
    } catch (ExecutionException e) {
      log.warn("Draining failed, so what is left is cut off", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a process that takes this one's place brings about. */
  private final class AtTakeover implements Takeover.Rest {

    private final Logger log;
    private final Gateway gateway;
    private final Reload reload;

    AtTakeover(Logger log, Gateway gateway, Reload reload) {
      this.log = log;
      this.gateway = gateway;
      this.reload = reload;
    }

    @Override
    public boolean isEnding() {
      return ending.isDone();
    }

    @Override
    public void stopHttp() {
      gateway.taps().closeAll();
      GatewayProcess.this.stopHttp();
    }

    @Override
    public void startHttp() {
      // The process that was to take over may hold the port for a moment longer: shared, unprobed.
      GatewayProcess.this.startHttp(log, gateway, reload, HttpSettings.Sharing.WITH_PREDECESSOR);
    }

    @Override
    public void replaced() {
      ending.complete(new Ending.Replaced());
    }
  }

  private synchronized void stopHttp() {
    if (http != null) {
      http.close();
      http = null;
    }
  }

  private synchronized void startHttp(
      Logger log, Gateway gateway, Reload reload, HttpSettings.Sharing sharing) {
    if (settings.http() == null) {
      return;
    }
    HttpSettings httpSettings = settings.http().with(sharing);
    try {
      JulRouting.install();
      PrometheusRegistry registry = new PrometheusRegistry();
      registry.register(gateway.metrics());
      registry.register(new AuditMetrics());
      registry.register(reload);
      registry.register(new TapMetrics(gateway.taps()));
      JvmMetrics.register(registry);
      List<RouteGroup> groups =
          new ArrayList<>(
              AdminServer.standard(
                  httpSettings.surface(),
                  new GatewayHealth(gateway, reload),
                  registry,
                  new LogbackLevels()));
      groups.add(new TapRoutes(new GatewayTaps(gateway)));
      AdminServer server = AdminServer.start(httpSettings, groups);
      http = server;
      log.info(
          "Health and metrics at http://{}",
          new HostPort(httpSettings.listen().host(), server.port()));
    } catch (ListenException e) {
      ending.complete(new Ending.Failed(String.valueOf(e.getMessage())));
    } catch (RuntimeException | LinkageError e) {
      log.error("The HTTP server cannot start", e);
      ending.complete(new Ending.Failed("the HTTP server cannot start: " + e));
    }
  }

  /** Says so when probes are answered as well. */
  private void ready(Logger log, Gateway gateway) {
    if (ending.isDone()) {
      return;
    }
    long took = Duration.between(start.begin(), Instant.now()).toMillis();
    log.info(
        "Ready for new connections after {} ms: clients bootstrap at {}", took, addresses(gateway));
    AdminServer server = http();
    if (server != null) {
      server.warmUp();
    }
  }

  private synchronized @Nullable AdminServer http() {
    return http;
  }

  private static String addresses(Gateway gateway) {
    return String.join(
        ", ", gateway.bootstrapForClients().stream().map(HostPort::toString).toList());
  }
}
