package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.control.Administration;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.acl.Acls;
import io.helidon.http.Method;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation of the admin API answers bad input with a client error that says why. */
class HostileInputTest {
  private static final String ADMIN =
      "Basic " + Base64.getEncoder().encodeToString("admin:pw".getBytes(UTF_8));

  private static final Pool POOL = new Pool();
  private static Running running;
  private static Administration administration;

  @BeforeAll
  static void start() throws Exception {
    Store store = POOL.leases().get(new StoreSettings.Memory());
    administration = new Administration(store, new AllLogins());
    var users =
        new AdminUsers(
            UserSettings.of(List.of(new AdminUser("admin", new Secret("pw"), true))),
            POOL.leases());
    running =
        Running.usual(
            new ControlApi(
                () -> administration,
                new GatewayControls(
                    () -> new Reloading.Result(List.of(), List.of(), List.of()),
                    List::of,
                    new NoFailover(),
                    Acls.NONE),
                users));
  }

  @AfterAll
  static void stop() {
    running.close();
    POOL.close();
  }

  private record Bad(String type, BodyPublisher body) {
    Bad(String type, byte[] bytes) {
      this(type, BodyPublishers.ofByteArray(bytes));
    }

    static Bad json(String text) {
      return new Bad("application/json", text.getBytes(UTF_8));
    }

    static Bad yaml(String text) {
      return new Bad("application/yaml", text.getBytes(UTF_8));
    }
  }

  private static Map<String, Bad> bodies() {
    Map<String, Bad> all = new LinkedHashMap<>();
    all.put("no body", Bad.json(""));
    all.put("no JSON", Bad.json("<a/>"));
    all.put("a number", Bad.json("1"));
    all.put("an unknown field", Bad.json("{\"kin\":\"x\",\"metadata\":{\"nam\":1}}"));
    all.put("wrong types", Bad.json("{\"kind\":1,\"metadata\":[],\"spec\":\"\",\"name\":{}}"));
    all.put("a name that is no name", Bad.json("{\"name\":\"../../etc/passwd\\u0000\"}"));
    all.put("duplicate keys", Bad.json("{\"name\":\"a\",\"name\":\"b\"}"));
    all.put("deep arrays", Bad.json("[".repeat(200_000)));
    all.put("deep objects", Bad.json("{\"a\":".repeat(50_000)));
    all.put("a long number", Bad.json("{\"lifeTimeSeconds\":" + "9".repeat(300_000) + "}"));
    all.put("a large exponent", Bad.json("{\"lifeTimeSeconds\":1e999999999,\"username\":\"a\"}"));
    all.put("a control character", Bad.json("{\"name\":\"a\u0000b\"}"));
    all.put("a long text in a patterned field", Bad.json(longClass()));
    all.put("UTF-16", new Bad("application/json", "{\"name\":\"a\"}".getBytes(UTF_16)));
    all.put("no UTF-8", new Bad("application/json", "{\"name\":\"\u00ff\"}".getBytes(ISO_8859_1)));
    all.put("no UTF-8 in YAML", new Bad("text/yaml", "name: \u00ff".getBytes(ISO_8859_1)));
    all.put("wrong media", new Bad("text/plain", "{\"name\":\"a\"}".getBytes(UTF_8)));
    all.put("a form", new Bad("application/x-www-form-urlencoded", "name=a".getBytes(UTF_8)));
    all.put("media that are none", new Bad("application/json/yaml", new byte[] {1}));
    all.put(
        "a bomb of aliases",
        Bad.yaml("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: &d [*c,*c]\nname: *d\n"));
    all.put("a bomb of merges", Bad.yaml("a: &a {b: c}\nname: {<<: *a}\n"));
    all.put("a tag", Bad.yaml("!!javax.script.ScriptEngineManager [!!java.net.URL [x]]"));
    all.put("a tag of a field", Bad.yaml("name: !!java.io.File [/etc/passwd]"));
    all.put("a cycle", Bad.yaml("&a [*a]"));
    all.put("deep YAML", Bad.yaml("[".repeat(100_000)));
    all.put("deep blocks", Bad.yaml(deepBlocks()));
    all.put("many documents", Bad.yaml("---\nx\n".repeat(20_000)));
    all.put("duplicate keys of YAML", Bad.yaml("name: a\nname: b\n"));
    return all;
  }

