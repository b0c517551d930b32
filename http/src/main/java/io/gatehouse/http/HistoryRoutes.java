package io.gatehouse.http;

import io.gatehouse.auth.Nearest;
import io.gatehouse.control.Administration.Upsert;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.store.RecentChanges.Seen;
import io.helidon.http.Method;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The last changes of resources, and those to come. Not in Conduktor Gateway. */
final class HistoryRoutes {
  private static final Set<String> FILTER = Set.of("kind", "name", "vcluster");

  private HistoryRoutes() {}

  static void addTo(ControlRoutes routes) {
    var watches = new Watches();
    var query = new TreeSet<>(FILTER);
    query.addAll(Watches.QUERY);
    routes.onResources(Method.GET, "history", FILTER, HistoryRoutes::history);
    routes.onResources(Method.GET, "watch", query, call -> watches.watch(call, filter(call)));
  }

  private static Reply history(Call call) throws Refusal {
    var part = call.administration().history().of(filter(call));
    var changes = part.changes().reversed().stream().map(HistoryRoutes::shown).toList();
    return Reply.ok(
        Json.object("after", part.after(), "revision", part.revision(), "changes", changes));
  }

  private static Predicate<Seen> filter(Call call) throws Refusal {
    var kind = call.query("kind");
    var name = call.query("name");
    var cluster = call.query("vcluster");
    var labels = Kind.ofUsers().stream().map(Kind::label).toList();
    if (kind != null && !labels.contains(kind)) {
      throw new Refusal(
          Refusal.Reason.INVALID,
          "The request is not valid",
          "kind: there is no kind %s%s"
              .formatted(Value.Text.quoted(kind), Nearest.hintOrAll(kind, labels)));
    }
    return change ->
        (kind == null || kind.equals(change.key().kind().label()))
            && (name == null || name.equals(change.key().id().name()))
            && (cluster == null || cluster.equals(change.key().virtualCluster()));
  }

  /** Old versions may have a secret that was removed from the resource since. */
  static Map<String, @Nullable Object> shown(Seen change) {
    var before = change.versions().before();
    var now = change.versions().now();
    var shown = Json.object("revision", change.revision(), "time", change.time().toString());
    shown.put("by", change.by());
    shown.putAll(change.key().document());
    var effect = before == null ? Upsert.CREATED : now == null ? Upsert.DELETED : Upsert.UPDATED;
    shown.put("upsertResult", effect.label());
    shown.put("before", document(before));
    shown.put("resource", document(now));
    return shown;
  }

  private static @Nullable Object document(@Nullable Resource resource) {
    return resource == null ? null : HiddenSecrets.of(resource.document(true));
  }
}
