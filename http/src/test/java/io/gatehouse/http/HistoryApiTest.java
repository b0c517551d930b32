package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.auth.sasl.users.PasswordHash;
import io.gatehouse.control.Administration;
import io.gatehouse.control.Capabilities;
import io.gatehouse.control.Rights;
import io.gatehouse.control.doc.Substitution;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Plugin;
import io.gatehouse.control.store.Change;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.acl.Acls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The last changes of resources, and watches for those to come. */
class HistoryApiTest {
  private static final AdminUser.Proofs PASSWORD =
      new AdminUser.Proofs(PasswordHash.ofPlain(new Secret("pw")), null, null);
  private static final String ACCOUNT =
      "{\"kind\":\"GatewayServiceAccount\",\"apiVersion\":\"gateway/v2\","
          + "\"metadata\":{\"name\":\"%s\",\"vCluster\":\"passthrough\"},"
          + "\"spec\":{\"type\":\"LOCAL\"}}";
  private static final String GROUP =
      "{\"kind\":\"GatewayGroup\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":\"shop\"},"
          + "\"spec\":{\"members\":[],\"externalGroups\":[\"%s\"]}}";

  private final Pool pool = new Pool();
  private Store store;
  private Running running;

  @BeforeEach
  void start() throws Exception {
    store = pool.leases().get(new StoreSettings.Memory());
    running = Running.usual(api());
  }

  private ControlApi api() {
    var capabilities =
        new Capabilities(
            EnumSet.allOf(Kind.class),
            List.of(new Plugin("com.example.Limit", "# Limit", Map.of())),
            Set.of("main"),
            Substitution.ofResources(Map.of("KEY", "a key")));
    var users =
        List.of(
            new AdminUser("admin", PASSWORD, Rights.ADMIN),
            new AdminUser("reader", PASSWORD, Rights.READER),
            new AdminUser("groups", PASSWORD, grant(Set.of(Kind.GROUP), Set.of())),
            new AdminUser("team", PASSWORD, grant(Set.of(), Set.of("team-a"))));
    return new ControlApi(
        () -> new Administration(store, new AllLogins(), capabilities),
        new GatewayControls(
            () -> Reloading.Result.refused(List.of()), List::of, new NoFailover(), Acls.NONE),
        new AdminUsers(UserSettings.of(users), pool.leases()));
  }

  private static Rights grant(Set<Kind> kinds, Set<String> clusters) {
    return new Rights(false, List.of(new Rights.Grant(kinds, clusters, false)));
  }

  @AfterEach
  void stop() {
    running.close();
    pool.close();
  }

