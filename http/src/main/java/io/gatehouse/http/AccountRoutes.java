package io.gatehouse.http;

import io.gatehouse.control.Refusal;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.TokenRequest;
import io.helidon.http.Method;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Service accounts, their tokens, and groups of them. */
final class AccountRoutes {
  private static final Pattern TOKEN_ID = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

  private AccountRoutes() {}

  static void addTo(ControlRoutes routes) {
    routes.onResources(Method.POST, "token", ControlRoutes.NONE, AccountRoutes::issueToken);
    routes.onResources(Method.DELETE, "token", ControlRoutes.NONE, AccountRoutes::revokeTokens);
    routes.onResources(
        Method.DELETE, "token/{jti}", ControlRoutes.NONE, AccountRoutes::revokeToken);
    routes.onResources(
        Method.GET,
        "service-account",
        Set.of("vcluster", "name", "type", "showDefaults"),
        AccountRoutes::accounts);
    routes.put(Kind.SERVICE_ACCOUNT, ServiceAccount::read);
    routes.onResources(
        Method.DELETE,
        "service-account",
        ControlRoutes.FORCE,
        call ->
            routes.delete(
                call, new Key(Kind.SERVICE_ACCOUNT, ServiceAccount.readId(call.document()))));
    routes.onResources(Method.GET, "group", Set.of("showDefaults"), AccountRoutes::groups);
    routes.put(Kind.GROUP, Group::read);
    routes.onResources(Method.GET, "group/{name}", Set.of("showDefaults"), AccountRoutes::group);
    routes.onResources(
        Method.DELETE,
        "group/{name}",
        ControlRoutes.FORCE,
        call -> routes.delete(call, Key.of(Kind.GROUP, call.path("name"))));
  }

  private static Reply issueToken(Call call) throws Refusal, InvalidException, MalformedException {
    var issued = call.administration().issue(TokenRequest.read(call.document()));
    return Reply.ok(Json.object("token", issued.token().reveal()));
  }

  /** Revokes one token by its jti. Not in Conduktor Gateway. */
  private static Reply revokeToken(Call call) throws Refusal {
    var id = call.path("jti");
    if (!TOKEN_ID.matcher(id).matches()) {
      return Reply.invalid("%s is no id of a token (jti)".formatted(Value.Text.quoted(id)));
    }
    call.administration().revokeToken(id);
    return Reply.NOTHING;
  }

  /** Revokes all tokens of an account. Not in Conduktor Gateway. */
  private static Reply revokeTokens(Call call)
      throws Refusal, InvalidException, MalformedException {
    call.administration().revokeTokens(ServiceAccount.readId(call.document()));
    return Reply.NOTHING;
  }

  private static Reply accounts(Call call) {
    var defaults = call.flag("showDefaults");
    var cluster = call.query("vcluster");
    var name = call.query("name");
    var type = call.query("type");
    if (type != null && !isType(type)) {
      return Reply.invalid(
          "type: %s is not one of LOCAL, EXTERNAL".formatted(Value.Text.quoted(type)));
    }
    return Reply.of(
        call.administration()
            .list(ServiceAccount.class)
            .filter(account -> cluster == null || cluster.equals(account.id().tenant()))
            .filter(account -> name == null || name.equals(account.id().name()))
            .filter(account -> type == null || type.equalsIgnoreCase(account.type().name())),
        defaults);
  }

  private static boolean isType(String text) {
    return List.of(ServiceAccount.Type.values()).stream()
        .anyMatch(type -> type.name().equalsIgnoreCase(text));
  }

  private static Reply groups(Call call) {
    return Reply.of(call.administration().list(Group.class), call.flag("showDefaults"));
  }

  private static Reply group(Call call) throws Refusal {
    var defaults = call.flag("showDefaults");
    return Reply.of(call.administration().get(Key.of(Kind.GROUP, call.path("name"))), defaults);
  }
}
