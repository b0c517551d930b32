package io.gatehouse.http;

import io.gatehouse.control.Administration;
import io.gatehouse.control.Batch;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.TokenRequest;
import io.helidon.http.Method;
import io.helidon.http.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The operations of the admin API: those of Conduktor Gateway and a few more (docs/accounts.md).
 * Loaded at the first use of the API.
 */
final class ControlRoutes {
  private static final Pattern TOKEN_ID = Pattern.compile("[a-zA-Z0-9_-]{1,64}");
  private static final Set<String> NONE = Set.of();
  private static final Set<String> FORCE = Set.of("force");
  private static final Set<String> DRY = Set.of("dryMode", "force");
  private static final Set<String> FILTERS = Set.of("vcluster", "name", "showDefaults");

  private final Administration administration;
  private final Reloading configuration;
  private final List<Operation> operations = new ArrayList<>();

  /** Performs a call. */
  private interface Action {
    Reply act(Call call) throws Refusal, InvalidException, MalformedException;
  }

  /**
   * One call of the API.
   *
   * @param path its segments; one in braces stands for any
   * @param query the parameters it has
   * @param changes whether the user must be allowed to change things
   */
  private record Operation(
      Method method, List<String> path, Set<String> query, boolean changes, Action action) {

    /** The values of the path's parameters, or null if it is not this path. */
    @Nullable Map<String, String> match(List<String> given) {
      if (given.size() != path.size()) {
        return null;
      }
      var values = new HashMap<String, String>();
      for (int i = 0; i < path.size(); i++) {
        var segment = path.get(i);
        if (segment.startsWith("{")) {
          values.put(segment.substring(1, segment.length() - 1), given.get(i));
        } else if (!segment.equals(given.get(i))) {
          return null;
        }
      }
      return values;
    }
  }

  ControlRoutes(Administration administration, Reloading configuration) {
    this.administration = administration;
    this.configuration = configuration;
    on(Method.POST, "reload", NONE, _ -> reload());
    on(Method.POST, "token", NONE, this::issueToken);
    on(Method.DELETE, "token", NONE, this::revokeTokens);
    on(Method.DELETE, "token/{jti}", NONE, this::revokeToken);
    on(
        Method.GET,
        "service-account",
        Set.of("vcluster", "name", "type", "showDefaults"),
        this::accounts);
    on(Method.PUT, "service-account", DRY, this::putAccount);
    on(Method.DELETE, "service-account", FORCE, this::deleteAccount);
    on(Method.GET, "group", Set.of("showDefaults"), this::groups);
    on(Method.PUT, "group", DRY, this::putGroup);
    on(Method.GET, "group/{name}", Set.of("showDefaults"), this::group);
    on(Method.DELETE, "group/{name}", FORCE, this::deleteGroup);
    var batches = new BatchCalls(administration);
    on(Method.POST, "apply", BatchCalls.APPLY, batches::apply);
    on(Method.POST, "delete", BatchCalls.DELETE, batches::delete);
    new LaterKinds().addTo(this);
  }

  private void on(Method method, String path, Set<String> query, Action action) {
    var changes = !method.equals(Method.GET) && !path.equals("interceptor/resolve");
    operations.add(new Operation(method, List.of(path.split("/", -1)), query, changes, action));
  }

  /**
   * @param path the segments after {@code /gateway/v2}
   */
  Reply answer(ControlApi.Asked asked, List<String> path)
      throws Refusal, InvalidException, MalformedException {
    var allowed = new TreeSet<String>();
    for (var operation : operations) {
      var values = operation.match(path);
      if (values == null) {
        continue;
      }
      if (!operation.method.equals(asked.method())) {
        allowed.add(operation.method.text());
        continue;
      }
      if (operation.changes && !asked.user().admin()) {
        return Reply.error(
            Status.FORBIDDEN_403,
            "The user may not change anything",
            "The user %s may only read.".formatted(asked.user().name()));
      }
      var call = new Call(asked.request(), values);
      call.allow(operation.query);
      return operation.action.act(call);
    }
    return allowed.isEmpty()
        ? Reply.error(Status.NOT_FOUND_404, "Nothing is at this path", null)
        : Reply.notAllowed(String.join(", ", allowed));
  }

  /** Not in Conduktor Gateway. */
  private Reply reload() {
    var result = configuration.reload();
    return result.problems().isEmpty()
        ? Reply.ok(Json.object("changes", result.changes(), "needRestart", result.needRestart()))
        : Reply.error(
            Status.BAD_REQUEST_400,
            "The configuration is not valid and was not applied",
            String.join("; ", result.problems()));
  }

  // ---- tokens -------------------------------------------------------------------------------

  Reply issueToken(Call call) throws Refusal, InvalidException, MalformedException {
    var issued = administration.issue(TokenRequest.read(call.document()));
    return Reply.ok(Json.object("token", issued.token().reveal()));
  }

