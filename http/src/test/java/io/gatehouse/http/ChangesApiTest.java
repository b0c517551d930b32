package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.control.Administration;
import io.gatehouse.control.node.NodeInfo;
import io.gatehouse.control.node.NodeState;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.acl.Acls;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What changes over HTTP can ask for beyond Conduktor Gateway: waiting, and conditions. */
class ChangesApiTest {
  private static final String ACCOUNT =
      "{\"kind\":\"GatewayServiceAccount\",\"apiVersion\":\"gateway/v2\","
          + "\"metadata\":{\"name\":\"%s\",\"vCluster\":\"passthrough\"},"
          + "\"spec\":{\"type\":\"LOCAL\"}}";
  private static final String GROUP =
      "{\"kind\":\"GatewayGroup\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":\"shop\"},"
          + "\"spec\":{\"members\":[],\"externalGroups\":[\"%s\"]}}";
  private static final NodeInfo HERE = node("a");
  private static final NodeInfo OTHER = node("b, c");

  private final Pool pool = new Pool();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile @Nullable Supplier<List<NodeState>> nodes;
  private Store store;
  private Running running;
  private MultiCollector metrics;

  private static NodeInfo node(String id) {
    return new NodeInfo(id, Instant.EPOCH, null, "1", Map.of());
  }

  @BeforeEach
  void start() throws Exception {
    store = pool.leases().get(new StoreSettings.Memory());
    var api =
        new ControlApi(
            () -> new Administration(store, new AllLogins()),
            new GatewayControls(
                () -> Reloading.Result.refused(List.of()),
                this::states,
                new NoFailover(),
                Acls.NONE),
            new AdminUsers(
                UserSettings.of(
                    List.of(
                        new AdminUser("admin", new Secret("right"), true),
                        new AdminUser("reader", new Secret("also right"), false))),
                pool.leases()));
    metrics = api.metrics();
    running = Running.usual(api);
  }

  /** How many changes with {@code wait=true} had this result. */
  private double awaited(String result) {
    return metrics.collect().stream()
        .filter(one -> one.getMetadata().getPrometheusName().equals("gatehouse_awaited_changes"))
        .flatMap(one -> one.getDataPoints().stream())
        .filter(one -> result.equals(one.getLabels().get("result")))
        .map(CounterDataPointSnapshot.class::cast)
        .mapToDouble(CounterDataPointSnapshot::getValue)
        .sum();
  }

  private List<NodeState> states() {
    asked.incrementAndGet();
    var given = nodes;
    return given == null ? List.of() : given.get();
  }

  @AfterEach
  void stop() {
    running.close();
    pool.close();
  }

  private HttpResponse<String> call(String method, String path, String body, String... headers) {
    var user = Base64.getEncoder().encodeToString("admin:right".getBytes(UTF_8));
    var request =
        running
            .request(path.startsWith("/") ? path : "/gateway/v2/" + path)
            .header("Authorization", "Basic " + user)
            .header("Content-Type", "application/json");
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return running.send(request.method(method, BodyPublishers.ofString(body)).build());
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("none");
  }

  private static String put(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return header(answer, "ETag");
  }

