package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.auth.sasl.users.PasswordHash;
import io.gatehouse.control.Administration;
import io.gatehouse.control.Logins;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.Rights;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.node.NodeInfo;
import io.gatehouse.control.node.NodeState;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.acl.Acls;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each call of the admin API, and what it answers to bad input. */
class ControlApiTest {
  private static final String ADMIN = basic("admin:right");
  private static final String READER = basic("reader:also right");
  private static final AdminUser.Proofs PASSWORD =
      new AdminUser.Proofs(PasswordHash.ofPlain(new Secret("pw")), null, null);
  private static final Rights TEAM =
      new Rights(
          false, List.of(new Rights.Grant(Set.of(Kind.SERVICE_ACCOUNT), Set.of("other"), true)));
  private static final Rights GROUPS =
      new Rights(
          false,
          List.of(
              new Rights.Grant(Set.of(Kind.GROUP), Set.of(), true),
              new Rights.Grant(Set.of(Kind.SERVICE_ACCOUNT), Set.of("passthrough"), false)));
  private static final String JSON = "application/json";
  private static final String JDOE =
      "{\"kind\":\"GatewayServiceAccount\",\"apiVersion\":\"gateway/v2\",\"metadata\":"
          + "{\"name\":\"jdoe\",\"vCluster\":\"passthrough\"},\"spec\":{\"type\":\"LOCAL\"}}";
  private static final String GROUP =
      "{\"kind\":\"GatewayGroup\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":\"g\"},"
          + "\"spec\":{\"members\":[{\"name\":\"jdoe\",\"vCluster\":\"passthrough\"}],"
          + "\"externalGroups\":[\"A\"]}}";

  private final Pool pool = new Pool();
  private final Means means = new Means();
  private Running running;

  private static final class Means implements Logins {
    private @Nullable Secret key = new Secret("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");

    @Override
    public @Nullable Secret tokenKey() {
      return key;
    }

    @Override
    public boolean take(ServiceAccount.Type type) {
      return true;
    }
  }

  /** The cluster that clients are directed to. */
  private String active = "main";

  private final class SwitchedHere implements Failover {
    @Override
    public List<State> states() {
      return List.of(new State("main", "other", active, 7));
    }

    @Override
    public void switchTo(String cluster, String to) throws Refusal {
      if (!cluster.equals("main")) {
        throw new Refusal(Refusal.Reason.MISSING, "none", "There is main.");
      }
      active = to;
    }

    @Override
    public List<String> missing(String cluster, String to) {
      return List.of("the topic orders is missing");
    }
  }

  @Test
  void clustersAreSwitched() {
    var path = "/admin/pclusters/v1/pcluster/main/switch";
    var switched = call("POST", path + "?to=other", "");
    assertThat(switched.statusCode()).isEqualTo(200);
    assertThat(switched.body()).isEqualTo("{\"message\":\"Cluster switched\"}");
    assertThat(active).isEqualTo("other");
    assertThat(call("GET", "cluster", "").body())
        .isEqualTo(
            "[{\"name\":\"main\",\"failover\":\"other\",\"active\":\"other\",\"generation\":7}]");
    assertThat(call("GET", "cluster/main", "").body()).contains("\"active\":\"other\"");
    assertThat(call("POST", "cluster/main/switch?to=main&dryMode=true", "").body())
        .contains("the topic orders is missing");

    assertThat(call("POST", path + "?to=main", "", READER, JSON).statusCode()).isEqualTo(403);
    assertThat(call("POST", path + "?to=main", "", "admin:wrong", JSON).statusCode())
        .isEqualTo(401);
    assertThat(call("POST", path, "").body()).contains("query parameter to");
    assertThat(call("POST", path + "?too=main", "").statusCode()).isEqualTo(400);
    assertThat(call("GET", path, "").statusCode()).isEqualTo(405);
    assertThat(call("POST", path.replace("main", "no") + "?to=main", "").body())
        .contains("There is main.");
    assertThat(call("GET", "cluster/no", "").statusCode()).isEqualTo(404);
    assertThat(call("GET", "/admin/nothing", "").statusCode()).isEqualTo(404);
    assertThat(active).isEqualTo("other");
  }

  private Reloading.Result reloaded = Reloading.Result.refused(List.of("never asked"));

