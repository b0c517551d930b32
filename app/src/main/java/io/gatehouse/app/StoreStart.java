package io.gatehouse.app;

import io.gatehouse.app.config.AppSettings;
import io.gatehouse.app.log.JulRouting;
import io.gatehouse.app.log.LogbackLevels;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreStatus;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.http.AdminServer;
import io.gatehouse.http.AdminUsers;
import io.gatehouse.http.Health.Check;
import io.gatehouse.http.Health.Concern;
import io.gatehouse.http.HttpSettings;
import io.gatehouse.http.JvmMetrics;
import io.gatehouse.http.ListenException;
import io.gatehouse.http.RouteGroup;
import io.gatehouse.tls.FileWatch;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TlsConfigException;
import io.gatehouse.tls.TlsContext;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the store before anything listens for clients, and waits until it was read: without it, a
 * client would be told that its account does not exist. If that takes time, health and metrics are
 * served meanwhile.
 */
final class StoreStart {

  private static final Logger log = LoggerFactory.getLogger(StoreStart.class);

  /** What a start usually takes; for longer waits it is worth starting HTTP twice. */
  private static final long SHORT_SECONDS = 5;

  private StoreStart() {}

  /**
   * @param healthServed whether another process serves health meanwhile
   * @throws SourceException or IOException with a message for the user
   */
  static Store open(Pool pool, AppSettings settings, boolean healthServed)
      throws SourceException, IOException {
    Store store = pool.leases().get(settings.admin().store());
    CompletableFuture<Void> loaded = store.loaded();
    try {
      try {
        loaded.get(SHORT_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException _) {
        HttpSettings http = settings.http();
        if (http == null || healthServed) {
          loaded.get();
        } else {
          await(store, http, settings, pool);
        }
      }
      return store;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException("admin.store: " + cause.getMessage(), cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the store", e);
    }
  }

  private static void await(Store store, HttpSettings http, AppSettings settings, Pool pool)
      throws ExecutionException, InterruptedException, IOException {
    ServerTls tls = http.security().tls();
    JulRouting.install();
    PrometheusRegistry registry = new PrometheusRegistry();
    registry.register(new StoreMetrics(store));
    JvmMetrics.register(registry);
    List<RouteGroup> groups =
        AdminServer.standard(
            http.surface(),
            () -> {
              List<Check> all =
                  new ArrayList<>(List.of(new Check("accepting", Concern.READY, false, Map.of())));
              all.addAll(checks(store));
              return all;
            },
            registry,
            new LogbackLevels());
    try (FileWatch files = new FileWatch(settings.running().tlsRefresh());
        TlsContext context = tls == null ? null : TlsContext.open("http", tls, files);
        AdminServer server =
            AdminServer.start(
                http,
                new AdminServer.Served(
                    groups, new AdminUsers(settings.admin().users(), pool.leases()), context))) {
      log.warn(
          "Clients are not served before the store was read; health says why at {}://{}",
          tls == null ? "http" : "https",
          new HostPort(http.listen().host(), server.port()));
      store.loaded().get();
    } catch (ListenException | TlsConfigException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The health checks of a store: none for one in memory. */
  static List<Check> checks(Store store) {
    StoreStatus status = store.status();
    if (status == null) {
      return List.of();
    }
    StoreStatus.Copy copy = status.copy();
    Check check = check(status, store.current().revision());
    return copy == null ? List.of(check) : List.of(check, check(copy));
  }

  /** Informational only: what was read stays in force when the store is away. */
  private static Check check(StoreStatus status, long revision) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("revision", Long.toString(revision));
    String problem = status.problem();
    if (problem == null) {
      details.put("where", status.where());
    } else {
      StoreStatus.Copy copy = status.copy();
      if (copy != null && copy.inForce()) {
        details.put("inForce", copy.where());
      } else {
        details.put("since", status.read().toString());
      }
      details.put("reason", problem);
    }
    return new Check("store", Concern.INFORM, problem == null, details);
  }

  private static Check check(StoreStatus.Copy copy) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("where", copy.where());
    details.put("revision", Long.toString(copy.revision()));
    if (copy.problem() != null) {
      details.put("reason", copy.problem());
    }
    return new Check("store-copy", Concern.INFORM, copy.problem() == null, details);
  }
}
