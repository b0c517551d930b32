package io.gatehouse.app;

import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.app.config.StartStep;
import io.gatehouse.app.log.JulRouting;
import io.gatehouse.app.log.LogbackLevels;
import io.gatehouse.app.log.Logging;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.GatewayStartException;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.http.AdminServer;
import io.gatehouse.http.HttpSettings;
import io.gatehouse.http.JvmMetrics;
import io.gatehouse.http.ListenException;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a gateway until a signal or a failure ends it.
 *
 * <p>Kafka is served first; the HTTP server starts beside it and is fatal if it cannot. A signal
 * makes the gateway not ready, drains it with HTTP still answering, and ends the process with 0.
 */
final class GatewayProcess {

  /** What a drain may take beyond its time before the process ends anyway. */
  private static final Duration DRAIN_SLACK = Duration.ofSeconds(5);

  private final Surroundings around;
  private final AppSettings settings;

  /** Why to end: a signal's name, or the message of a failure. */
  private final CompletableFuture<Ending> ending = new CompletableFuture<>();

  private volatile @Nullable AdminServer http;

  private sealed interface Ending {
    record Signalled(String signal) implements Ending {}

    record Failed(String message) implements Ending {}
  }

  /** Told the gateway as soon as it serves, on a thread of its own. */
  private final Consumer<Gateway> whenServing;

  GatewayProcess(Surroundings around, AppSettings settings, Consumer<Gateway> whenServing) {
    this.around = around;
    this.settings = settings;
    this.whenServing = whenServing;
  }

  /**
   * @return the exit code, once everything has ended
   */
  int run(SettingsBinder.Result configuration) {
    Logging.configure(settings.log());
    Logger log = LoggerFactory.getLogger("io.gatehouse");
    if (log.isDebugEnabled()) {
      log.debug("Computed configuration :\n{}", configuration.yaml());
    }
    configuration.problems().notices().forEach(log::warn);
    try {
      for (StartStep step : settings.steps()) {
        step.start();
      }
      return serve(log);
    } catch (GatewayStartException | StartStep.Failure e) {
      around.err().println("Error: " + e.getMessage());
      return ExitCode.FAILED;
    } finally {
      settings.close();
      Logging.stop();
    }
  }

  private int serve(Logger log) throws GatewayStartException {
    try (Gateway gateway = Gateway.start(settings.gateway(), settings.tlsRefresh())) {
      StopSignals.handle(signal -> ending.complete(new Ending.Signalled(signal)));
      log.info("Ready for new connections{}: clients bootstrap at {}", after(), addresses(gateway));
      HttpSettings httpSettings = settings.http();
      if (httpSettings != null) {
        Thread.ofVirtual().name("http-start").start(() -> startHttp(log, gateway, httpSettings));
      }
      Thread.ofVirtual().name("when-serving").start(() -> whenServing.accept(gateway));
      return end(log, gateway);
    }
  }

  private int end(Logger log, Gateway gateway) {
    switch (ending.join()) {
      case Ending.Failed(String message) -> {
        around.err().println("Error: " + message);
        return ExitCode.FAILED;
      }
      case Ending.Signalled(String signal) -> {
        log.info("{} came: draining; a second one ends at once", signal);
        drain(log, gateway);
        AdminServer server = http;
        if (server != null) {
          server.close();
        }
        log.info("Ended");
        return ExitCode.OK;
      }
    }
  }

  private void drain(Logger log, Gateway gateway) {
    long most = settings.gateway().drain().most().plus(DRAIN_SLACK).toMillis();
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

  private void startHttp(Logger log, Gateway gateway, HttpSettings httpSettings) {
    try {
      JulRouting.install();
      PrometheusRegistry registry = new PrometheusRegistry();
      registry.register(gateway.metrics());
      JvmMetrics.register(registry);
      AdminServer server =
          AdminServer.start(
              httpSettings, new GatewayHealth(gateway), registry, new LogbackLevels());
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

  private static String addresses(Gateway gateway) {
    return String.join(", ", gateway.bootstrap().stream().map(HostPort::toString).toList());
  }

  /** How long the process took to come here, as far as the system tells. */
  private static String after() {
    Optional<Instant> start = ProcessHandle.current().info().startInstant();
    return start
        .map(instant -> " after " + Duration.between(instant, Instant.now()).toMillis() + " ms")
        .orElse("");
  }
}
