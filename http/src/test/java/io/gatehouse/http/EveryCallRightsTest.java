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
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Plugin;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.acl.Acls;
import io.helidon.http.Method;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;

/** Each call there is, by users who may not make it, with a body that an admin could send. */
class EveryCallRightsTest {
  private static final AdminUser.Proofs PASSWORD =
      new AdminUser.Proofs(PasswordHash.ofPlain(new Secret("pw")), null, null);

  /** What a user may always call, and gets nothing from without rights. */
  private static final Set<String> EMPTY = Set.of("[]", "{\"interceptors\":[]}");

  private static final String INTERCEPTOR =
      "{\"pluginClass\":\"com.example.Limit\",\"priority\":1,\"config\":{}}";

  private final Pool pool = new Pool();
  private final AtomicInteger calledOfGateway = new AtomicInteger();
  private Store store;
  private Running running;
  private ControlRoutes routes;
  private JsonNode document;

  private final class CountedFailover implements Failover {
    @Override
    public List<State> states() {
      calledOfGateway.incrementAndGet();
      return List.of(new State("main", "other", "main", 1));
    }

    @Override
    public void switchTo(String cluster, String to) {
      calledOfGateway.incrementAndGet();
    }

    @Override
    public List<String> missing(String cluster, String to) {
      calledOfGateway.incrementAndGet();
      return List.of("the topic orders is missing");
    }
  }

  @BeforeEach
  void start() throws Exception {
    store = pool.leases().get(new StoreSettings.Memory());
    var capabilities =
        new Capabilities(
            EnumSet.allOf(Kind.class),
            List.of(new Plugin("com.example.Limit", "# Limit", Map.of())),
            Set.of("main"),
            Substitution.ofResources(Map.of()));
    var administration = new Administration(store, new AllLogins(), capabilities);
    var failover = new CountedFailover();
    Reloading reloading =
        () -> {
          calledOfGateway.incrementAndGet();
          return new Reloading.Result(List.of(), List.of(), List.of());
        };
    routes =
        new ControlRoutes(
            administration, new GatewayControls(reloading, List::of, failover, Acls.NONE));
    var users =
        List.of(
            new AdminUser("admin", PASSWORD, Rights.ADMIN),
            new AdminUser("reader", PASSWORD, Rights.READER),
            new AdminUser("nothing", PASSWORD, new Rights(false, List.of())));
    running =
        Running.usual(
            new DocsRoutes(),
            new ControlApi(
                () -> administration,
                new GatewayControls(
                    reloading,
                    () -> {
                      calledOfGateway.incrementAndGet();
                      return List.of();
                    },
                    failover,
                    Acls.NONE),
                new AdminUsers(UserSettings.of(users), pool.leases())));
    var yaml = new Load(LoadSettings.builder().build());
    document =
        Running.JSON.valueToTree(yaml.loadFromString(running.get(DocsRoutes.DOCUMENT).body()));
    for (var kind :
        List.of(
            "virtual-cluster",
            "alias-topic",
            "concentration-rule",
            "service-account",
            "group",
            "interceptor")) {
      var put = call("admin", "PUT", "/gateway/v2/" + kind, example("/gateway/v2/" + kind, "put"));
      assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
    }
  }

  @AfterEach
  void stop() {
    running.close();
    pool.close();
  }

  private String example(String path, String method) {
    var example =
        document
            .at("/paths/" + path.replace("~", "~0").replace("/", "~1") + "/" + method)
            .at("/requestBody/content/application~1json/example");
    return example.isMissingNode() ? "" : example.toString();
  }

  private HttpResponse<String> call(String user, String method, String path, String body) {
    var credentials = Base64.getEncoder().encodeToString((user + ":pw").getBytes(UTF_8));
    return running.send(
        running
            .request(path)
            .header("Authorization", "Basic " + credentials)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build());
  }

