package io.gatehouse.app;

import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.app.log.AuditMetrics;
import io.gatehouse.app.log.JulRouting;
import io.gatehouse.app.log.LogbackLevels;
import io.gatehouse.app.log.Logging;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.control.AccountCredentials;
import io.gatehouse.control.Administration;
import io.gatehouse.control.folder.Folder;
import io.gatehouse.control.kafka.KafkaAccess;
import io.gatehouse.control.kind.Label;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.GatewayStart;
import io.gatehouse.gateway.GatewayStartException;
import io.gatehouse.gateway.credentials.CredentialSteps;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.http.AdminServer;
import io.gatehouse.http.AdminUsers;
import io.gatehouse.http.ControlApi;
import io.gatehouse.http.DocsRoutes;
import io.gatehouse.http.GatewayControls;
import io.gatehouse.http.Health;
import io.gatehouse.http.HttpSettings;
import io.gatehouse.http.JvmMetrics;
import io.gatehouse.http.RouteGroup;
import io.gatehouse.http.TapRoutes;
import io.gatehouse.tls.ServerTls;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
 * <p>The listeners open first. The HTTP server starts in parallel, and the process ends if it
 * cannot. A signal makes the gateway not ready, drains it while HTTP still works, and ends the
 * process with 0. SIGHUP reloads the configuration.
 */
final class GatewayProcess {

  /** How long to wait for a drain beyond its configured time. */
  private static final Duration DRAIN_SLACK = Duration.ofSeconds(5);

  private final ProgramContext program;
  private final AppSettings settings;

  /** Completed with the reason to end. */
  private final CompletableFuture<Ending> ending = new CompletableFuture<>();

  private @Nullable AdminServer http;
  private @Nullable Store store;
  private @Nullable ClusterNodes nodes;
  private @Nullable FolderReport folder;
  private @Nullable GatewayFailover failover;
  private @Nullable AuditTopic auditTopic;
  private @Nullable CredentialSteps credentials;
  private @Nullable GatewayAcls acls;

  /** The settings of the gateway: those of the start until it runs. */
  private volatile Supplier<GatewaySettings> inForce;

  private sealed interface Ending {
    record Signalled(String signal) implements Ending {}

    /** Another process has taken over, and all connections are closed. */
    record Replaced() implements Ending {}

    record Failed(String message) implements Ending {}
  }

  private final Start start;

  /**
   * @param takesOver whether the process takes over from a running gateway
   * @param begin the start time for the logged duration of the start
   * @param source reads the configuration, at the start and on SIGHUP
   * @param whenServing called on its own thread when the gateway serves clients
   */
  record Start(
      boolean takesOver,
      Instant begin,
      Supplier<SettingsBinder.Result> source,
      Consumer<Gateway> whenServing) {}

  GatewayProcess(ProgramContext program, AppSettings settings, Start start) {
    this.program = program;
    this.settings = settings;
    this.start = start;
    this.inForce = settings::gateway;
  }

  /** Returns the exit code after everything has ended. */
  int run(SettingsBinder.Result configuration) {
    try {
      Logging.configure(settings.log());
    } catch (UncheckedIOException e) {
      program.err().println("Error: " + e.getMessage() + ": " + e.getCause());
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
    } catch (GatewayStartException | SourceException | IOException e) {
      program.err().println("Error: " + e.getMessage());
      return ExitCode.FAILED;
    } finally {
      Logging.stop();
    }
  }

  /** Logs the consequence of forwarded logins without an account of the gateway. */
  private void explainForwardedLogins(Logger log) {
    for (ListenerSettings listener : settings.gateway().listeners()) {
      String cluster = listener.entry().cluster();
      UpstreamSettings upstream = settings.gateway().upstreams().get(cluster);
      if (listener.entry().authentication() instanceof Authentication.Forwarded
          && upstream != null
          && upstream.access().accounts().own() == null) {
        log.info(
            "listener {}: clients log in at the brokers of the cluster {}, where the gateway has no"
                + " account (upstream.login). It learns the brokers from responses to clients and"
                + " sends no requests of its own to brokers that require a login",
            listener.name(),
            cluster);
      }
    }
  }