  private static String basic(String user) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":pw").getBytes(UTF_8));
  }

  private HttpResponse<String> call(String method, String path, String body) {
    return running.send(
        running
            .request("/gateway/v2/" + path)
            .header("Authorization", basic("admin"))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build());
  }

  private HttpResponse<String> get(String user, String path) {
    return running.get("/gateway/v2/" + path, "Authorization", basic(user));
  }

  private static void put(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static void refuses(HttpResponse<String> answer, int status, String why) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(why);
  }

  private HttpResponse<Stream<String>> watch(String user, String query) {
    var request = running.request("/gateway/v2/watch" + query).header("Authorization", basic(user));
    return running.send(request.build(), BodyHandlers.ofLines());
  }

  @Test
  void historyTellsWhoHasChangedWhat() {
    put(call("PUT", "group", GROUP.formatted("A")));
    put(call("PUT", "group", GROUP.formatted("B")));
    put(call("PUT", "group", GROUP.formatted("B")));
    put(call("PUT", "service-account", ACCOUNT.formatted("orders")));
    assertThat(call("DELETE", "group/shop", "").statusCode()).isEqualTo(204);

    var all = Running.json(call("GET", "history", ""));
    assertThat(all.at("/after").longValue()).isZero();
    assertThat(all.at("/revision").longValue()).isEqualTo(4);
    assertThat(all.at("/changes").size()).isEqualTo(4);
    var group = Running.json(call("GET", "history?kind=GatewayGroup&name=shop", ""));
    var effects = new ArrayList<String>();
    group.at("/changes").forEach(one -> effects.add(one.at("/upsertResult").stringValue()));
    assertThat(effects).containsExactly("Deleted", "Updated", "Created");
    assertThat(group.at("/changes/1/by").stringValue()).isEqualTo("admin");
    assertThat(group.at("/changes/1/revision").longValue()).isEqualTo(2);
    assertThat(group.at("/changes/1/before/spec/externalGroups/0").stringValue()).isEqualTo("A");
    assertThat(group.at("/changes/1/resource/spec/externalGroups/0").stringValue()).isEqualTo("B");
    assertThat(group.at("/changes/0/resource").isNull()).isTrue();
    var cluster = Running.json(call("GET", "history?vcluster=passthrough", ""));
    assertThat(cluster.at("/changes/0/name").stringValue()).isEqualTo("orders");
    assertThat(cluster.at("/changes").size()).isEqualTo(1);
    refuses(call("GET", "history?kind=GatewayGrup", ""), 400, "did you mean GatewayGroup");
  }

  @Test
  void historyHasNoSecretsAndOnlyWhatTheUserMayRead() {
    put(call("PUT", "service-account", ACCOUNT.formatted("orders")));
    var password = "{\"name\":\"orders\",\"password\":\"a long password\"}";
    assertThat(call("PUT", "service-account/password", password).statusCode()).isEqualTo(200);
    put(call("PUT", "group", GROUP.formatted("A")));
    var history = call("GET", "history", "");
    assertThat(Running.json(history).at("/changes").size()).isEqualTo(2);
    assertThat(history.body()).doesNotContain("SCRAM", "salt", "assword");
    var limited = get("groups", "history");
    assertThat(Running.json(limited).at("/changes").size()).isEqualTo(1);
    assertThat(limited.body()).doesNotContain("orders");
    assertThat(get("groups", "watch?from=0&seconds=1").body())
        .contains("\"shop\"")
        .doesNotContain("orders");
  }

  @Test
  void aTeamSeesTheChangesOfItsVirtualCluster() {
    for (var name : List.of("team-a", "team-b")) {
      put(
          call(
              "PUT",
              "virtual-cluster",
              "{\"kind\":\"VirtualCluster\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":\"%s\"},\"spec\":{}}"
                  .formatted(name)));
      put(call("PUT", "service-account", ACCOUNT.formatted("orders").replace("passthrough", name)));
    }
    put(call("PUT", "group", GROUP.formatted("A")));
    for (var path : List.of("history", "watch?from=0&seconds=1")) {
      var seen = get("team", path).body();
      assertThat(seen).contains("GatewayServiceAccount", "VirtualCluster");
      assertThat(seen).doesNotContain("team-b", "shop");
    }
    var filtered = Running.json(get("admin", "history?vcluster=team-b")).at("/changes");
    assertThat(filtered.size()).isEqualTo(2);
  }

  @Test
  void historyAndWatchShowNoSecretsOfOldVersions() {
    var interceptor =
        """
        {"kind": "Interceptor", "apiVersion": "gateway/v2", "metadata": {"name": "limit"},
         "spec": {"pluginClass": "com.example.Limit", "priority": 1,
                  "config": {"apiKey": "open-sesame", "url": "http://me:open-sesame@host",
                             "keep": "${env:KEY}"}}}
        """;
    put(call("PUT", "interceptor", interceptor));
    put(call("PUT", "interceptor", interceptor.replace("open-sesame", "${env:KEY}")));
    var history = call("GET", "history?kind=Interceptor", "").body();
    assertThat(history).contains("\"apiKey\":\"***\"").doesNotContain("open-sesame");
    assertThat(history).contains("\"apiKey\":\"${env:KEY}\"", "\"keep\":\"${env:KEY}\"");
    var watch = call("GET", "watch?from=0&seconds=1&kind=Interceptor", "").body();
    assertThat(watch).contains("event: change").doesNotContain("open-sesame");
  }

  @Test
  void aWatchGetsWhatHasChangedAndWhatChanges() {
    put(call("PUT", "group", GROUP.formatted("A")));
    var read = call("GET", "group", "");
    assertThat(read.headers().firstValue("Gatehouse-Revision")).hasValue("1");
    put(call("PUT", "group", GROUP.formatted("B")));
    try (var lines = watch("reader", "?from=1").body()) {
      var events = lines.iterator();
      assertThat(next(events, "data: ")).contains("\"revision\":2", "\"before\":", "[\"B\"]");
      assertThat(next(events, "id: ")).isEqualTo("id: 2");
      put(call("PUT", "group", GROUP.formatted("C")));
      assertThat(next(events, "event: change")).isEqualTo("event: change");
      assertThat(next(events, "data: ")).contains("\"revision\":3", "[\"C\"]");
      assertThat(next(events, "id: ")).isEqualTo("id: 3");
    }
    var now = call("GET", "watch?seconds=1", "").body();
    assertThat(now).contains("id: 3\n").doesNotContain("event: change");
    put(call("PUT", "service-account", ACCOUNT.formatted("orders")));
    var accounts = call("GET", "watch?from=1&seconds=1&name=orders", "").body();
    assertThat(accounts).containsOnlyOnce("event: change").contains("\"orders\"", "id: 4\n");
  }

  @Test
  void aWatchGoesOnWhereItEnded() {
    put(call("PUT", "group", GROUP.formatted("A")));
    put(call("PUT", "group", GROUP.formatted("B")));
    var again = after("1");
    assertThat(again.body()).containsOnlyOnce("event: change").contains("[\"B\"]");
    var wrong = after("one");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("header Last-Event-ID, it must be a revision");
    refuses(after("9"), 410, "has not reached it");
  }

  private HttpResponse<String> after(String id) {
    return running.get(
        "/gateway/v2/watch?seconds=1", "Authorization", basic("admin"), "Last-Event-ID", id);
  }

  private static String next(Iterator<String> lines, String start) {
    while (lines.hasNext()) {
      var line = lines.next();
      if (line.startsWith(start)) {
        return line;
      }
    }
    throw new AssertionError("the watch has ended before " + start);
  }

  @Test
  void watchesThatCannotBeAreRefused() throws Exception {
    for (int i = 0; i < 1001; i++) {
      var change = Change.put(store.current(), group("g" + i));
      assertThat(store.write(change).revision()).isEqualTo(i + 1);
    }
    refuses(call("GET", "watch?from=0", ""), 410, "does not hold all changes after revision 0");
    assertThat(Running.json(call("GET", "history", "")).at("/after").longValue()).isEqualTo(1);
    refuses(call("GET", "watch?from=x", ""), 400, "it must be a revision");
    refuses(call("GET", "watch?form=1", ""), 400, "did you mean from");
    refuses(call("GET", "watch?seconds=301", ""), 400, "it must be a number from 1 to 300");
    refuses(call("GET", "watch?kind=Grup", ""), 400, "there is no kind 'Grup'");
    assertThat(running.get("/gateway/v2/watch").statusCode()).isEqualTo(401);
    assertThat(call("PUT", "watch", "{}").statusCode()).isEqualTo(405);
    assertThat(call("HEAD", "watch?from=1", "").statusCode()).isEqualTo(200);

    var open = new ArrayList<Stream<String>>();
    for (int i = 0; i < 32; i++) {
      open.add(watch("admin", "?from=1").body());
    }
    refuses(call("GET", "watch?from=1", ""), 503, "Too many watches at once");
    open.forEach(Stream::close);
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> call("GET", "watch?from=1&seconds=1", "").statusCode() == 200);
  }

  /** Nothing is kept for it but what the history has. */
  @Test
  void aWatchThatIsNotReadEnds() throws Exception {
    var usual = HttpSettings.Limits.DEFAULT;
    var limits =
        new HttpSettings.Limits(
            usual.connections(),
            usual.perAddress(),
            usual.bodyBytes(),
            Duration.ofSeconds(1),
            Duration.ofSeconds(4));
    var head =
        "GET /gateway/v2/watch HTTP/1.1\r\nHost: a\r\nAuthorization: %s\r\n\r\n"
            .formatted(basic("admin"));
    try (var limited = Running.with(Running.loopback().with(limits), api());
        var read = limited.raw(head);
        var notRead = limited.raw(head)) {
      assertThat(notRead.getInputStream().read()).isEqualTo('H');
      var lines = new BufferedReader(new InputStreamReader(read.getInputStream(), UTF_8)).lines();
      var events = lines.iterator();
      next(events, "id: ");
      for (int i = 0; i < 40; i++) { // more than all buffers of a socket
        store.write(Change.put(store.current(), group("g", "x".repeat(200_000) + i)));
        next(events, "id: " + store.current().revision());
      }
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> {
            next(events, "id: ");
            return isClosed(notRead);
          });
    }
  }

  /** The server reads nothing more, so it has room for what is sent until it closes. */
  private static boolean isClosed(Socket socket) {
    try {
      socket.getOutputStream().write('\n');
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static Group group(String name, String... external) {
    return new Group(name, List.of(), List.of(external));
  }
}