  private static final NodeInfo NODE =
      new NodeInfo(
          "gw-1",
          Instant.ofEpochSecond(1_700_000_000),
          "rack-a",
          "1.2",
          Map.of("main", "0-2=gw-1:9093"));

  private List<NodeState> nodes = List.of();

  @BeforeEach
  void start() throws Exception {
    Store store = pool.leases().get(new StoreSettings.Memory());
    running =
        Running.usual(
            new ControlApi(
                () -> new Administration(store, means),
                new GatewayControls(() -> reloaded, () -> nodes, new SwitchedHere(), Acls.NONE),
                new AdminUsers(
                    UserSettings.of(
                        List.of(
                            new AdminUser("admin", new Secret("right"), true),
                            new AdminUser("reader", new Secret("also right"), false),
                            new AdminUser("team", PASSWORD, TEAM),
                            new AdminUser("groups", PASSWORD, GROUPS))),
                    pool.leases())));
  }

  @AfterEach
  void stop() {
    running.close();
    pool.close();
  }

  private static String basic(String user) {
    return "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8));
  }

  private HttpResponse<String> call(String method, String path, String body) {
    return call(method, path, body, ADMIN, JSON);
  }

  private HttpResponse<String> call(
      String method, String path, String body, String user, String type) {
    var request =
        running
            .request(path.startsWith("/") ? path : "/gateway/v2/" + path)
            .header("Authorization", user);
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    return running.send(request.method(method, BodyPublishers.ofString(body)).build());
  }

  private void answers(HttpResponse<String> answer, int status, String body) {
    assertThat(answer.body()).isEqualTo(body);
    assertThat(answer.statusCode()).isEqualTo(status);
  }

