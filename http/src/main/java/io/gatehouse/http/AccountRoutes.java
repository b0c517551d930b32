package io.gatehouse.http;

import io.gatehouse.control.Administration;
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
record AccountRoutes(Administration administration) {
  private static final Pattern TOKEN_ID = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

  void addTo(ControlRoutes routes) {
    routes.on(Method.POST, "token", ControlRoutes.NONE, this::issueToken);
    routes.on(Method.DELETE, "token", ControlRoutes.NONE, this::revokeTokens);
    routes.on(Method.DELETE, "token/{jti}", ControlRoutes.NONE, this::revokeToken);
    routes.on(
        Method.GET,
        "service-account",
        Set.of("vcluster", "name", "type", "showDefaults"),
        this::accounts);
    routes.put(Kind.SERVICE_ACCOUNT, ServiceAccount::read);
    routes.on(
        Method.DELETE,
        "service-account",
        ControlRoutes.FORCE,
        call ->
            routes.delete(
                call, new Key(Kind.SERVICE_ACCOUNT, ServiceAccount.readId(call.document()))));
    routes.on(Method.GET, "group", Set.of("showDefaults"), this::groups);
    routes.put(Kind.GROUP, Group::read);
    routes.on(Method.GET, "group/{name}", Set.of("showDefaults"), this::group);
    routes.on(
        Method.DELETE,
        "group/{name}",
        ControlRoutes.FORCE,
        call -> routes.delete(call, Key.of(Kind.GROUP, call.path("name"))));
  }

  private Reply issueToken(Call call) throws Refusal, InvalidException, MalformedException {
    var issued = administration.issue(TokenRequest.read(call.document()));
    return Reply.ok(Json.object("token", issued.token().reveal()));
  }

  /** Revokes one token by its jti. Not in Conduktor Gateway. */
  private Reply revokeToken(Call call) throws Refusal {
    var id = call.path("jti");
    if (!TOKEN_ID.matcher(id).matches()) {
      return Reply.invalid("%s is no id of a token (jti)".formatted(Value.Text.quoted(id)));
    }
    administration.revokeToken(id);
    return Reply.NOTHING;
  }

  /** Revokes all tokens of an account. Not in Conduktor Gateway. */
  private Reply revokeTokens(Call call) throws Refusal, InvalidException, MalformedException {
    administration.revokeTokens(ServiceAccount.readId(call.document()));
    return Reply.NOTHING;
  }

  private Reply accounts(Call call) {
    var defaults = call.flag("showDefaults");
    var cluster = call.query("vcluster");
    var name = call.query("name");
    var type = call.query("type");
    if (type != null && !isType(type)) {
      return Reply.invalid(
          "type: %s is not one of LOCAL, EXTERNAL".formatted(Value.Text.quoted(type)));
    }
    return Reply.ok(
        administration
            .list(ServiceAccount.class)
            .filter(account -> cluster == null || cluster.equals(account.id().tenant()))
            .filter(account -> name == null || name.equals(account.id().name()))
            .filter(account -> type == null || type.equalsIgnoreCase(account.type().name()))
            .map(account -> account.document(defaults))
            .toList());
  }

  private static boolean isType(String text) {
    return List.of(ServiceAccount.Type.values()).stream()
        .anyMatch(type -> type.name().equalsIgnoreCase(text));
  }

  private Reply groups(Call call) {
    var defaults = call.flag("showDefaults");
    return Reply.ok(
        administration.list(Group.class).map(group -> group.document(defaults)).toList());
  }

  private Reply group(Call call) throws Refusal {
    var defaults = call.flag("showDefaults");
    return Reply.ok(administration.get(Key.of(Kind.GROUP, call.path("name"))).document(defaults));
  }
}
