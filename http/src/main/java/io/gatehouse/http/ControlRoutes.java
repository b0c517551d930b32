package io.gatehouse.http;

import io.gatehouse.control.Administration;
import io.gatehouse.control.Batch;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.Rights;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.VirtualCluster;
import io.gatehouse.control.node.NodeState;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The operations of the admin API: those of Conduktor Gateway and a few more (docs/accounts.md).
 * Loaded at the first use of the API.
 */
final class ControlRoutes {
  /** Of calls without parameters in the query. */
  static final Set<String> NONE = Set.of();

  /** Of calls that delete a resource. */
  static final Set<String> FORCE = Set.of("force");

  private static final Set<String> DRY = Set.of("dryMode", "force");

  static final String STATE = "state";

  /** Calls that change something else than resources. */
  private static final Pattern WITHOUT_REVISION = Pattern.compile(".*/(reload|switch)");

  private final Administration administration;
  private final GatewayControls gateway;
  private final List<Operation> operations = new ArrayList<>();

  /** Performs a call. */
  interface Action {
    Reply act(Call call) throws Refusal, InvalidException, MalformedException;
  }

  /** Whom a call is for. */
  enum Callers {
    /** Any user: {@link Administration} judges the rights to the resources that it is about. */
    OF_RESOURCES,
    /** Those who may read everything. */
    READERS,
    ADMINS
  }

  /**
   * One call of the API.
   *
   * @param path its segments; one in braces stands for any
   * @param query the parameters it has
   * @param changes whether it changes things
   */
  record Operation(
      Method method,
      List<String> path,
      Set<String> query,
      boolean changes,
      Callers callers,
      Action action) {

    private boolean isFor(Rights rights) {
      return rights.admin()
          || switch (callers) {
            case OF_RESOURCES -> true;
            case READERS -> rights.readsEverything();
            case ADMINS -> false;
          };
    }

    /** Calls that change resources of users. */
    boolean takesPrecondition() {
      return query.contains("force");
    }

    /** Whether this is a dry run of a change of resources, which tells what can be read. */
    private boolean isDryRun(ServerRequest request) {
      return takesPrecondition()
          && query.contains("dryMode")
          && request.query().all("dryMode", List::of).equals(List.of("true"));
    }

    /** The refusal of a user who may not call this with any resource, or null. */
    @Nullable Reply refusal(ControlApi.Asked asked) {
      var user = asked.user();
      var rights = user.rights();
      if (rights.grants() != null) {
        return isFor(rights)
            ? null
            : Reply.error(
                Status.FORBIDDEN_403,
                "The user may not do that",
                "The user %s may use resources of some kinds only.".formatted(user.name()));
      }
      return !isFor(rights) || (changes && !rights.admin() && !isDryRun(asked.request()))
          ? Reply.error(
              Status.FORBIDDEN_403,
              "The user may not change anything",
              "The user %s may only read.".formatted(user.name()))
          : null;
    }

    /** The values of the path's parameters, or null if it is not this path. */
    @Nullable Map<String, String> match(List<String> given) {
      if (given.size() != path.size()) {
        return null;
      }
      var values = new HashMap<String, String>();
      for (int i = 0; i < path.size(); i++) {
        var segment = path.get(i);
        if (segment.startsWith("{") && !given.get(i).isEmpty()) {
          values.put(segment.substring(1, segment.length() - 1), given.get(i));
        } else if (!segment.equals(given.get(i))) {
          return null;
        }
      }
      return values;
    }
  }

  ControlRoutes(Administration administration, GatewayControls gateway) {
    this.administration = administration;
    this.gateway = gateway;
    new ClusterCalls(gateway.failover()).addTo(this);
    new AclCalls(gateway.acls()).addTo(this);
    on(Method.POST, "reload", NONE, Callers.ADMINS, _ -> reload());
    on(Method.GET, "nodes", NONE, Callers.READERS, _ -> nodes());
    AccountRoutes.addTo(this);
    PasswordRoutes.addTo(this);
    VirtualClusterRoutes.addTo(this);
    InterceptorRoutes.addTo(this);
    HistoryRoutes.addTo(this);
    LegacyRoutes.addTo(this);
    LegacyTopicRoutes.addTo(this);
    onResources(Method.POST, "apply", BatchCalls.APPLY, BatchCalls::apply);
    onResources(Method.POST, "delete", BatchCalls.DELETE, BatchCalls::delete);
    // The state has the hashes of passwords.
    on(Method.GET, STATE, NONE, Callers.ADMINS, BatchCalls::state);
    on(Method.POST, STATE, BatchCalls.RESTORE, Callers.ADMINS, BatchCalls::restore);
  }

  /** All calls, in the order in which they are matched. */
  List<Operation> operations() {
    return List.copyOf(operations);
  }

  /** Adds a call of {@code gateway/v2} that is about resources only. */
  void onResources(Method method, String path, Set<String> query, Action action) {
    on(method, path, query, Callers.OF_RESOURCES, action);
  }

  /** Adds a call of {@code gateway/v2}. */
  void on(Method method, String path, Set<String> query, Callers callers, Action action) {
    onPath(method, ControlApi.BASE.substring(1) + "/" + path, query, callers, action);
  }

