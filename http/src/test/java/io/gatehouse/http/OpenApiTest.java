package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.control.Administration;
import io.gatehouse.control.Capabilities;
import io.gatehouse.control.doc.Substitution;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Plugin;
import io.gatehouse.control.node.NodeInfo;
import io.gatehouse.control.node.NodeState;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.acl.Acls;
import io.helidon.http.Method;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The OpenAPI document describes each operation as it is, and the page needs only this server. */
class OpenApiTest {
  private static final String ADMIN =
      "Basic " + Base64.getEncoder().encodeToString("admin:pw".getBytes(UTF_8));
  private static final Set<String> METHODS = Set.of("get", "put", "post", "delete");
  private static final Map<String, String> NAMES =
      Map.of("vCluster", "team-a", "name", "limit", "jti", "some-id");
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final Pool POOL = new Pool();

  private static Running running;
  private static ControlRoutes routes;
  private static JsonNode document;

  private record Operation(String path, String method, JsonNode described) {
    /** Resources before what refers to them, and deletions last, in the opposite order. */
    int rank() {
      var kind =
          List.of("virtual", "alias", "concentration", "service-account", "group", "interceptor")
              .stream()
              .filter(path::contains)
              .map(
                  List.of(
                          "virtual",
                          "alias",
                          "concentration",
                          "service-account",
                          "group",
                          "interceptor")
                      ::indexOf)
              .findFirst()
              .orElse(9);
      return switch (method) {
        case "put" -> path.endsWith("/password") ? 50 : kind;
        case "delete" -> 1000 - kind - (path.endsWith("/password") ? 100 : 0);
        case "post" -> path.endsWith("/delete") ? 2000 : 100 + path.length();
        default -> 300;
      };
    }
  }

