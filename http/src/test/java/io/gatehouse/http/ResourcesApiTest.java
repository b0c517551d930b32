package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.control.Administration;
import io.gatehouse.control.Capabilities;
import io.gatehouse.control.Logins;
import io.gatehouse.control.doc.Substitution;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Plugin;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.acl.Acls;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The resources of all kinds over HTTP, in a gateway where all kinds have an effect. */
class ResourcesApiTest {
  private static final String PLUGIN = "io.conduktor.gateway.interceptor.VirtualSqlTopicPlugin";
  private static final String CLUSTER =
      """
      {"kind":"VirtualCluster","apiVersion":"gateway/v2","metadata":{"name":"vcluster1"},\
      "spec":{"aclEnabled":false,"aclMode":"KAFKA_API","superUsers":["username1","username2"],\
      "type":"Standard"}}\
      """;
  private static final String ALIAS =
      """
      {"kind":"AliasTopic","apiVersion":"gateway/v2",\
      "metadata":{"name":"name1","vCluster":"vcluster1"},\
      "spec":{"physicalName":"physicalName1","physicalCluster":"main"}}\
      """;
  private static final String RULE =
      """
      {"kind":"ConcentrationRule","apiVersion":"gateway/v2",\
      "metadata":{"name":"concentrationRule1","vCluster":"vcluster1"},\
      "spec":{"pattern":"topic.*","physicalTopics":{"delete":"topic","compact":"compact_topic",\
      "deleteCompact":"compact_delete_topic"},"autoManaged":false,"offsetCorrectness":false}}\
      """;
  private static final String INTERCEPTOR =
      """
      {"kind":"Interceptor","apiVersion":"gateway/v2",\
      "metadata":{"name":"yellow_cars_filter","scope":{"vCluster":"vcluster1"}},\
      "spec":{"comment":"Filter yellow cars","pluginClass":"%s","priority":1,\
      "config":{"virtualTopic":"yellow_cars","statement":"SELECT '$.type' as type FROM cars",\
      "n":1.50,"key":"${KEY}"}}}\
      """
          .formatted(PLUGIN);

  private final Pool pool = new Pool();
  private Running running;