  /** Adds a call with its whole path. */
  void onPath(Method method, String path, Set<String> query, Callers callers, Action action) {
    var changes = !method.equals(Method.GET) && !path.endsWith("/interceptor/resolve");
    var parameters = new TreeSet<>(query);
    if (changes && !WITHOUT_REVISION.matcher(path).matches()) {
      parameters.addAll(AppliedWait.QUERY);
    }
    operations.add(
        new Operation(
            method,
            List.of(path.split("/", -1)),
            Set.copyOf(parameters),
            changes,
            callers,
            inTurn(method, callers, action)));
  }

  /** Calls about nodes and clusters wait for others, so they have neither a turn nor a place. */
  private static Action inTurn(Method method, Callers callers, Action action) {
    if (callers == Callers.READERS || (callers == Callers.ADMINS && !method.equals(Method.GET))) {
      return action;
    }
    return call -> {
      if (method.equals(Method.GET)) {
        try (var _ = call.turns().take()) {
          return action.act(call).rendered();
        }
      }
      try (var _ = call.turns().place()) {
        return action.act(call);
      }
    };
  }

  /** What to do with a request: an operation with its parameters, or a reply that refuses it. */
  sealed interface Found {
    record Refused(Reply reply) implements Found {}

    /** A permitted call. */
    record Permitted(Call call, Action action) implements Found {
      Reply act() throws Refusal, InvalidException, MalformedException {
        return action.act(call);
      }
    }
  }

  /**
   * @param path its segments
   */
  Found find(ControlApi.Asked asked, List<String> path) {
    var allowed = new TreeSet<String>();
    for (var operation : operations) {
      var values = operation.match(path);
      if (values == null) {
        continue;
      }
      if (!operation.method.equals(asked.method())) {
        allowed.add(operation.method.text());
        if (operation.method.equals(Method.GET)) {
          allowed.add(Method.HEAD.text());
        }
        continue;
      }
      var refusal = operation.refusal(asked);
      if (refusal != null) {
        return new Found.Refused(refusal);
      }
      var call = new Call(asked, values, administration.as(asked.user()));
      call.allow(operation.query);
      if (operation.changes && !operation.takesPrecondition() && call.hasPrecondition()) {
        return new Found.Refused(
            Reply.invalid("This call does not take the headers If-Match and If-None-Match."));
      }
      return new Found.Permitted(call, operation.action);
    }
    return new Found.Refused(
        allowed.isEmpty()
            ? Reply.error(Status.NOT_FOUND_404, "Nothing is at this path", null)
            : Reply.notAllowed(String.join(", ", allowed)));
  }

  /** Not in Conduktor Gateway. */
  private Reply reload() {
    var result = gateway.configuration().reload();
    return result.problems().isEmpty()
        ? Reply.ok(Json.object("changes", result.changes(), "needRestart", result.needRestart()))
        : Reply.error(
            Status.BAD_REQUEST_400,
            "The configuration is not valid and was not applied",
            String.join("; ", result.problems()));
  }

  /** The live gateway nodes. Not in Conduktor Gateway. */
  private Reply nodes() {
    return Reply.ok(gateway.nodes().get().stream().map(ControlRoutes::node).toList());
  }

  private static Map<String, @Nullable Object> node(NodeState state) {
    var node = state.node();
    return Json.object(
        "id",
        node.id(),
        "self",
        state.own(),
        "version",
        node.version(),
        "rack",
        node.rack(),
        "startedAt",
        node.started().toString(),
        "revision",
        state.revision(),
        "listeners",
        new TreeMap<>(node.listeners()));
  }

  /** Reads the resource of a body. */
  interface Reader {
    Resource read(Value document) throws InvalidException;
  }

  /** A resource with all that the gateway knows of it. */
  Map<String, @Nullable Object> shown(Resource resource) {
    if (resource instanceof VirtualCluster cluster) {
      var entrance = gateway.entrances().apply(cluster.name());
      if (entrance != null) {
        return entrance.addedTo(cluster);
      }
    }
    return resource.document(/* defaults= */ true);
  }

  /** Adds the call that creates or replaces a resource. */
  void put(Kind kind, Reader reader) {
    onResources(
        Method.PUT,
        kind.segment(),
        DRY,
        call -> {
          var given = reader.read(call.document());
          var dry = call.flag("dryMode");
          try (var _ = call.turns().takeIf(dry)) {
            var outcome = call.administration().put(given, options(call), dry);
            // Not as given where the gateway has chosen something.
            var resource = Objects.requireNonNull(outcome.after());
            var reply =
                Reply.ok(
                    Json.object(
                        "resource", shown(resource), "upsertResult", outcome.effect().label()));
            var stored = dry ? outcome.before() : resource;
            return stored == null ? reply : reply.tagged(stored);
          }
        });
  }

  /** Performs a call that deletes a resource. */
  Reply delete(Call call, Key key) throws Refusal {
    call.administration().delete(key, options(call));
    return Reply.NOTHING;
  }

  private static Batch.Options options(Call call) {
    var options = call.flag("force") ? Batch.Options.FORCED : Batch.Options.PLAIN;
    return options.given(call.precondition());
  }
}
