package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.control.Administration;
import io.gatehouse.control.node.NodeState;
import io.gatehouse.control.store.Change;
import io.gatehouse.control.store.Snapshot;
import io.gatehouse.control.store.Snapshots;
import io.gatehouse.control.store.StaleException;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreException;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.control.store.StoreStatus;
import io.gatehouse.gateway.acl.Acls;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A store that can be read but not written, and nodes that do not answer. */
@Timeout(60)
class StuckStoreTest {
  private static final int STUCK = 8;

  private final Pool pool = new Pool();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Semaphore waiting = new Semaphore(0);
  private Running running;
  private volatile String active = "main";

  /** Writes wait until the end. */
  private final class Stuck implements Store {
    private final Store store;

    Stuck(Store store) {
      this.store = store;
    }

    @Override
    public Snapshots snapshots() {
      return store.snapshots();
    }

    @Override
    public Snapshot write(Change change) throws StaleException, StoreException {
      untilTheEnd();
      return store.write(change);
    }

    @Override
    public @Nullable StoreStatus status() {
      return null;
    }
  }

  private void untilTheEnd() {
    waiting.release();
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Switched implements Failover {
    @Override
    public List<State> states() {
      return List.of(new State("main", "other", active, 1));
    }

    @Override
    public void switchTo(String cluster, String to) {
      active = to;
    }

    @Override
    public List<String> missing(String cluster, String to) {
      untilTheEnd();
      return List.of();
    }
  }

  @BeforeEach
  void start() throws Exception {
    var administration =
        new Administration(
            new Stuck(pool.leases().get(new StoreSettings.Memory())), new AllLogins());
    running =
        Running.usual(
            new ControlApi(
                () -> administration,
                new GatewayControls(
                    () -> Reloading.Result.refused(List.of("never asked")),
                    this::nodes,
                    new Switched(),
                    Acls.NONE),
                new AdminUsers(
                    UserSettings.of(List.of(new AdminUser("admin", new Secret("pw"), true))),
                    pool.leases())));
  }

  private List<NodeState> nodes() {
    untilTheEnd();
    return List.of();
  }

  @AfterEach
  void stop() {
    end.countDown();
    running.close();
    pool.close();
  }

  private HttpResponse<String> call(String method, String path, String body) {
    var credentials = Base64.getEncoder().encodeToString("admin:pw".getBytes(UTF_8));
    return running.send(
        running
            .request("/gateway/v2/" + path)
            .header("Authorization", "Basic " + credentials)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build());
  }

  @Test
  void doesNotKeepOthersFromReadingAndSwitching() throws Exception {
    var account =
        "{\"kind\":\"GatewayServiceAccount\",\"apiVersion\":\"gateway/v2\",\"metadata\":"
            + "{\"name\":\"user-%d\"},\"spec\":{\"type\":\"LOCAL\"}}";
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HttpResponse<String>>> stuck = new ArrayList<>();
      for (int i = 0; i < STUCK; i++) {
        var body = account.formatted(i);
        stuck.add(threads.submit(() -> call("PUT", "service-account", body)));
        stuck.add(threads.submit(() -> call("GET", "nodes", "")));
        stuck.add(
            threads.submit(() -> call("POST", "cluster/main/switch?to=other&dryMode=true", "")));
      }
      waiting.acquire(3 * STUCK);
      assertThat(call("GET", "group", "").body()).isEqualTo("[]");
      assertThat(call("GET", "cluster", "").body()).contains("\"active\":\"main\"");
      assertThat(call("POST", "cluster/main/switch?to=other", "").statusCode()).isEqualTo(200);
      assertThat(active).isEqualTo("other");
      var dry = call("PUT", "service-account?dryMode=true", account.formatted(99));
      assertThat(dry.body()).endsWith("\"Created\"}");
      end.countDown();
      for (var one : stuck) {
        assertThat(one.get().statusCode()).isEqualTo(200);
      }
    }
  }
}