  private int serve(Logger log) throws GatewayStartException, SourceException, IOException {
    Duration fileChecks = settings.running().tlsRefresh();
    InternalGateway internal = new InternalGateway(settings.gateway(), fileChecks);
    Pool pool = new Pool();
    pool.provide(KafkaAccess.SOURCE, internal);
    // Both wait for clusters that may not respond.
    try (GatewayFailover switches = new GatewayFailover(settings.gateway(), internal)) {
      failover = switches;
      Store opened = StoreStart.open(pool, settings, start.takesOver());
      // Before any client is accepted: an account of the folder must not be refused.
      if (settings.admin().folder() != null && !startFolder(settings.admin().folder(), pool)) {
        return ExitCode.FAILED;
      }
      warnOfLabels(log, opened);
      return serve(log, opened, new Own(internal, pool, switches));
    } finally {
      pool.close();
    }
  }

  /** What this process has beside the gateway that clients use. */
  private record Own(InternalGateway internal, Pool pool, GatewayFailover failover) {}

  private int serve(Logger log, Store opened, Own own)
      throws GatewayStartException, SourceException, IOException {
    store = opened;
    CredentialSteps steps = credentialSteps(opened);
    GatewayTenants tenants = new GatewayTenants(opened, () -> inForce.get());
    GatewayAcls rules = new GatewayAcls(opened, () -> administration(opened), () -> inForce.get());
    acls = rules;
    credentials = steps;
    try (Takeover takeover = Takeover.begin(settings.running(), start.takesOver());
        AuditTopic audit = AuditTopic.open(settings.log().audit().topic(), own.internal);
        Gateway gateway =
            Gateway.start(
                settings.gateway(),
                settings.running().tlsRefresh(),
                new GatewayStart(
                    takeover.sockets(), steps, tenants, acls, own.pool, own.failover.known()))) {
      own.failover.start(gateway);
      var _ = tenants.onChange(gateway::renewPlans);
      var _ = rules.onChange(gateway::renewPlans);
      auditTopic = audit;
      inForce = gateway::settings;
      nodes = new ClusterNodes(settings.running().nodes(), gateway, opened.snapshots());
      Signals.onStop(signal -> ending.complete(new Ending.Signalled(signal)));
      Reload reload = new Reload(start.source(), settings, gateway, own.internal);
      Signals.onHangup(reload::request);
      reload.every(settings.running().reloadInterval());
      if (takeover.isOn()) {
        // Starts HTTP before the predecessor stops it, so that health checks always succeed.
        startHttp(log, gateway, reload, HttpSettings.Sharing.WITH_PREDECESSOR);
        takeover.complete(gateway, ending::isDone);
        if (ending.isDone()) {
          return end(log, gateway);
        }
      }
      takeover.await(gateway, new TakeoverCallbacks(log, gateway, reload));
      HttpSettings.Sharing sharing = takeover.sharing();
      Thread.ofVirtual()
          .name("http-start")
          .start(() -> {
            if (!takeover.isOn()) {
              startHttp(log, gateway, reload, sharing);
            }
            ready(log, gateway);
            joinNodes(own.internal);
          });
      HeapWatchdog.start();
      Thread.ofVirtual().name("when-serving").start(() -> start.whenServing().accept(gateway));
      return end(log, gateway);
    }
  }

  /** Where clients log in with passwords of service accounts, they may be able to change them. */
  private CredentialSteps credentialSteps(Store kept) {
    return new CredentialSteps(
        new AccountCredentials(() -> administration(kept)), new GatewayLogins(() -> inForce.get()));
  }

  private Administration administration(Store kept) {
    return new Administration(kept, new GatewayLogins(() -> inForce.get()));
  }

  /** Returns whether the folder was applied, or its resources were applied earlier. */
  private boolean startFolder(Path path, Pool pool) throws SourceException {
    Store kept = pool.leases().get(settings.admin().store());
    Folder started = new Folder(path, administration(kept), kept);
    List<String> problems = started.start();
    problems.forEach(problem -> program.err().println("Error: admin.folder: " + problem));
    folder = new FolderReport(started);
    return problems.isEmpty();
  }

  /** Labels of a folder that is no longer used still protect its resources. */
  private void warnOfLabels(Logger log, Store kept) {
    long left =
        folder != null
            ? 0
            : kept.current()
                .all(Label.class)
                .filter(label -> label.name().equals(Label.FOLDER))
                .count();
    if (left > 0) {
      log.warn(
          "{} resources were applied from a folder, and admin.folder is not set: changes over HTTP"
              + " are refused unless forced. 'gatehouse apply --label NAME --force' releases them",
          left);
    }
  }