  @BeforeEach
  void start() throws Exception {
    Store store = pool.leases().get(new StoreSettings.Memory());
    var logins =
        new Logins() {
          @Override
          public @Nullable Secret tokenKey() {
            return new Secret("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
          }

          @Override
          public boolean take(ServiceAccount.Type type) {
            return true;
          }
        };
    var all =
        new Capabilities(
            EnumSet.allOf(Kind.class),
            List.of(new Plugin(PLUGIN, "# Views", Map.of("title", "Views", "version", "1"))),
            Set.of("main"),
            Substitution.ofResources(Map.of("KEY", "s3cret")));
    running =
        Running.usual(
            new ControlApi(
                () -> new Administration(store, logins, all),
                new GatewayControls(
                    () -> Reloading.Result.refused(List.of()),
                    List::of,
                    new NoFailover(),
                    Acls.NONE),
                new AdminUsers(
                    UserSettings.of(List.of(new AdminUser("admin", new Secret("right"), true))),
                    pool.leases())));
  }

  @AfterEach
  void stop() {
    running.close();
    pool.close();
  }

  private HttpResponse<String> call(String method, String path, String body) {
    var user = Base64.getEncoder().encodeToString("admin:right".getBytes(UTF_8));
    var request =
        running
            .request(path.startsWith("/") ? path : "/gateway/v2/" + path)
            .header("Authorization", "Basic " + user)
            .header("Content-Type", "application/json");
    return running.send(request.method(method, BodyPublishers.ofString(body)).build());
  }

  private void answers(String method, String path, String body, int status, String expected) {
    var answer = call(method, path, body);
    assertThat(answer.body()).isEqualTo(expected);
    assertThat(answer.statusCode()).isEqualTo(status);
  }

  private void puts(String path, String body) {
    answers("PUT", path, body, 200, upserted(body, "Created"));
  }

  private static String upserted(String resource, String result) {
    return "{\"resource\":%s,\"upsertResult\":\"%s\"}".formatted(resource, result);
  }

  private void fails(HttpResponse<String> answer, int status, String title, String part) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Running.json(answer).at("/title").stringValue()).isEqualTo(title);
    assertThat(Running.json(answer).at("/msg").stringValue("")).contains(part);
  }

  /** The life of a resource: a dry run, made, the same, changed, listed, put again, deleted. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "virtual-cluster    | CLUSTER     | virtual-cluster/vcluster1",
        "alias-topic        | ALIAS       | alias-topic",
        "concentration-rule | RULE        | concentration-rule",
        "interceptor        | INTERCEPTOR | interceptor/yellow_cars_filter",
      })
  void aResourceIsMadeShownChangedAndDeleted(String path, String example, String deletion)
      throws Exception {
    var body = (String) ResourcesApiTest.class.getDeclaredField(example).get(null);
    if (!body.equals(CLUSTER)) {
      puts("virtual-cluster", CLUSTER);
    }
    answers("PUT", path + "?dryMode=true", body, 200, upserted(body, "Created"));
    answers("GET", path, "", 200, "[]");
    puts(path, body);
    answers("PUT", path, body, 200, upserted(body, "NotChanged"));
    var defaults = path.equals("alias-topic") || path.equals("concentration-rule");
    var listed = call("GET", path + (defaults ? "?showDefaults=true" : ""), "").body();
    assertThat(listed).isEqualTo("[" + body + "]");
    assertThat(call("PUT", path, listed.substring(1, listed.length() - 1)).body())
        .endsWith("\"NotChanged\"}");
    var changed =
        body.replace("username2", "username3")
            .replace("physicalName1", "physicalName2")
            .replace("topic.*", "topic-.*")
            .replace("1.50", "1.5");
    answers("PUT", path, changed, 200, upserted(changed, "Updated"));
    var id = call("GET", path, "");
    assertThat(Running.json(id).size()).isEqualTo(1);
    var metadata = Running.json(id).at("/0/metadata");
    var key = metadata.has("scope") ? metadata.get("scope") : metadata;
    answers("DELETE", deletion, deletion.contains("/v") ? "" : key.toString(), 204, "");
    answers("GET", path, "", 200, "[]");
    assertThat(call("DELETE", deletion, key.toString()).statusCode()).isEqualTo(404);
  }

  @Test
  void oneVirtualClusterIsShown() {
    puts("virtual-cluster", CLUSTER);
    answers("GET", "virtual-cluster/vcluster1", "", 200, CLUSTER);
    fails(
        call("GET", "virtual-cluster/passthrough", ""),
        404,
        "The given virtual cluster does not exist",
        "passthrough");
    fails(
        call("PUT", "virtual-cluster", CLUSTER.replace("vcluster1", "passthrough")),
        400,
        "Wrong format or usage of reserved keywords (e.g. passthrough)",
        "passthrough");
    fails(
        call("PUT", "virtual-cluster", CLUSTER.replace("vcluster1", "vcluster10")),
        409,
        "The given prefix is already used by another virtual cluster",
        "does not begin with 'vcluster1'");
  }

  @Test
  void topicsAreFilteredByClusterAndName() {
    puts("virtual-cluster", CLUSTER);
    puts("alias-topic", ALIAS);
    puts("alias-topic", ALIAS.replace("vcluster1", "passthrough").replace("name1", "name2"));
    for (var none : List.of("name=x", "vcluster=passthrough&name=name1")) {
      answers("GET", "alias-topic?" + none, "", 200, "[]");
    }
    answers(
        "GET",
        "alias-topic?vcluster=passthrough",
        "",
        200,
        "[{\"kind\":\"AliasTopic\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":\"name2\"},"
            + "\"spec\":{\"physicalName\":\"physicalName1\"}}]");
    for (var kind : List.of("alias-topic", "concentration-rule", "concentrated-topic")) {
      fails(
          call("GET", kind + "?vcluster=other", ""),
          404,
          "The given virtual cluster does not exist",
          "other");
    }
    fails(
        call("DELETE", "virtual-cluster/vcluster1", ""),
        409,
        "The given virtual cluster has references (logical topics, interceptors, concentration"
            + " rules, service accounts) and cannot be deleted",
        "alias topic(s): name1");
    answers("DELETE", "alias-topic", "{\"name\":\"name2\"}", 204, "");
  }

  private static String scoped(String scope) {
    return INTERCEPTOR.replace("{\"vCluster\":\"vcluster1\"}", scope);
  }

  private String names(String query) {
    var names = new StringBuilder();
    for (var one : Running.json(call("GET", "interceptor?" + query, ""))) {
      names.append(one.at("/spec/priority").intValue());
    }
    return names.toString();
  }

  @Test
  void interceptorsOfOneNameDifferByScope() {
    puts("virtual-cluster", CLUSTER);
    puts(
        "group",
        "{\"kind\":\"GatewayGroup\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":\"g\"},"
            + "\"spec\":{\"members\":[],\"externalGroups\":[]}}");
    var scopes =
        List.of(
            "{\"vCluster\":null,\"group\":null,\"username\":null}",
            "{\"vCluster\":\"passthrough\"}",
            "{\"vCluster\":\"passthrough\",\"username\":\"u\"}",
            "{\"vCluster\":null,\"group\":\"g\"}",
            "{\"vCluster\":\"vcluster1\"}",
            "{\"vCluster\":\"vcluster1\",\"username\":\"u\"}");
    for (int i = 0; i < scopes.size(); i++) {
      puts("interceptor", scoped(scopes.get(i)).replace("\"priority\":1", "\"priority\":" + i));
    }
    assertThat(names("")).isEqualTo("012345");
    assertThat(names("global=false")).as("filters nothing").isEqualTo("012345");
    assertThat(names("global=true")).isEqualTo("0");
    assertThat(names("vcluster=passthrough")).isEqualTo("12");
    assertThat(names("group=g")).isEqualTo("3");
    assertThat(names("username=u")).isEqualTo("25");
    assertThat(names("username=u&vcluster=vcluster1&name=yellow_cars_filter")).isEqualTo("5");
    assertThat(names("name=other")).isEmpty();

    var path = "interceptor/yellow_cars_filter";
    fails(call("DELETE", "group/g", ""), 409, "The group is still referenced by interceptors", "");
    answers("DELETE", path, "", 204, "");
    assertThat(names("")).as("passthrough without a body").isEqualTo("02345");
    answers("DELETE", path, scopes.get(0), 204, "");
    assertThat(names("")).isEqualTo("2345");
    // As the command line does for a file whose scope has only a username.
    answers("DELETE", path, "{\"vCluster\":null,\"group\":null,\"username\":\"u\"}", 204, "");
    assertThat(names("")).isEqualTo("345");
    fails(call("DELETE", path, "{}"), 404, "The given interceptor does not exist", "passthrough");
    fails(call("DELETE", path, "[]"), 400, "The request is not valid", "a list");
  }

  @Test
  void anInterceptorWithoutAScopeIsForPassthrough() {
    var without = INTERCEPTOR.replace(",\"scope\":{\"vCluster\":\"vcluster1\"}", "");
    var stored = scoped("{\"vCluster\":\"passthrough\"}");
    answers("PUT", "interceptor", without, 200, upserted(stored, "Created"));
    answers("PUT", "interceptor", stored, 200, upserted(stored, "NotChanged"));
    answers(
        "PUT",
        "interceptor",
        without.replace("\"Interceptor\"", "\"GatewayInterceptor\""),
        200,
        upserted(stored, "NotChanged"));
    assertThat(stored).contains("${KEY}").doesNotContain("s3cret");
    fails(
        call("PUT", "interceptor", without.replace("${KEY}", "${env:NONE}")),
        400,
        "The request is not valid",
        "spec.config.key: the variable NONE is not set");
    fails(
        call("PUT", "interceptor", INTERCEPTOR),
        404,
        "The virtual cluster or the group specified in the scope does not exist",
        "vcluster1");
    fails(
        call("PUT", "interceptor", without.replace("SqlTopic", "SqlTopics")),
        400,
        "The request is not valid",
        "did you mean " + PLUGIN + "?");
  }

  @Test
  void theInterceptorsOfAClientAreResolved() {
    puts("virtual-cluster", CLUSTER);
    puts(
        "service-account",
        "{\"kind\":\"GatewayServiceAccount\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":"
            + "\"abc\",\"vCluster\":\"vcluster1\"},\"spec\":{\"type\":\"LOCAL\"}}");
    for (var group : List.of("g", "h")) {
      puts(
          "group",
          "{\"kind\":\"GatewayGroup\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":\"%s\"},"
                  .formatted(group)
              + "\"spec\":{\"members\":[%s],\"externalGroups\":[]}}"
                  .formatted(
                      group.equals("g") ? "{\"name\":\"abc\",\"vCluster\":\"vcluster1\"}" : ""));
    }
    var global = scoped("{\"vCluster\":null,\"group\":null,\"username\":null}");
    var cluster = INTERCEPTOR.replace("yellow_cars_filter", "other");
    var group = scoped("{\"vCluster\":\"vcluster1\",\"group\":\"g\"}");
    var another = scoped("{\"vCluster\":null,\"group\":\"h\"}").replace("cars_filter", "h");
    for (var one : List.of(global, cluster, group, another)) {
      puts("interceptor", one);
    }
    answers("POST", "interceptor/resolve", "{}", 200, "[" + global + "]");
    answers(
        "POST",
        "interceptor/resolve",
        "{\"vCluster\":\"vcluster1\"}",
        200,
        "[" + global + "," + cluster + "]");
    answers(
        "POST",
        "interceptor/resolve",
        "{\"vCluster\":\"vcluster1\",\"username\":\"abc\"}",
        200,
        "[" + cluster + "," + group + "]");
    answers(
        "POST",
        "interceptor/resolve",
        "{\"vCluster\":\"vcluster1\",\"groups\":[\"h\"],\"username\":\"abc\"}",
        200,
        "[" + cluster + "," + another + "," + group + "]");
    fails(
        call("POST", "interceptor/resolve", "{\"vCluster\":\"x\",\"groups\":[\"i\"]}"),
        400,
        "The request is not valid",
        "vCluster: there is no virtual cluster 'x'; groups: there is no group 'i'");
    fails(
        call("POST", "interceptor/resolve", "{\"group\":[\"h\"]}"),
        400,
        "The request is not valid",
        "there is no field 'group', did you mean groups?");
  }

  @Test
  void severalKindsAreAppliedAndDeletedTogether() {
    var all = "[" + INTERCEPTOR + "," + RULE + "," + ALIAS + "," + CLUSTER + "]";
    var applied = call("POST", "apply?label=team", all);
    assertThat(applied.statusCode()).as(applied.body()).isEqualTo(200);
    assertThat(Running.json(applied).at("/results/0/scope/vCluster").stringValue())
        .isEqualTo("vcluster1");
    var refused = call("POST", "delete", "[" + ALIAS + "," + CLUSTER + "]");
    assertThat(refused.statusCode()).isEqualTo(409);
    var pruned = call("POST", "apply?label=team&prune=true", CLUSTER);
    assertThat(Running.json(pruned).at("/results").size()).isEqualTo(4);
    answers("GET", "interceptor", "", 200, "[]");
    assertThat(call("POST", "delete", CLUSTER).statusCode()).isEqualTo(200);
    answers("GET", "virtual-cluster", "", 200, "[]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "                                      | passthrough | -    | -",
        "/global                               | -           | -    | -",
        "/group/g                              | passthrough | g    | -",
        "/username/alice                       | passthrough | -    | alice",
        "/vcluster/vcluster1                   | vcluster1   | -    | -",
        "/vcluster/vcluster1/group/g           | vcluster1   | g    | -",
        "/vcluster/vcluster1/username/CN%3Dbob | vcluster1   | -    | CN=bob",
      })
  void interceptorsOfTheOlderApiAreTheSameResources(
      @Nullable String scope, String vCluster, String group, String username) {
    puts("virtual-cluster", CLUSTER);
    call(
        "PUT",
        "group",
        "{\"kind\":\"GatewayGroup\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":\"g\"},"
            + "\"spec\":{}}");
    var path = "/admin/interceptors/v1" + (scope == null ? "" : scope);
    var one = path + "/interceptor/views";
    var body = "{\"pluginClass\":\"%s\",\"priority\":100,\"config\":{\"n\":1.0}}".formatted(PLUGIN);
    answers("POST", one, body, 200, "{\"message\":\"views is created\"}");
    answers("PUT", one, body, 200, "{\"message\":\"views is updated\"}");
    var shown =
        "{\"name\":\"views\",\"pluginClass\":\"%s\",\"priority\":100,".formatted(PLUGIN)
            + "\"timeoutMs\":9223372036854775807,\"config\":{\"n\":1.0}}";
    answers("GET", one, "", 200, shown);
    answers("PUT", one, shown, 200, "{\"message\":\"views is updated\"}");
    for (var list : List.of(path, "/admin/interceptors/v1/all")) {
      answers("GET", list, "", 200, "{\"interceptors\":[" + shown + "]}");
    }
    var listed = Running.json(call("GET", "interceptor", "")).at("/0/metadata/scope");
    assertThat(listed.path("vCluster").stringValue(null)).isEqualTo(vCluster);
    assertThat(listed.path("group").stringValue(null)).isEqualTo(group);
    assertThat(listed.path("username").stringValue(null)).isEqualTo(username);
    answers("DELETE", one, "", 204, "");
    fails(call("GET", one, ""), 404, "The given interceptor does not exist", "views");
  }

  @Test
  void tokensOfTheOlderApiMakeTheirAccounts() {
    var lifetime = "{\"lifeTimeSeconds\": 7776000}";
    var path = "/admin/vclusters/v1/vcluster/vcluster1/username/admin";
    fails(
        call("POST", path, lifetime),
        404,
        "The given service account references a non-existing virtual cluster",
        "vcluster1");
    puts("virtual-cluster", CLUSTER);
    for (var token : List.of(path, path, "/admin/username/admin")) {
      assertThat(call("POST", token, lifetime).body())
          .matches("\\{\"token\":\"[\\w-]+\\.[\\w-]+\\.[\\w-]+\"}");
    }
    assertThat(Running.json(call("GET", "service-account", "")).size()).isEqualTo(2);
    answers("GET", "/admin/vclusters/v1", "", 200, "[\"vcluster1\"]");
    fails(
        call("POST", "/admin/username/sa", "{\"lifeTimeSeconds\": 0}"),
        400,
        "The request is not valid",
        "username: 'sa' does not match ^[a-zA-Z0-9_-]{3,64}$; lifeTimeSeconds: 0 is not");
    assertThat(call("POST", "/admin/username/", lifetime).statusCode()).isEqualTo(404);
    assertThat(call("POST", "/admin/vclusters/v1/vcluster//username/abc", lifetime).statusCode())
        .isEqualTo(404);
  }

  @Test
  void userMappingsOfTheOlderApiAreExternalAccounts() {
    var created = "{\"message\":\"User mapping is created\"}";
    var path = "/admin/userMappings/v1";
    answers("POST", path, "{\"username\": \"CN=username\"}", 200, created);
    answers("GET", "service-account", "", 200, "[]");
    answers("POST", path, "{\"username\": \"alice\", \"principal\": \"8d5e86b4\"}", 200, created);
    answers(
        "GET",
        "service-account",
        "",
        200,
        "[{\"kind\":\"GatewayServiceAccount\",\"apiVersion\":\"gateway/v2\",\"metadata\":"
            + "{\"name\":\"alice\"},\"spec\":{\"type\":\"EXTERNAL\",\"externalNames\":[\"8d5e86b4\"]}}]");
    puts("virtual-cluster", CLUSTER);
    answers("POST", path + "/vcluster/vcluster1", "{\"username\": \"conduktor\"}", 200, created);
    fails(
        call("POST", path + "/vcluster/vcluster1", "{\"username\":\"a b\",\"groups\":[\"g\"]}"),
        400,
        "The request is not valid",
        "groups: ");
  }

  @ParameterizedTest
  @CsvSource({"plugin", "/admin/plugins/v1", "/admin/plugins/v1/extended"})
  void pluginsAreListed(String path) {
    answers(
        "GET",
        path,
        "",
        200,
        "[{\"plugin\":\"%s\",\"pluginId\":\"%s\",\"readme\":\"# Views\",\"title\":\"Views\",\"version\":\"1\"}]"
            .formatted(PLUGIN, PLUGIN));
  }

  @ParameterizedTest
  @CsvSource({"virtual-cluster", "alias-topic", "concentration-rule", "interceptor"})
  void whatIsNoResourceIsRefusedWithAllProblems(String path) {
    for (var body :
        List.of("1", "null", "\"x\"", "[]", "{}", "{\"kind\":{}}", "{\"metadata\":{\"name\":1}}")) {
      fails(call("PUT", path, body), 400, "The request is not valid", "");
    }
    assertThat(call("PUT", path, "{").body()).startsWith("Invalid value for: body (");
    assertThat(call("POST", path + "/x/y", "{}").statusCode()).isEqualTo(404);
  }

  @Test
  void topicsOfTheApiBeforeAreAliasesAndRules() {
    puts("virtual-cluster", CLUSTER);
    var cluster = "/admin/vclusters/v1/vcluster/vcluster1";
    var topics = cluster + "/topics";
    answers("GET", topics, "", 200, "[]");
    var shown =
        "{\"logicalTopicName\":\"orders\",\"clusterId\":\"main\",\"physicalTopicName\":\"p\","
            + "\"readOnly\":false,\"type\":\"ALIAS\"}";
    var body = "{\"physicalTopicName\":\"p\",\"readOnly\":false,\"type\":\"alias\"}";
    answers("POST", topics + "/orders", body, 200, shown);
    answers("GET", topics, "", 200, "[" + shown + "]");
    assertThat(call("GET", "alias-topic?vcluster=vcluster1", "").body()).contains("\"orders\"");
    answers(
        "POST",
        "/internal/alias-topic/vcluster1/more",
        "{\"clusterId\":\"main\",\"physicalTopicName\":\"q\"}",
        200,
        "{\"message\":\"more is created\"}");
    answers("DELETE", topics, "", 204, "");
    answers("DELETE", topics, "", 204, "");
    answers("GET", topics, "", 200, "[]");

    var rules = cluster + "/concentration-rules";
    var rule = "{\"clusterId\":\"main\",\"pattern\":\"a-.*\",\"physicalTopicName\":\"p\"}";
    var compacted = rule.replace("}", ",\"physicalTopicCompactedName\":\"c\"}");
    answers("POST", rules, compacted, 200, rule);
    answers("POST", rules, compacted, 200, rule);
    answers("GET", rules, "", 200, "[" + rule + "]");
    assertThat(call("GET", "concentration-rule?vcluster=vcluster1", "").body())
        .contains("\"compact\":\"c\"");
    answers("DELETE", rules, "", 204, "");
    answers("GET", rules, "", 200, "[]");
  }

  @Test
  void badTopicsOfTheApiBeforeAreRefused() {
    puts("virtual-cluster", CLUSTER);
    var topics = "/admin/vclusters/v1/vcluster/vcluster1/topics/orders";
    var invalid = "The request is not valid";
    fails(call("POST", topics, "{}"), 400, invalid, "physicalTopicName");
    fails(
        call(
            "POST",
            topics,
            "{\"physicalTopicName\":\"p\",\"type\":\"concentrated\",\"readOnly\":true}"),
        400,
        invalid,
        "type: only alias topics are made here");
    fails(
        call("POST", topics, "{\"physicalTopicName\":\"p\",\"concentrated\":true}"),
        400,
        invalid,
        "concentrated: only alias topics");
    fails(call("POST", topics, "{\"physicalTopicNam\":\"p\"}"), 400, invalid, "physicalTopicName");
    var rules = "/admin/vclusters/v1/vcluster/vcluster1/concentration-rules";
    fails(call("POST", rules, "{\"pattern\":\"(\"}"), 400, invalid, "not a regular expression");
    for (var path : List.of(topics.replace("/orders", ""), rules)) {
      var other = path.replace("vcluster1", "none");
      for (var method : List.of("GET", "DELETE")) {
        assertThat(call(method, other, "").statusCode()).as(path).isEqualTo(404);
      }
    }
    assertThat(call("GET", topics, "").statusCode()).isEqualTo(405);
  }
}