  private HttpResponse<String> call(String user, ControlRoutes.Operation operation) {
    var template = "/" + String.join("/", operation.path());
    var path =
        template
            .replace("{vCluster}", "team-a")
            .replace("{vcluster}", "team-a")
            .replace("interceptor/{name}", "interceptor/limit")
            .replace("cluster/{name}", "cluster/main")
            .replace("/{name}", "/billing")
            .replaceAll("[{}]", "");
    var method = operation.method().text();
    var body = example(template, method.toLowerCase(java.util.Locale.ROOT));
    if (path.startsWith("/admin/interceptors") && !operation.method().equals(Method.GET)) {
      body = INTERCEPTOR;
    } else if (path.contains("/userMappings/")) {
      body = "{\"username\":\"someone\",\"principal\":\"p\",\"groups\":[]}";
    } else if (path.contains("/topics/") || path.startsWith("/internal/alias-topic/")) {
      body = "{\"physicalTopicName\":\"p\",\"readOnly\":false,\"type\":\"alias\"}";
    } else if (path.endsWith("/concentration-rules")) {
      body = "{\"pattern\":\"a-.*\",\"physicalTopicName\":\"p\"}";
    } else if (path.contains("/username/") && operation.method().equals(Method.POST)) {
      body = "{\"lifeTimeSeconds\":60}";
    }
    var query =
        path.endsWith("/switch")
            ? "?to=other"
            : path.endsWith("/watch")
                ? "?from=0&seconds=1"
                : path.endsWith("/acl/explain")
                    ? "?username=a&operation=READ&resourceType=TOPIC&name=t"
                    : "";
    return call(user, method, path + query, body);
  }

  @Test
  void whoHasNoRightsDoesNothingAndSeesNothing() {
    for (var operation : routes.operations()) {
      var revision = store.current().revision();
      var answer = call("nothing", operation);
      var what = operation.method().text() + " " + operation.path() + ": " + answer.body();
      if (answer.statusCode() == 200 && isOfPlugins(operation)) {
        continue;
      }
      if (operation.path().getLast().equals("history")) {
        assertThat(answer.body()).as(what).endsWith("\"changes\":[]}");
      } else if (operation.path().getLast().equals("watch")) {
        assertThat(answer.body()).as(what).contains("event: end").doesNotContain("event: change");
      } else if (answer.statusCode() == 200) {
        assertThat(answer.body()).as(what).isIn(EMPTY);
      } else if (answer.statusCode() == 204) {
        // All that the user sees is deleted, which is nothing.
        assertThat(operation.path().getLast()).isIn("topics", "concentration-rules");
      } else {
        assertThat(answer.statusCode()).as(what).isEqualTo(403);
      }
      assertThat(store.current().revision()).as(what).isEqualTo(revision);
      assertThat(calledOfGateway).as(what).hasValue(0);
    }
  }

  /** What the gateway can be made to do is no secret. */
  private static boolean isOfPlugins(ControlRoutes.Operation operation) {
    return operation.path().contains("plugin") || operation.path().contains("plugins");
  }

  @Test
  void whoMayReadChangesNothing() {
    for (var operation : routes.operations()) {
      var revision = store.current().revision();
      calledOfGateway.set(0);
      var answer = call("reader", operation);
      var what = operation.method().text() + " " + operation.path() + ": " + answer.body();
      if (operation.method().equals(Method.GET) && !operation.path().getLast().equals("state")) {
        assertThat(answer.statusCode()).as(what).isIn(200, 404);
        if (operation.path().getLast().matches("history|watch")) {
          assertThat(answer.body()).as(what).contains("billing", "\"by\":\"admin\"");
        }
      } else if (operation.path().getLast().equals("resolve")) {
        assertThat(answer.statusCode()).as(what).isEqualTo(200);
      } else {
        assertThat(answer.statusCode()).as(what).isEqualTo(403);
        assertThat(calledOfGateway).as(what).hasValue(0);
      }
      assertThat(store.current().revision()).as(what).isEqualTo(revision);
    }
  }
}