  private int end(Logger log, Gateway gateway) {
    try {
      return endAsAsked(log, gateway);
    } finally {
      if (auditTopic != null) {
        // Before the gateway, which ends the access to Kafka.
        auditTopic.close();
      }
    }
  }

  private int endAsAsked(Logger log, Gateway gateway) {
    switch (ending.join()) {
      case Ending.Failed(String message) -> {
        program.err().println("Error: " + message);
        return ExitCode.FAILED;
      }
      case Ending.Replaced() -> {
        Objects.requireNonNull(nodes).close();
        log.info("Ended: another process has taken over");
        return ExitCode.OK;
      }
      case Ending.Signalled(String signal) -> {
        log.info("Received {}: draining; a second signal ends the process at once", signal);
        Objects.requireNonNull(nodes).leave();
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
      log.warn("Draining took longer than {} ms; the remaining connections are closed", most);
    } catch (ExecutionException e) {
      log.warn("Draining failed; the remaining connections are closed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The callbacks for a process that takes over from this one. */
  private final class TakeoverCallbacks implements Takeover.Callbacks {

    private final Logger log;
    private final Gateway gateway;
    private final Reload reload;

    TakeoverCallbacks(Logger log, Gateway gateway, Reload reload) {
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
      // The process that failed to take over may still have the port open, so share it.
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
      if (auditTopic != null) {
        registry.register(auditTopic);
      }
      registry.register(reload);
      registry.register(new TapMetrics(gateway.taps()));
      registry.register(Objects.requireNonNull(credentials));
      ClusterNodes all = Objects.requireNonNull(nodes);
      registry.register(all);
      Store kept = Objects.requireNonNull(store);
      registry.register(new StoreMetrics(kept));
      List<Supplier<List<Health.Check>>> checks =
          new ArrayList<>(
              List.of(
                  () -> List.of(reload.check()),
                  all::checks,
                  Objects.requireNonNull(failover)::checks,
                  () -> StoreStart.checks(kept)));
      FolderReport report = folder;
      if (report != null) {
        registry.register(report);
        checks.add(() -> List.of(report.check()));
      }
      JvmMetrics.register(registry);
      List<RouteGroup> groups =
          new ArrayList<>(
              AdminServer.standard(
                  httpSettings.surface(),
                  new GatewayHealth(gateway, checks),
                  registry,
                  new LogbackLevels()));
      groups.add(new TapRoutes(new GatewayTaps(gateway)));
      AdminUsers users = new AdminUsers(settings.admin().users(), gateway.leases());
      users.check();
      if (httpSettings.surface().style() == HttpSettings.Style.GATEHOUSE) {
        groups.add(new DocsRoutes());
        ControlApi api =
            new ControlApi(
                () -> administration(kept),
                new GatewayControls(
                    reload,
                    all::states,
                    Objects.requireNonNull(failover),
                    Objects.requireNonNull(acls),
                    new GatewayEntrances(gateway)),
                users);
        groups.add(api);
        registry.register(api.metrics());
      }
      ServerTls tls = httpSettings.security().tls();
      AdminServer server =
          AdminServer.start(
              httpSettings,
              new AdminServer.Served(groups, users, tls == null ? null : gateway.tls("http", tls)));
      http = server;
      log.info(
          "Health and metrics at {}://{}",
          tls == null ? "http" : "https",
          new HostPort(httpSettings.listen().host(), server.port()));
    } catch (SourceException | IOException e) {
      ending.complete(new Ending.Failed(String.valueOf(e.getMessage())));
    } catch (RuntimeException | LinkageError e) {
      log.error("The HTTP server cannot start", e);
      ending.complete(new Ending.Failed("the HTTP server cannot start: " + e));
    }
  }

  /** Logged only when the HTTP server answers as well. */
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

  /** Finds the other nodes that keep their resources in the same topic. */
  private void joinNodes(KafkaAccess kafka) {
    if (settings.admin().store() instanceof StoreSettings.Kafka kept && !ending.isDone()) {
      Objects.requireNonNull(nodes).join(kafka, kept.cluster(), kept.topic());
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
