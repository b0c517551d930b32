package io.gatehouse.http;

import io.gatehouse.control.Refusal;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.kind.Interceptor;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Plugin;
import io.gatehouse.control.kind.ResolveRequest;
import io.gatehouse.control.kind.Scope;
import io.helidon.http.Method;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Interceptors and the plugins that they are made of. */
final class InterceptorRoutes {

  private InterceptorRoutes() {}

  static void addTo(ControlRoutes routes) {
    routes.onResources(
        Method.GET,
        "interceptor",
        Set.of("name", "global", "vcluster", "group", "username"),
        InterceptorRoutes::list);
    routes.put(Kind.INTERCEPTOR, Interceptor::read);
    routes.onResources(
        Method.DELETE,
        "interceptor/{name}",
        ControlRoutes.FORCE,
        call -> routes.delete(call, key(call)));
    routes.onResources(
        Method.POST, "interceptor/resolve", ControlRoutes.NONE, InterceptorRoutes::resolve);
    routes.onResources(
        Method.GET,
        "plugin",
        ControlRoutes.NONE,
        call -> Reply.ok(call.administration().plugins().stream().map(Plugin::document).toList()));
  }

  private static Reply list(Call call) {
    var global = call.flag("global");
    var name = call.query("name");
    var cluster = call.query("vcluster");
    var group = call.query("group");
    var username = call.query("username");
    return Reply.of(
        call.administration()
            .list(Interceptor.class)
            .filter(one -> !global || one.scope().equals(Scope.GLOBAL))
            .filter(one -> isAsked(name, one.name()))
            .filter(one -> isAsked(cluster, one.scope().vCluster()))
            .filter(one -> isAsked(group, one.scope().group()))
            .filter(one -> isAsked(username, one.scope().username())),
        true);
  }

  private static boolean isAsked(@Nullable String filter, @Nullable String value) {
    return filter == null || filter.equals(value);
  }

  /**
   * Without a body, the scope is that of interceptors that name none. Conduktor's command line
   * sends null for the virtual cluster of a file that has none. So for a group or a username, null
   * also stands for passthrough, if that is the interceptor there is.
   */
  private static Key key(Call call) throws InvalidException, MalformedException {
    var body = call.hasBody() ? call.document() : null;
    var scope =
        body == null || body instanceof Value.Nothing ? Scope.PASSTHROUGH : Scope.read(body);
    var key = Key.of(call.path("name"), scope);
    return scope.vCluster() == null
            && !scope.equals(Scope.GLOBAL)
            && !call.administration().has(key)
        ? Key.of(call.path("name"), new Scope(Key.PASSTHROUGH, scope.group(), scope.username()))
        : key;
  }

  private static Reply resolve(Call call) throws Refusal, InvalidException, MalformedException {
    return Reply.ok(
        call.administration().resolve(ResolveRequest.read(call.document())).stream()
            .map(one -> one.document(true))
            .toList());
  }
}