  /** The class of a plugin has parts, which its pattern repeats. */
  private static String longClass() {
    String name = "a" + ".a".repeat(200_000);
    return """
    {"kind": "Interceptor", "apiVersion": "gateway/v2", "metadata": {"name": "a"},
     "spec": {"pluginClass": "%1$s", "priority": 1, "config": {}},
     "pluginClass": "%1$s", "priority": 1, "config": {}}
    """
        .formatted(name);
  }

  private static String deepBlocks() {
    var text = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      text.append(" ".repeat(i)).append("a:\n");
    }
    return text.toString();
  }

  static List<ControlRoutes.Operation> operations() {
    return new ControlRoutes(
            administration,
            new GatewayControls(
                () -> new Reloading.Result(List.of(), List.of(), List.of()),
                List::of,
                new NoFailover(),
                Acls.NONE))
        .operations();
  }

  private static String path(ControlRoutes.Operation operation) {
    return "/"
        + operation.path().stream()
            .map(part -> part.startsWith("{") ? "nothing-of-this-name" : part)
            .collect(Collectors.joining("/"));
  }

  private static HttpResponse<String> send(
      Method method, String path, String type, BodyPublisher body) {
    var request = running.request(path).header("Authorization", ADMIN);
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    return running.send(request.method(method.text(), body).build());
  }

  @ParameterizedTest
  @MethodSource("operations")
  void noBodyCausesAnErrorOfTheServer(ControlRoutes.Operation operation) {
    bodies()
        .forEach((name, bad) -> {
          // A watch would not end.
          var query = operation.path().getLast().equals("watch") ? "?from=nothing" : "";
          var answer = send(operation.method(), path(operation) + query, bad.type, bad.body);
          assertThat(answer.statusCode()).as("%s: %s", name, answer.body()).isLessThan(500);
          if (operation.method().equals(Method.PUT)) {
            assertThat(answer.statusCode()).as("%s: %s", name, answer.body()).isIn(400, 415);
          }
          if (answer.statusCode() >= 400) {
            explains(name, answer);
          }
        });
  }

  private static void explains(String name, HttpResponse<String> answer) {
    var type = answer.headers().firstValue("Content-Type").orElse("");
    assertThat(answer.body()).as(name).isNotEmpty().hasSizeLessThan(20_000);
    if (type.equals("application/json")) {
      assertThat(Running.json(answer).at("/title").stringValue("")).as(name).isNotEmpty();
    } else {
      assertThat(type).as(name).isEqualTo("text/plain; charset=utf-8");
    }
  }

  @ParameterizedTest
  @MethodSource("operations")
  void largeBodiesAreRefused(ControlRoutes.Operation operation) {
    if (operation.method().equals(Method.GET)) {
      return;
    }
    var mebibytes = new byte[1_500_000];
    java.util.Arrays.fill(mebibytes, (byte) ' ');
    var known = BodyPublishers.ofByteArray(mebibytes);
    assertThat(send(operation.method(), path(operation), "application/json", known).statusCode())
        .isEqualTo(413);
    var chunked = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(mebibytes));
    assertThat(send(operation.method(), path(operation), "application/json", chunked).statusCode())
        .isEqualTo(413);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void unknownParametersAreRefused(ControlRoutes.Operation operation) {
    for (var query : List.of("?x=y", "?x", "?=", "?dryMode=true&dryMode=true", "?%00=1")) {
      var answer =
          send(operation.method(), path(operation) + query, "", BodyPublishers.ofString(""));
      assertThat(answer.statusCode()).as("%s: %s", query, answer.body()).isEqualTo(400);
      explains(query, answer);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/gateway/v2/../../metrics",
        "/gateway/v2/%2e%2e/%2e%2e/metrics",
        "//gateway/v2/group",
        "/gateway//v2/group",
        "/gateway/v2//group",
        "/gateway/v2/group/%2F..%2F",
        "/gateway/v2/group/%00",
        "/gateway/v2/group/%ff%fe",
        "/gateway/v2/group/%zz",
        "/gateway/v2/group/%",
        "/gateway/v2;a=b/group",
        "/gateway/v2/group;a=b",
        "/gateway/v2/group?showDefaults=%zz",
        "/gateway/v2/group?%",
        "/gateway/v2/group\\..\\..",
        "http://elsewhere.example/gateway/v2/group/x",
        "http://[::1/gateway/v2/group",
        "/GATEWAY/V2/GROUP",
        "/gateway/v2/group/" + "%25",
        "*",
      })
  void pathsThatPlayTricksLeadNowhere(String path) throws Exception {
    for (var user : List.of("", "Authorization: " + ADMIN + "\r\n")) {
      var answer =
          running.exchange(
              "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + user + "\r\n");
      assertThat(answer).as(path).matches("(?s)HTTP/1.1 (2|4)\\d\\d.*");
      // Dots are resolved before the route is found, which then has its own rule.
      if (user.isEmpty() && !path.contains("..")) {
        assertThat(answer).as(path).matches("(?s)HTTP/1.1 (400|401|404).*");
      }
    }
  }

  @Test
  void headsThatPlayTricksAreRefused() throws Exception {
    var path = "/gateway/v2/" + "a".repeat(100_000);
    for (var head :
        List.of(
            "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /gateway/v2/group HTTP/1.1\r\nHost: a\r\nX: " + "b".repeat(100_000) + "\r\n\r\n",
            "GET /gateway/v2/group HTTP/1.1\r\nHost: a\r\nAuthorization: Basic \u0001\r\n\r\n",
            "PUT /gateway/v2/group HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "PUT /gateway/v2/x HTTP/1.1\r\nHost: a\r\nContent-Length: "
                + "9".repeat(20)
                + "\r\n\r\n",
            "PUT /gateway/v2/group HTTP/1.1\r\nHost: a\r\nAuthorization: "
                + ADMIN
                + "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "PUT /gateway/v2/group HTTP/1.1\r\nHost: a\r\nAuthorization: "
                + ADMIN
                + "\r\nTransfer-Encoding: chunked\r\n\r\n4000000\r\n{",
            "PUT /gateway/v2/group HTTP/1.1\r\nHost: a\r\nAuthorization: "
                + ADMIN
                + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "
                + "b".repeat(20_000)
                + "\r\n\r\n",
            "PUT /gateway/v2/group HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
            "\r\n\r\n\r\n\r\n")) {
      var answer = running.exchange(head.replace("Host: a", "Host: a\r\nConnection: close"));
      assertThat(answer)
          .as(head.substring(0, Math.min(100, head.length())))
          .doesNotContain(" 500 ");
    }
  }

  /** As many as are accepted from one address, each of an admin who never sends the body. */
  @Test
  void slowBodiesBlockNobody() throws Exception {
    var slow = new ArrayList<Socket>();
    try {
      for (int i = 0; i < 600; i++) {
        slow.add(
            running.raw(
                "PUT /gateway/v2/group HTTP/1.1\r\nHost: a\r\nAuthorization: "
                    + ADMIN
                    + "\r\nContent-Type: application/json\r\nContent-Length: "
                    + (i % 2 == 0 ? 100 : 900_000)
                    + "\r\n\r\n{"));
      }
      var begin = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        // On a new connection, because an idle one may have to make room for another.
        var answer =
            running.exchange(
                "GET /gateway/v2/group HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: "
                    + ADMIN
                    + "\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(running.get("/health/live").statusCode()).isEqualTo(200);
      }
      // Slow bodies end after 30 s; these calls did not wait for that.
      assertThat(System.nanoTime() - begin).isLessThan(20_000_000_000L);
    } finally {
      for (var socket : slow) {
        socket.close();
      }
    }
  }
}
