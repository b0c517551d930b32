package io.gatehouse.http;

import io.gatehouse.auth.User;
import io.gatehouse.control.Administration.Upsert;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.kind.Interceptor;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Plugin;
import io.gatehouse.control.kind.Scope;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.TokenRequest;
import io.gatehouse.control.kind.VirtualCluster;
import io.helidon.http.Method;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Calls of Conduktor Gateway's API before {@code gateway/v2}. They have the same resources. */
final class LegacyRoutes {

  /** The paths below which there are such calls. */
  static final List<String> PATHS =
      List.of(
          "/admin/interceptors",
          "/admin/pclusters",
          "/admin/plugins",
          "/admin/userMappings",
          "/admin/username",
          "/admin/vclusters",
          "/internal/alias-topic");

  private static final String INTERCEPTORS = "admin/interceptors/v1";

  private LegacyRoutes() {}

  static void addTo(ControlRoutes routes) {
    on(routes, Method.POST, "admin/username/{user}", LegacyRoutes::token);
    on(
        routes,
        Method.POST,
        "admin/vclusters/v1/vcluster/{vcluster}/username/{user}",
        LegacyRoutes::token);
    on(routes, Method.GET, "admin/vclusters/v1", LegacyRoutes::clusters);
    on(routes, Method.POST, "admin/userMappings/v1", LegacyRoutes::mapping);
    on(routes, Method.POST, "admin/userMappings/v1/vcluster/{vcluster}", LegacyRoutes::mapping);
    on(routes, Method.GET, INTERCEPTORS + "/all", call -> interceptors(call, _ -> true));
    for (var scope :
        List.of(
            "",
            "/global",
            "/group/{group}",
            "/username/{username}",
            "/vcluster/{vcluster}",
            "/vcluster/{vcluster}/group/{group}",
            "/vcluster/{vcluster}/username/{username}")) {
      var global = scope.equals("/global");
      on(
          routes,
          Method.GET,
          INTERCEPTORS + scope,
          call -> interceptors(call, scope(call, global)::equals));
      var one = INTERCEPTORS + scope + "/interceptor/{name}";
      for (var method : List.of(Method.POST, Method.PUT)) {
        on(routes, method, one, call -> put(call, scope(call, global)));
      }
      on(
          routes,
          Method.GET,
          one,
          call ->
              Reply.ok(
                  ((Interceptor) call.administration().get(key(call, global))).legacyDocument()));
      on(routes, Method.DELETE, one, call -> routes.delete(call, key(call, global)));
    }
    on(routes, Method.GET, "admin/plugins/v1", LegacyRoutes::plugins);
    on(routes, Method.GET, "admin/plugins/v1/extended", LegacyRoutes::plugins);
  }

  private static void on(
      ControlRoutes routes, Method method, String path, ControlRoutes.Action action) {
    routes.onPath(method, path, ControlRoutes.NONE, ControlRoutes.Callers.OF_RESOURCES, action);
  }

  private static String cluster(Call call) {
    return call.path("vcluster").isEmpty() ? Key.PASSTHROUGH : call.path("vcluster");
  }

  private static Scope scope(Call call, boolean global) {
    return global
        ? Scope.GLOBAL
        : new Scope(cluster(call), orNull(call.path("group")), orNull(call.path("username")));
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static Key key(Call call, boolean global) {
    return Key.of(call.path("name"), scope(call, global));
  }

  /** Creates the account if there is none, as that API does, but not the virtual cluster. */
  private static Reply token(Call call) throws Refusal, InvalidException, MalformedException {
    var account = new User(cluster(call), call.path("user"));
    var request = TokenRequest.readLegacy(account, call.document());
    if (!call.administration().has(new Key(Kind.SERVICE_ACCOUNT, account))) {
      call.administration()
          .put(new ServiceAccount(account, ServiceAccount.Type.LOCAL, List.of()), false);
    }
    return Reply.ok(Json.object("token", call.administration().issue(request).token().reveal()));
  }

  private static Reply clusters(Call call) {
    return Reply.ok(
        call.administration().list(VirtualCluster.class).map(VirtualCluster::name).toList());
  }

  private static Reply mapping(Call call) throws Refusal, InvalidException, MalformedException {
    var account = ServiceAccount.readMapping(cluster(call), call.document());
    if (account != null) {
      call.administration().put(account, false);
    }
    return message("User mapping is created");
  }

  private static Reply put(Call call, Scope scope)
      throws Refusal, InvalidException, MalformedException {
    var interceptor = Interceptor.readLegacy(call.path("name"), scope, call.document());
    var created = call.administration().put(interceptor, false) == Upsert.CREATED;
    return message(interceptor.name() + (created ? " is created" : " is updated"));
  }

  private static Reply message(String text) {
    return Reply.ok(Json.object("message", text));
  }

  private static Reply interceptors(Call call, Predicate<Scope> filter) {
    return Reply.ok(
        Json.object(
            "interceptors",
            call.administration()
                .list(Interceptor.class)
                .filter(one -> filter.test(one.scope()))
                .map(Interceptor::legacyDocument)
                .toList()));
  }

  private static Reply plugins(Call call) {
    return Reply.ok(call.administration().plugins().stream().map(Plugin::document).toList());
  }
}