  private static void refuses(HttpResponse<String> answer, int status, String part) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(part);
  }

  // ---- wait ---------------------------------------------------------------------------------

  @Test
  void waitsForAllNodes() throws Exception {
    var applied = new AtomicInteger();
    nodes =
        () -> {
          // The other node applies it when it is asked for the third time.
          long other = applied.incrementAndGet() < 3 ? 0 : store.current().revision();
          return List.of(
              new NodeState(HERE, true, store.current().revision()),
              new NodeState(OTHER, false, other));
        };
    var answer = call("PUT", "service-account?wait=true", ACCOUNT.formatted("orders"));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"upsertResult\":\"Created\"");
    assertThat(header(answer, "Gatehouse-Late")).isEqualTo("none");
    assertThat(header(answer, "Gatehouse-Revision")).isEqualTo("1");
    assertThat(applied.get()).isEqualTo(3);
    assertThat(awaited("applied")).isEqualTo(1);
    assertThat(awaited("late")).isZero();
  }

  @Test
  void tellsWhoIsLate() {
    nodes =
        () ->
            List.of(
                new NodeState(HERE, true, store.current().revision()),
                new NodeState(OTHER, false, null));
    var path = "?wait=true&timeout=1";
    var put = call("PUT", "service-account" + path, ACCOUNT.formatted("orders"));
    assertThat(put.statusCode()).isEqualTo(202);
    assertThat(put.body()).contains("\"upsertResult\":\"Created\"");
    assertThat(header(put, "Gatehouse-Late")).isEqualTo("b??c");
    var batch = call("POST", "apply" + path, "[" + ACCOUNT.formatted("orders") + "]");
    assertThat(batch.statusCode()).isEqualTo(202);
    assertThat(batch.body()).contains("\"revision\":1");
    var gone = call("DELETE", "service-account" + path, "{\"name\":\"orders\"}");
    assertThat(gone.statusCode()).isEqualTo(202);
    assertThat(gone.body()).isEmpty();
    assertThat(call("GET", "service-account", "").body()).isEqualTo("[]");
    assertThat(awaited("late")).isEqualTo(3);
    assertThat(awaited("applied")).isZero();
  }

  @Test
  void whatChangesNothingDoesNotWait() {
    nodes = () -> List.of(new NodeState(OTHER, false, null));
    var dry = call("PUT", "service-account?wait=true&dryMode=true", ACCOUNT.formatted("orders"));
    assertThat(dry.statusCode()).isEqualTo(200);
    refuses(call("DELETE", "group/none?wait=true", ""), 404, "none");
    assertThat(asked.get()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "wait=yes",
        "timeout=3",
        "wait=false&timeout=3",
        "wait=true&timeout=0",
        "wait=true&timeout=21",
        "wait=true&timeout=x",
        "wait=true&timeout="
      })
  void invalidWaitsChangeNothing(String query) {
    refuses(
        call("PUT", "service-account?" + query, ACCOUNT.formatted("orders")),
        400,
        "Invalid value for: query parameter");
    assertThat(store.current().revision()).isZero();
  }

  @Test
  void readsAndReloadDoNotTakeIt() {
    for (var path : List.of("group", "nodes", "state")) {
      refuses(call("GET", path + "?wait=true", ""), 400, "query parameter");
    }
    refuses(call("POST", "reload?wait=true", ""), 400, "query parameter");
  }

  // ---- ETag, If-Match, If-None-Match ----------------------------------------------------------

  @Test
  void anUpdateOfAnOldVersionIsRefused() {
    var first = put(call("PUT", "group", GROUP.formatted("A")));
    assertThat(first).matches("\"[0-9a-f]{32}\"");
    assertThat(put(call("GET", "group/shop", ""))).isEqualTo(first);
    assertThat(put(call("GET", "group/shop?showDefaults=true", ""))).isEqualTo(first);
    assertThat(put(call("GET", "group", ""))).isEqualTo(first);

    var second = put(call("PUT", "group", GROUP.formatted("B"), "If-Match", first));
    assertThat(second).isNotEqualTo(first);
    var lost = call("PUT", "group", GROUP.formatted("C"), "If-Match", first);
    refuses(lost, 412, "The group shop has changed since it was read");
    assertThat(Running.json(lost).at("/title").stringValue())
        .isEqualTo("The resource is not as the request expects");
    assertThat(put(call("GET", "group/shop", ""))).isEqualTo(second);
    refuses(call("DELETE", "group/shop", "", "If-Match", first), 412, "has changed");
    refuses(call("DELETE", "group/shop", "", "If-Match", "W/" + second), 412, "has changed");
    assertThat(call("DELETE", "group/shop", "", "If-Match", first + " , " + second).statusCode())
        .isEqualTo(204);
    refuses(
        call("PUT", "group", GROUP.formatted("C"), "If-Match", second), 412, "does not exist any");
    var many = String.join(",", Collections.nCopies(1500, "\"a\""));
    refuses(call("PUT", "group", GROUP.formatted("C"), "If-Match", many), 412, "does not exist");
    for (var bad : List.of("a", "\"a", "\"a\",", "\"a\" \"b\"", ",\"a\"", many + "x")) {
      refuses(call("PUT", "group", GROUP.formatted("C"), "If-Match", bad), 400, "If-Match");
    }
  }

  @Test
  void whatExistsIsNotCreatedAndWhatDoesNotIsNotReplaced() {
    refuses(call("PUT", "group", GROUP.formatted("A"), "If-Match", "*"), 412, "does not exist");
    put(call("PUT", "group", GROUP.formatted("A"), "If-None-Match", "*"));
    refuses(call("PUT", "group", GROUP.formatted("A"), "If-None-Match", "*"), 412, "exists");
    put(call("PUT", "group", GROUP.formatted("B"), "If-Match", "*"));
  }

  @Test
  void aDryRunJudgesTheConditionAndHasTheStoredVersion() {
    var dry = call("PUT", "group?dryMode=true", GROUP.formatted("A"), "If-None-Match", "*");
    assertThat(put(dry)).isEqualTo("none");
    var tag = put(call("PUT", "group", GROUP.formatted("A")));
    assertThat(put(call("PUT", "group?dryMode=true", GROUP.formatted("B")))).isEqualTo(tag);
    refuses(
        call("PUT", "group?dryMode=true", GROUP.formatted("B"), "If-Match", "\"x\""),
        412,
        "has changed");
    var batch = call("POST", "apply?dryMode=true", GROUP.formatted("B"));
    assertThat(Running.json(batch).at("/results/0/etag").stringValue()).isEqualTo(tag);
    assertThat(Running.json(batch).at("/results/0/before/spec/externalGroups/0").stringValue())
        .isEqualTo("A");
  }

  @Test
  void aBatchTakesAConditionForOneResource() {
    var made = call("POST", "apply", GROUP.formatted("A"), "If-None-Match", "*");
    var tag = Running.json(made).at("/results/0/etag").stringValue();
    assertThat(put(call("GET", "group/shop", ""))).isEqualTo(tag);
    refuses(call("POST", "apply", GROUP.formatted("B"), "If-Match", "\"x\""), 412, "has changed");
    refuses(
        call(
            "POST",
            "apply",
            "[%s,%s]".formatted(GROUP.formatted("B"), ACCOUNT.formatted("orders")),
            "If-Match",
            tag),
        400,
        "are for one resource");
    refuses(
        call("POST", "apply?label=l&prune=true", GROUP.formatted("B"), "If-Match", tag),
        400,
        "are for one resource");
    var gone = call("POST", "delete", GROUP.formatted("A"), "If-Match", tag);
    assertThat(gone.statusCode()).as(gone.body()).isEqualTo(200);
    assertThat(Running.json(gone).at("/results/0/etag").isNull()).isTrue();
  }

  @Test
  void invalidConditionsChangeNothing() {
    for (var tag : List.of("x", "\"a", "\"a\" \"b\"", "*, \"a\"", "")) {
      refuses(call("PUT", "group", GROUP.formatted("A"), "If-Match", tag), 400, "header If-Match");
    }
    refuses(
        call("PUT", "group", GROUP.formatted("A"), "If-None-Match", "\"a\""), 400, "take only *");
    refuses(
        call("PUT", "group", GROUP.formatted("A"), "If-None-Match", "*", "If-Match", "*"),
        400,
        "is given, too");
    refuses(
        call("POST", "token", "{\"username\":\"a\",\"lifeTimeSeconds\":9}", "If-Match", "*"),
        400,
        "does not take the headers");
    refuses(call("POST", "/admin/username/a", "{}", "If-Match", "*"), 400, "does not take");
    assertThat(store.current().revision()).isZero();
  }

  /** Each of many concurrent changes is based on the one before it, so none is lost. */
  @Test
  void concurrentUpdatesAreNotLost() throws Exception {
    put(call("PUT", "group", GROUP.formatted("x")));
    var writers = 4;
    var each = 10;
    Callable<Integer> writer =
        () -> {
          int made = 0;
          while (made < each) {
            var read = call("GET", "group/shop", "");
            var value = Running.json(read).at("/spec/externalGroups/0").stringValue() + "x";
            var answer =
                call("PUT", "group", GROUP.formatted(value), "If-Match", header(read, "ETag"));
            made += answer.statusCode() == 200 ? 1 : 0;
            assertThat(answer.statusCode()).isIn(200, 412);
          }
          return made;
        };
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> all =
          threads.invokeAll(Stream.generate(() -> writer).limit(writers).toList());
      for (var one : all) {
        assertThat(one.get()).isEqualTo(each);
      }
    }
    var last = Running.json(call("GET", "group/shop", "")).at("/spec/externalGroups/0");
    assertThat(last.stringValue()).hasSize(1 + writers * each);
  }
}