  private static void fails(HttpResponse<String> answer, int status, String title, String part) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue(JSON);
    assertThat(Running.json(answer).at("/title").stringValue()).isEqualTo(title);
    assertThat(Running.json(answer).at("/msg").stringValue("")).contains(part);
  }

  private static String upserted(String resource, String result) {
    return "{\"resource\":%s,\"upsertResult\":\"%s\"}".formatted(resource, result);
  }

  @Test
  void accountsAreMadeShownAndDeleted() {
    answers(call("GET", "service-account", ""), 200, "[]");
    answers(call("PUT", "service-account?dryMode=true", JDOE), 200, upserted(JDOE, "Created"));
    answers(call("PUT", "service-account?dryMode=false", JDOE), 200, upserted(JDOE, "Created"));
    answers(call("PUT", "service-account", JDOE), 200, upserted(JDOE, "NotChanged"));
    var external = JDOE.replace("\"LOCAL\"", "\"EXTERNAL\",\"externalNames\":[\"x\"]");
    answers(call("PUT", "service-account", external), 200, upserted(external, "Updated"));
    answers(call("GET", "service-account?showDefaults=true", ""), 200, "[" + external + "]");
    answers(
        call("GET", "service-account?showDefaults=false", ""),
        200,
        "[" + external.replace(",\"vCluster\":\"passthrough\"", "") + "]");
    for (var none : List.of("name=x", "vcluster=x", "type=local")) {
      answers(call("GET", "service-account?" + none, ""), 200, "[]");
    }
    for (var one : List.of("name=jdoe", "vcluster=passthrough", "type=External")) {
      assertThat(call("GET", "service-account?" + one, "").body()).contains("jdoe");
    }
    fails(
        call("GET", "service-account?type=x", ""),
        400,
        "The request is not valid",
        "type: 'x' is not one of LOCAL, EXTERNAL");
    answers(call("DELETE", "service-account", "{\"name\":\"jdoe\"}"), 204, "");
    fails(
        call("DELETE", "service-account", "{\"name\":\"jdoe\",\"vCluster\":\"passthrough\"}"),
        404,
        "The given service account does not exist",
        "passthrough/jdoe");
  }

  @Test
  void whatIsListedCanBePutAgain() {
    call("PUT", "service-account", JDOE);
    call("PUT", "group", GROUP);
    for (var kind : List.of("service-account", "group")) {
      var listed = call("GET", kind, "").body();
      var again = call("PUT", kind, listed.substring(1, listed.length() - 1));
      assertThat(again.body()).contains("\"upsertResult\":\"NotChanged\"");
    }
  }

  @Test
  void groupsAreMadeShownAndDeleted() {
    fails(
        call("PUT", "group", GROUP),
        404,
        "The group contains a service account that does not exist",
        "There is no service account passthrough/jdoe.");
    call("PUT", "service-account", JDOE);
    answers(call("PUT", "group", GROUP), 200, upserted(GROUP, "Created"));
    answers(call("GET", "group/g?showDefaults=true", ""), 200, GROUP);
    answers(call("GET", "group?showDefaults=true", ""), 200, "[" + GROUP + "]");
    fails(
        call("DELETE", "service-account", "{\"name\":\"jdoe\"}"),
        409,
        "The service account is still used by groups",
        "group(s): g");
    answers(call("DELETE", "group/g", ""), 204, "");
    fails(call("DELETE", "group/g", ""), 404, "The given group does not exist", "g");
    fails(call("GET", "group/a%20b", ""), 404, "The given group does not exist", "a b");
    answers(call("GET", "group/a%0Ab", ""), 400, "Invalid value for: path parameter name");
  }

  @Test
  void tokensAreMadeAndTakenBack() {
    var request =
        "{\"username\":\"jdoe\",\"vCluster\":\"passthrough\",\"lifeTimeSeconds\":3600000}";
    fails(call("POST", "token", request), 404, "The searched entity was not found", "jdoe");
    call("PUT", "service-account", JDOE);
    var issued = call("POST", "token", request);
    assertThat(issued.statusCode()).isEqualTo(200);
    assertThat(issued.body()).matches("\\{\"token\":\"[\\w-]+\\.[\\w-]+\\.[\\w-]+\"}");
    assertThat(issued.headers().firstValue("Cache-Control")).hasValue("no-store");
    answers(call("DELETE", "token/610fd3fc-b94c-4d1b-a3ab-248390a0b6e8", ""), 204, "");
    fails(call("DELETE", "token/a.b", ""), 400, "The request is not valid", "'a.b'");
    answers(call("DELETE", "token", "{\"name\":\"jdoe\"}"), 204, "");
    fails(
        call("DELETE", "token", "{\"name\":\"nobody\"}"),
        404,
        "The given service account does not exist",
        "nobody");
    means.key = null;
    fails(
        call("POST", "token", request),
        409,
        "Requesting a JWT token when no user pool service is configured in the Gateway or"
            + " requesting a token for an external service account.",
        "GATEWAY_USER_POOL_SECRET_KEY");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "virtual-cluster",
        "alias-topic?vcluster=passthrough&name=x&showDefaults=true",
        "concentrated-topic",
        "concentration-rule",
        "interceptor?global=false",
        "interceptor?name=x&global=true&vcluster=y&group=z&username=u",
        "plugin"
      })
  void thereIsNothingOfOtherKinds(String path) {
    answers(call("GET", path, ""), 200, "[]");
  }

  /** ResourcesApiTest has more about kinds, where they have an effect. */
  @Test
  void kindsWithoutEffectAreValidatedAndRefused() {
    var cluster =
        "{\"kind\":\"VirtualCluster\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":\"a\"},"
            + "\"spec\":{\"type\":\"Partner\",\"aclEnabled\":true,\"superUsers\":[\"abc\"]}}";
    assertThat(call("PUT", "virtual-cluster?dryMode=true", cluster).body())
        .endsWith("\"upsertResult\":\"Created\"}");
    fails(
        call("PUT", "virtual-cluster", cluster),
        400,
        "The request is not valid",
        "spec.type: virtual clusters of type Partner are not supported by this version");
    answers(call("GET", "virtual-cluster", ""), 200, "[]");
  }

  @Test
  void whatIsNotThereCannotBeDeleted() {
    fails(
        call("GET", "virtual-cluster/x", ""), 404, "The given virtual cluster does not exist", "x");
    fails(
        call("DELETE", "virtual-cluster/x", ""),
        404,
        "The given virtual cluster does not exist",
        "x");
    fails(
        call("DELETE", "virtual-cluster/passthrough", ""),
        400,
        "Default `passthrough` virtual cluster cannot be deleted",
        "");
    fails(
        call("DELETE", "alias-topic", "{\"name\":\"x\"}"),
        404,
        "The given name does not exist in the given virtual cluster",
        "There is no alias topic passthrough/x.");
    fails(call("DELETE", "interceptor/x", ""), 404, "The given interceptor does not exist", "x");
    answers(call("POST", "interceptor/resolve", "{}"), 200, "[]");
  }

  @Test
  void onlyThoseWhoAreKnownGetAnAnswer() {
    for (var user : List.of(basic("admin:wrong"), "Bearer x", "Basic ?", "Basic")) {
      var answer = call("GET", "service-account", "", user, JSON);
      if (answer.statusCode() != 429) {
        fails(answer, 401, "The given credentials are not valid", "");
        assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
      }
    }
    assertThat(running.get("/gateway/v2/").statusCode()).isIn(401, 429);
  }

  @Test
  void wrongPasswordsMakeAnAddressWait() {
    for (int i = 0; i < 3; i++) {
      assertThat(call("GET", "group", "", basic("admin:no"), JSON).statusCode()).isEqualTo(401);
    }
    var slowed = call("GET", "group", "");
    fails(slowed, 429, "Too many wrong credentials", "");
    assertThat(slowed.headers().firstValue("Retry-After")).hasValue("1");
    org.awaitility.Awaitility.await().until(() -> call("GET", "group", "").statusCode() == 200);
  }

  @Test
  void someMayOnlyRead() {
    assertThat(call("GET", "group", "", READER, JSON).statusCode()).isEqualTo(200);
    assertThat(call("POST", "interceptor/resolve", "{}", READER, JSON).statusCode()).isEqualTo(200);
    for (var path : List.of("service-account", "service-account?dryMode=false", "group")) {
      fails(
          call("PUT", path, JDOE, READER, JSON),
          403,
          "The user may not change anything",
          "reader may only read");
    }
    // A dry run tells no more than what may be read.
    var dry = "?dryMode=true";
    assertThat(call("PUT", "service-account" + dry, JDOE, READER, JSON).statusCode())
        .isEqualTo(200);
    assertThat(call("POST", "apply" + dry, JDOE, READER, JSON).statusCode()).isEqualTo(200);
    assertThat(call("POST", "delete" + dry, JDOE, READER, JSON).statusCode()).isEqualTo(404);
    for (var path : List.of("state" + dry, "cluster/main/switch" + dry + "&to=other")) {
      assertThat(call("POST", path, JDOE, READER, JSON).statusCode()).as(path).isEqualTo(403);
    }
    assertThat(call("GET", "service-account", "").body()).isEqualTo("[]");
    assertThat(call("POST", "token", "{}", READER, JSON).statusCode()).isEqualTo(403);
    assertThat(call("DELETE", "group/g", "", READER, JSON).statusCode()).isEqualTo(403);
  }

  @Test
  void kindsWithoutEffectAreRefusedInTheApiBefore() {
    var body = "{\"pattern\":\"a.*\",\"physicalTopicName\":\"p\"}";
    var cluster = "/admin/vclusters/v1/vcluster/passthrough/";
    fails(
        call("POST", cluster + "concentration-rules", body),
        400,
        "The request is not valid",
        "Resources of kind ConcentrationRule are not supported by this version");
    for (var path : List.of(cluster + "topics/t", "/internal/alias-topic/passthrough/t")) {
      fails(
          call("POST", path, "{\"physicalTopicName\":\"p\"}"),
          400,
          "The request is not valid",
          "metadata.vCluster: alias topics of passthrough are not supported by this version");
      assertThat(call("POST", path, "{}", READER, JSON).statusCode()).isEqualTo(403);
    }
  }

  @Test
  void someMayUseSomeKindsOfSomeVirtualClusters() {
    var team = basic("team:pw");
    var groups = basic("groups:pw");
    var forbidden = "The user may not do that";
    call("PUT", "service-account", JDOE);
    answers(call("GET", "service-account", "", team, JSON), 200, "[]");
    fails(
        call("PUT", "service-account", JDOE, team, JSON),
        403,
        forbidden,
        "The user team may not change the service account passthrough/jdoe.");
    var account = "{\"name\":\"jdoe\"}";
    fails(call("DELETE", "service-account", account, team, JSON), 403, forbidden, "jdoe");
    fails(call("DELETE", "token", account, team, JSON), 403, forbidden, "jdoe");
    fails(call("DELETE", "token/some-id", "", team, JSON), 403, forbidden, "every account");
    fails(
        call("POST", "token", "{\"username\":\"jdoe\",\"lifeTimeSeconds\":9}", team, JSON),
        403,
        forbidden,
        "jdoe");
    fails(call("POST", "reload", "", team, JSON), 403, forbidden, "some kinds only");
    fails(
        call("PUT", "service-account", JDOE.replace("passthrough", "other"), team, JSON),
        404,
        "The given service account references a non-existing virtual cluster",
        "other");

    assertThat(call("GET", "service-account", "", groups, JSON).body()).contains("jdoe");
    fails(call("DELETE", "service-account", account, groups, JSON), 403, forbidden, "jdoe");
    answers(call("PUT", "group", GROUP, groups, JSON), 200, upserted(GROUP, "Created"));
    fails(call("GET", "group/g", "", team, JSON), 403, forbidden, "may not read the group g");
    answers(call("DELETE", "group/g", "", groups, JSON), 204, "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "service-account?dryMode=yes|Invalid value for: query parameter dryMode",
        "service-account?dryMode=true&dryMode=false|Invalid value for: query parameter dryMode, it"
            + " is given 2 times",
        "service-account?dryMode=|Invalid value for: query parameter dryMode",
        "service-account?drymod=true|Invalid value for: query parameter 'drymod', did you mean"
            + " dryMode?",
        "service-account?a%0Ab=c|Invalid value for: query parameter 'a?b', valid are: dryMode,"
            + " force, timeout, wait",
      })
  void badParametersAreRefusedInPlainText(String path, String text) {
    var answer = call("PUT", path, JDOE);
    answers(answer, 400, text);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{\"a\":1,\"a\":2}", "[] []", "nul", "{\"a\":\"\\ud8\"}"})
  void whatIsNoJsonIsRefusedInPlainText(String body) {
    for (var path : List.of("service-account", "group", "interceptor")) {
      var answer = call("PUT", path, body);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).startsWith("Invalid value for: body (");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1", "null", "\"x\"", "[]", "{}", "{\"kind\":{}}", "{\"name\":\"\\ud800\"}"})
  void whatIsNoResourceIsRefusedWithAllProblems(String body) {
    for (var path : List.of("service-account", "group")) {
      fails(call("PUT", path, body), 400, "The request is not valid", "");
    }
    fails(call("DELETE", "service-account", body), 400, "The request is not valid", "");
    fails(call("POST", "token", body), 400, "The request is not valid", "");
  }

  @Test
  void yamlIsTakenWhereItIsSaid() {
    var yaml =
        """
        kind: GatewayServiceAccount
        apiVersion: gateway/v2
        metadata:
          name: jdoe
        spec: {type: LOCAL}
        """;
    answers(
        call("PUT", "service-account", yaml, ADMIN, "application/yaml"),
        200,
        upserted(JDOE, "Created"));
    assertThat(call("PUT", "service-account", yaml).statusCode()).isEqualTo(400);
    assertThat(call("PUT", "service-account", "a: &x [*x]", ADMIN, "text/yaml").body())
        .isEqualTo(
            "Invalid value for: body (line 1: anchors (&) and aliases (*) are not taken here)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text/plain", "application/x-www-form-urlencoded", "application/xml", "x"})
  void otherMediaTypesAreRefused(String type) {
    fails(
        call("PUT", "service-account", JDOE, ADMIN, type),
        415,
        "The media type is not supported",
        "application/json or application/yaml");
  }

  /** A browser adds the password that it has for this server. */
  @Test
  void aPageOfAnotherSiteCannotChangeAnything() {
    var own = "http://127.0.0.1:" + running.server.port();
    assertThat(ofPage("Origin", "http://elsewhere.example", JSON)).isEqualTo(403);
    assertThat(ofPage("Origin", "null", JSON)).isEqualTo(403);
    assertThat(ofPage("Sec-Fetch-Site", "cross-site", JSON)).isEqualTo(403);
    assertThat(ofPage("Sec-Fetch-Site", "same-origin", JSON)).isEqualTo(400);
    assertThat(ofPage("Origin", own, JSON)).isEqualTo(400);
    assertThat(ofPage("Origin", own, "text/plain")).isEqualTo(415);
    assertThat(call("POST", "token", "{}", ADMIN, "").statusCode()).isEqualTo(400);
  }

  private int ofPage(String header, String value, String type) {
    var request =
        running
            .request("/gateway/v2/token")
            .headers("Authorization", ADMIN, header, value, "Content-Type", type)
            .POST(BodyPublishers.ofString("{}"))
            .build();
    return running.send(request).statusCode();
  }

  @Test
  void aBodyMayHaveAMebibyte() throws IOException {
    var names = "x".repeat((1 << 20) - JDOE.length() - 10);
    fails(
        call("PUT", "service-account", JDOE.replace("jdoe", names)),
        400,
        "The request is not valid",
        "metadata.name: 'xxx");
    fails(
        call("PUT", "service-account", "x".repeat((1 << 20) + 1)),
        413,
        "The request is not valid",
        "The body is larger than 1048576 bytes.");
    var huge =
        running.exchange(
            "PUT /gateway/v2/group HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                + ADMIN
                + "\r\nContent-Type: application/json\r\nContent-Length: 10485760\r\n\r\n");
    assertThat(huge).startsWith("HTTP/1.1 413").contains("1048576 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "token/", "group/", "group/a/b", "x", "group//", "service-account/x"})
  void otherPathsHoldNothing(String path) {
    var answer = call("GET", path, "");
    assertThat(answer.statusCode()).as(answer.body()).isIn(404, 405);
    assertThat(Running.json(answer).has("title")).isTrue();
  }

  @Test
  void otherMethodsAreRefusedWithThoseThereAre() {
    var answer = call("POST", "service-account", JDOE);
    fails(answer, 405, "The method is not allowed", "DELETE, GET, HEAD, PUT");
    assertThat(answer.headers().firstValue("Allow")).hasValue("DELETE, GET, HEAD, PUT");
    assertThat(call("PATCH", "group/x", "").statusCode()).isEqualTo(405);
    assertThat(running.method("HEAD", "/gateway/v2/group").statusCode()).isEqualTo(401);
  }

  @Test
  void brokenRequestsAreNoErrorsOfTheServer() throws IOException {
    for (var line :
        List.of(
            "GET /gateway/v2/group/%zz HTTP/1.1",
            "GET /gateway/v2/group/%ff HTTP/1.1",
            "GET /gateway/v2/group?showDefaults=%zz HTTP/1.1",
            "GET /gateway/v2/group?%ff=%fe HTTP/1.1",
            "GET /gateway/v2/group?&&=&== HTTP/1.1",
            "GET /gateway/v2/../../etc/passwd HTTP/1.1",
            "GET /gateway/v2/group;x=y/g HTTP/1.1",
            "GET /gateway/v2//group HTTP/1.1")) {
      var answer =
          running.exchange(
              line
                  + "\r\nHost: localhost\r\nConnection: close\r\nAuthorization: "
                  + ADMIN
                  + "\r\n\r\n");
      assertThat(answer).as(line).matches("(?s)HTTP/1\\.1 (200|4\\d\\d) .*");
    }
  }

  @Test
  void manyAtOnceAreServed() throws Exception {
    List<Callable<HttpResponse<String>>> puts = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      var account = JDOE.replace("jdoe", "user-" + i);
      puts.add(() -> call("PUT", "service-account", account));
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var put : threads.invokeAll(puts)) {
        assertThat(put.get().body()).endsWith("\"Created\"}");
      }
    }
    assertThat(Running.json(call("GET", "service-account", "")).size()).isEqualTo(64);
  }

  @Test
  void reloadTellsWhatChangedOrWhyNothingDid() throws Exception {
    reloaded = new Reloading.Result(List.of("listener two is new"), List.of("log"), List.of());
    assertThat(call("POST", "reload", "").body())
        .isEqualTo("{\"changes\":[\"listener two is new\"],\"needRestart\":[\"log\"]}");
    assertThat(call("POST", "reload", "", READER, JSON).statusCode()).isEqualTo(403);
    reloaded = Reloading.Result.refused(List.of("limits.frame: 'no' is not a size"));
    var refused = call("POST", "reload", "");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("limits.frame: 'no' is not a size");
  }

  @Test
  void severalResourcesAreAppliedAsOne() {
    var both = "[" + GROUP + "," + JDOE + "]";
    var dry = call("POST", "apply?dryMode=true&label=shop", both);
    assertThat(dry.statusCode()).as(dry.body()).isEqualTo(200);
    assertThat(Running.json(dry).at("/results/1/upsertResult").stringValue()).isEqualTo("Created");
    assertThat(Running.json(dry).at("/results/1/before").isNull()).isTrue();
    answers(call("GET", "service-account", ""), 200, "[]");
    fails(call("POST", "apply", both, READER, JSON), 403, "The user may not change anything", "");

    var applied = call("POST", "apply?label=shop", both);
    assertThat(applied.statusCode()).isEqualTo(200);
    assertThat(applied.body().replaceAll("\"etag\":\"[^}]*", "TAG"))
        .isEqualTo(
            "{\"results\":[{\"kind\":\"GatewayGroup\",\"name\":\"g\",\"upsertResult\":\"Created\",\"resource\":"
                + GROUP
                + ",TAG},{\"kind\":\"GatewayServiceAccount\",\"name\":\"jdoe\",\"vCluster\":\"passthrough\","
                + "\"upsertResult\":\"Created\",\"resource\":"
                + JDOE
                + ",TAG}],\"revision\":1}");
    var fewer = call("POST", "apply?label=shop&prune=true&dryMode=true", JDOE);
    assertThat(Running.json(fewer).at("/results/1/upsertResult").stringValue())
        .isEqualTo("Deleted");
    assertThat(Running.json(fewer).at("/results/1/before/metadata/name").stringValue())
        .isEqualTo("g");

    var keys =
        """
        kind: GatewayServiceAccount
        apiVersion: gateway/v2
        metadata: {name: jdoe}
        ---
        kind: GatewayGroup
        apiVersion: gateway/v2
        metadata: {name: g}
        """;
    var deleted = call("POST", "delete", keys, ADMIN, "application/yaml");
    assertThat(deleted.statusCode()).as(deleted.body()).isEqualTo(200);
    answers(call("GET", "group", ""), 200, "[]");
    fails(
        call("POST", "delete", keys, ADMIN, "application/yaml"),
        404,
        "Nothing was changed, because of problems with some of the resources",
        "There is no group g.");
  }

  @Test
  void everyProblemOfSeveralResourcesIsToldWithItsDocument() {
    var answer =
        call(
            "POST",
            "apply",
            "[" + JDOE + "," + JDOE.replace("LOCAL", "LOKAL") + ",7,{\"kind\":\"GatewayGrup\"}]");
    fails(
        answer,
        400,
        "Nothing was changed, because of problems with some of the resources",
        "document 2: spec.type: 'LOKAL' is not one of LOCAL, EXTERNAL, did you mean LOCAL?;"
            + " document 3: 7 stands for an object; document 4: kind: there is no kind"
            + " 'GatewayGrup' that can be applied, did you mean GatewayGroup?");
    assertThat(Running.json(answer).at("/problems/1/document").intValue()).isEqualTo(3);
    fails(
        call("POST", "apply", "[]"), 400, "The request is not valid", "The body has no document.");
    fails(call("POST", "apply?prune=true", JDOE), 400, "The request is not valid", "label");
    fails(call("POST", "apply?label=folder", JDOE), 400, "The request is not valid", "label");
    assertThat(call("POST", "apply", "---", ADMIN, "application/yaml").statusCode()).isEqualTo(400);
  }

  @Test
  void nodesAreListed() throws Exception {
    nodes =
        List.of(
            new NodeState(NODE, true, 7L),
            new NodeState(
                new NodeInfo("gw-2", NODE.started(), null, "1.2", Map.of()), false, null));
    var response = call("GET", "nodes", "");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .isEqualTo(
            "[{\"id\":\"gw-1\",\"self\":true,\"version\":\"1.2\",\"rack\":\"rack-a\","
                + "\"startedAt\":\"2023-11-14T22:13:20Z\",\"revision\":7,"
                + "\"listeners\":{\"main\":\"0-2=gw-1:9093\"}},"
                + "{\"id\":\"gw-2\",\"self\":false,\"version\":\"1.2\",\"rack\":null,"
                + "\"startedAt\":\"2023-11-14T22:13:20Z\",\"revision\":null,\"listeners\":{}}]");
  }
}