  /** Revokes one token by its jti. Not in Conduktor Gateway. */
  Reply revokeToken(Call call) throws Refusal {
    var id = call.path("jti");
    if (!TOKEN_ID.matcher(id).matches()) {
      return Reply.invalid("%s is no id of a token (jti)".formatted(Value.Text.quoted(id)));
    }
    administration.revokeToken(id);
    return Reply.NOTHING;
  }

  /** Revokes all tokens of an account. Not in Conduktor Gateway. */
  Reply revokeTokens(Call call) throws Refusal, InvalidException, MalformedException {
    administration.revokeTokens(ServiceAccount.readId(call.document()));
    return Reply.NOTHING;
  }

  // ---- service accounts ---------------------------------------------------------------------

  Reply accounts(Call call) {
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

  Reply putAccount(Call call) throws Refusal, InvalidException, MalformedException {
    return put(call, ServiceAccount.read(call.document()));
  }

  Reply deleteAccount(Call call) throws Refusal, InvalidException, MalformedException {
    var id = ServiceAccount.readId(call.document());
    administration.delete(new Key(Kind.SERVICE_ACCOUNT, id), options(call));
    return Reply.NOTHING;
  }

  // ---- groups -------------------------------------------------------------------------------

  Reply groups(Call call) {
    var defaults = call.flag("showDefaults");
    return Reply.ok(
        administration.list(Group.class).map(group -> group.document(defaults)).toList());
  }

  Reply group(Call call) throws Refusal {
    var defaults = call.flag("showDefaults");
    return Reply.ok(administration.group(call.path("name")).document(defaults));
  }

  Reply putGroup(Call call) throws Refusal, InvalidException, MalformedException {
    return put(call, Group.read(call.document()));
  }

  Reply deleteGroup(Call call) throws Refusal {
    administration.delete(Key.of(Kind.GROUP, call.path("name")), options(call));
    return Reply.NOTHING;
  }

  private Reply put(Call call, Resource resource) throws Refusal {
    var result = administration.put(resource, options(call), call.flag("dryMode"));
    return Reply.ok(
        Json.object("resource", resource.document(true), "upsertResult", result.label()));
  }

  private static Batch.Options options(Call call) {
    return call.flag("force") ? Batch.Options.FORCED : Batch.Options.PLAIN;
  }

  // ---- kinds that are not supported yet -----------------------------------------------------

  /** No resource of these kinds exists or can be created. */
  private static final class LaterKinds {

    void addTo(ControlRoutes routes) {
      list(routes, Kind.VIRTUAL_CLUSTER, NONE);
      put(routes, Kind.VIRTUAL_CLUSTER);
      named(routes, Method.GET, Kind.VIRTUAL_CLUSTER, "/{name}");
      named(routes, Method.DELETE, Kind.VIRTUAL_CLUSTER, "/{name}");
      for (var kind : List.of(Kind.ALIAS_TOPIC, Kind.CONCENTRATION_RULE)) {
        list(routes, kind, FILTERS);
        put(routes, kind);
        routes.on(
            Method.DELETE,
            kind.segment(),
            NONE,
            call -> missing(kind, ServiceAccount.readName(call.document())));
      }
      list(routes, Kind.CONCENTRATED_TOPIC, FILTERS);
      list(routes, Kind.INTERCEPTOR, Set.of("name", "global", "vcluster", "group", "username"));
      put(routes, Kind.INTERCEPTOR);
      routes.on(Method.POST, "interceptor/resolve", NONE, _ -> Reply.ok(List.of()));
      named(routes, Method.DELETE, Kind.INTERCEPTOR, "/{name}");
      list(routes, Kind.PLUGIN, NONE);
    }

    private static void list(ControlRoutes routes, Kind kind, Set<String> query) {
      routes.on(
          Method.GET,
          kind.segment(),
          query,
          call -> {
            for (var name : List.of("global", "showDefaults")) {
              if (query.contains(name)) {
                call.flag(name);
              }
            }
            return Reply.ok(List.of());
          });
    }

    private static void put(ControlRoutes routes, Kind kind) {
      routes.on(
          Method.PUT,
          kind.segment(),
          DRY,
          call -> {
            call.document();
            return Reply.invalid(
                "Resources of kind %s are not supported by this version.".formatted(kind.label()));
          });
    }

    private static void named(ControlRoutes routes, Method method, Kind kind, String rest) {
      routes.on(
          method,
          kind.segment() + rest,
          NONE,
          call -> {
            var name = call.path("name");
            if (kind == Kind.VIRTUAL_CLUSTER
                && method.equals(Method.DELETE)
                && name.equals(Key.PASSTHROUGH)) {
              return Reply.invalid("The virtual cluster passthrough cannot be deleted.");
            }
            return missing(kind, name);
          });
    }

    private static Reply missing(Kind kind, String name) {
      return Reply.error(
          Status.NOT_FOUND_404,
          "The given %s does not exist".formatted(kind.words()),
          "There is no %s %s.".formatted(kind.words(), Value.Text.quoted(name)));
    }
  }
}