  private static final class TwoClusters implements Failover {
    private String active = "main";

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
      return List.of("the topic orders is missing");
    }
  }

  @BeforeAll
  static void start() throws Exception {
    Store store = POOL.leases().get(new StoreSettings.Memory());
    var capabilities =
        new Capabilities(
            EnumSet.allOf(Kind.class),
            List.of(new Plugin("com.example.Limit", "# Limit", Map.of("title", "Limit"))),
            Set.of("main"),
            Substitution.ofResources(Map.of()));
    var administration = new Administration(store, new AllLogins(), capabilities);
    Reloading reloading = () -> new Reloading.Result(List.of("a changed"), List.of(), List.of());
    var node =
        new NodeState(
            new NodeInfo("a", java.time.Instant.EPOCH, null, "1.0", Map.of("main", "a:9092")),
            true,
            null);
    var failover = new TwoClusters();
    routes =
        new ControlRoutes(
            administration,
            new GatewayControls(reloading, () -> List.of(node), failover, Acls.NONE));
    running =
        Running.usual(
            new DocsRoutes(),
            new ControlApi(
                () -> administration,
                new GatewayControls(reloading, () -> List.of(node), failover, Acls.NONE),
                new AdminUsers(
                    UserSettings.of(List.of(new AdminUser("admin", new Secret("pw"), true))),
                    POOL.leases())));
    var yaml = new Load(LoadSettings.builder().build());
    document =
        Running.JSON.valueToTree(yaml.loadFromString(running.get(DocsRoutes.DOCUMENT).body()));
  }

  @AfterAll
  static void stop() {
    running.close();
    POOL.close();
  }

  private static List<Operation> described() {
    var all = new ArrayList<Operation>();
    document
        .get("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(method -> {
                  assertThat(METHODS).contains(method.getKey());
                  all.add(new Operation(path.getKey(), method.getKey(), method.getValue()));
                }));
    return all;
  }

  private static JsonNode resolved(JsonNode node) {
    var ref = node.path("$ref").stringValue("");
    return ref.isEmpty() ? node : document.at(ref.substring(1));
  }

  @Test
  void describesEachOperationAndNoOther() {
    var documented = new TreeSet<String>();
    for (var operation : described()) {
      var parameters = new TreeSet<String>();
      operation
          .described
          .path("parameters")
          .forEach(one -> {
            if (resolved(one).get("in").stringValue().equals("query")) {
              parameters.add(resolved(one).get("name").stringValue());
            }
          });
      documented.add(
          operation.method.toUpperCase(Locale.ROOT) + " " + operation.path + " " + parameters);
    }
    var existing = new TreeSet<String>();
    existing.add("GET " + DocsRoutes.DOCUMENT + " []");
    for (var operation : routes.operations()) {
      var path = "/" + String.join("/", operation.path());
      if (path.startsWith(ControlApi.BASE + "/")) {
        existing.add(
            operation.method().text() + " " + path + " " + new TreeSet<>(operation.query()));
      }
    }
    assertThat(documented)
        .as("paths of http/src/main/resources/io/gatehouse/http/openapi.yaml")
        .isEqualTo(existing);
  }

  @Test
  void hasTheMarksOfTheCommandLine() {
    var names = new HashSet<String>();
    for (var operation : described()) {
      assertThat(names.add(operation.described.get("operationId").stringValue())).isTrue();
      var tag = operation.described.at("/tags/0").stringValue();
      if (operation.method.equals("put") && !operation.path.endsWith("/password")) {
        assertThat(tag).matches("cli_[a-z-]+_gateway_v2_(7|8|9|10|11|12)");
      }
    }
    var token = document.at("/paths/~1gateway~1v2~1token/post");
    assertThat(token.get("x-cdk-run-name").stringValue()).isEqualTo("generateServiceAccountToken");
    assertThat(token.get("x-cdk-run-version").stringValue()).isEqualTo("1");
  }

  private static void conforms(String what, JsonNode schema, JsonNode body) {
    var whole = (ObjectNode) schema.deepCopy();
    whole.set("components", document.get("components"));
    assertThat(SCHEMAS.getSchema(whole).validate(body)).as("%s: %s", what, body).isEmpty();
  }

  @Test
  void eachOperationTakesAndAnswersWhatItSays() {
    var ordered = new ArrayList<>(described());
    ordered.sort(Comparator.comparingInt(Operation::rank));
    for (var operation : ordered) {
      replay(operation);
    }
  }

  private static boolean hasDryRun(Operation operation) {
    for (var parameter : operation.described.path("parameters")) {
      if (resolved(parameter).get("name").stringValue().equals("dryMode")) {
        return true;
      }
    }
    return false;
  }

  private static void replay(Operation operation) {
    var what = operation.method + " " + operation.path;
    var path =
        operation
            .path
            .replace("/group/{name}", "/group/billing")
            .replace("/cluster/{name}", "/cluster/main");
    for (var name : NAMES.entrySet()) {
      path = path.replace("{" + name.getKey() + "}", name.getValue());
    }
    if (path.endsWith("/switch")) {
      path += "?to=other";
    } else if (path.endsWith("/watch")) {
      path += "?from=0&seconds=1";
    } else if (path.endsWith("/acl/explain")) {
      path += "?username=alice&operation=READ&resourceType=TOPIC&name=orders&host=10.0.0.1";
    }
    var media = operation.described.at("/requestBody/content/application~1json");
    var body = "";
    if (!media.isMissingNode()) {
      conforms(what, media.get("schema"), media.get("example"));
      // The example of each deletion is about what the examples of creations have created.
      body = media.get("example").toString();
      if (operation.method.equals("delete")
          && path.matches(".*/(alias-topic|concentration-rule)")) {
        body = body.replace("\"orders\"", path.endsWith("rule") ? "\"small\"" : "\"orders\"");
        body = body.replace("}", ",\"vCluster\":\"team-a\"}");
      }
    }
    if (path.endsWith("/delete")) { // other calls have deleted it
      assertThat(send("post", path.replace("/delete", "/apply"), body).statusCode()).isEqualTo(200);
    }
    if (hasDryRun(operation)) {
      var dry =
          send(operation.method, path + (path.contains("?") ? "&" : "?") + "dryMode=true", body);
      assertThat(dry.statusCode()).as("%s: %s", what, dry.body()).isEqualTo(200);
      conforms(what, dry, operation);
    }
    var answer = send(operation.method, path, body);
    assertThat(answer.statusCode()).as("%s: %s", what, answer.body()).isIn(200, 204);
    conforms(what, answer, operation);
  }

  private static HttpResponse<String> send(String method, String path, String body) {
    return running.send(
        running
            .request(path)
            .header("Authorization", ADMIN)
            .header("Content-Type", "application/json")
            .method(method.toUpperCase(Locale.ROOT), BodyPublishers.ofString(body))
            .build());
  }

  private static void conforms(String what, HttpResponse<String> answer, Operation operation) {
    var described = resolved(operation.described.at("/responses/" + answer.statusCode()));
    assertThat(described.isMissingNode()).as("%s: %s", what, answer.statusCode()).isFalse();
    var schema = described.at("/content/application~1json/schema");
    if (!described.at("/content/text~1event-stream").isMissingNode()) {
      var change = document.at("/components/schemas/Change");
      var changes = Pattern.compile("event: change\ndata: (.*)\n\n").matcher(answer.body());
      assertThat(changes.results().map(one -> Running.JSON.readTree(one.group(1))))
          .hasSizeGreaterThan(5)
          .allSatisfy(one -> conforms(what, change, one));
    } else if (answer.body().isEmpty()) {
      assertThat(schema.isMissingNode()).as(what).isTrue();
    } else if (!operation.path.equals(DocsRoutes.DOCUMENT)) {
      conforms(what, schema, Running.json(answer));
    }
  }

  @Test
  void refusalsConform() {
    for (var operation : described()) {
      if (operation.path.equals(DocsRoutes.DOCUMENT)) {
        continue;
      }
      var method = operation.method.toUpperCase(Locale.ROOT);
      var path = operation.path.replaceAll("[{}]", "");
      var unknown =
          running.send(running.request(path).method(method, BodyPublishers.noBody()).build());
      if (unknown.statusCode() == 401) {
        conforms(operation.path, unknown, operation);
      }
      assertThat(unknown.statusCode()).isIn(401, 429);
    }
  }

  @Test
  void thePageNeedsOnlyThisServer() {
    var page = running.get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .startsWith("default-src 'none'; script-src 'self';")
        .doesNotContain("http", "unsafe-eval");
    var references =
        Pattern.compile("(?:src|href)=\"([^\"]*)\"").matcher(page.body()).results().toList();
    assertThat(references).hasSizeGreaterThanOrEqualTo(4);
    for (var reference : references) {
      if (!reference.group(1).equals("data:,")) {
        assertThat(reference.group(1)).startsWith("/ui/");
        var file = running.get(reference.group(1));
        assertThat(file.statusCode()).as(reference.group(1)).isEqualTo(200);
        assertThat(file.body()).isNotEmpty();
        assertThat(file.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
      }
    }
    assertThat(running.get("/ui/page.js").body())
        .contains(DocsRoutes.DOCUMENT, "validatorUrl: null");
    assertThat(running.get("/ui/swagger-ui.js").statusCode()).isEqualTo(404);
    assertThat(running.method(Method.POST.text(), "/").statusCode()).isEqualTo(405);
  }
}
