package io.gatehouse.http;

import io.gatehouse.control.Refusal;
import io.gatehouse.http.ControlRoutes.Callers;
import io.helidon.http.Method;
import java.util.Map;
import java.util.Set;

/** The operations of the admin API on clusters that can fail over (docs/failover.md). */
final class ClusterCalls {

  private static final Set<String> SWITCH = Set.of("to", "dryMode");

  private final Failover failover;

  ClusterCalls(Failover failover) {
    this.failover = failover;
  }

  void addTo(ControlRoutes routes) {
    routes.on(Method.GET, "cluster", Set.of(), Callers.READERS, _ -> list());
    routes.on(Method.GET, "cluster/{name}", Set.of(), Callers.READERS, this::get);
    routes.on(Method.POST, "cluster/{name}/switch", SWITCH, Callers.ADMINS, this::switchTo);
    routes.onPath(
        Method.POST,
        "admin/pclusters/v1/pcluster/{name}/switch",
        SWITCH,
        Callers.ADMINS,
        this::switchTo);
  }

  /** Not in Conduktor Gateway. */
  Reply list() {
    return Reply.ok(failover.states().stream().map(ClusterCalls::json).toList());
  }

  /** Not in Conduktor Gateway. */
  Reply get(Call call) throws Refusal {
    var name = call.path("name");
    for (var state : failover.states()) {
      if (state.cluster().equals(name)) {
        return Reply.ok(json(state));
      }
    }
    var known = failover.states().stream().map(Failover.State::cluster).toList();
    throw new Refusal(
        Refusal.Reason.MISSING,
        "The given physical cluster does not exist",
        "There is no cluster '%s' with a failover cluster; there is %s."
            .formatted(name, known.isEmpty() ? "none" : String.join(", ", known)));
  }

  Reply switchTo(Call call) throws Refusal {
    var to = call.query("to");
    if (to == null || to.isBlank()) {
      throw new Call.BadParameter(
          "Invalid value for: query parameter to (missing: the cluster to direct clients to)");
    }
    if (call.flag("dryMode")) {
      var missing = failover.missing(call.path("name"), to);
      var message =
          missing.isEmpty()
              ? "Cluster not switched (dry run): nothing is missing in " + to
              : "Cluster not switched (dry run): clients would miss this in " + to;
      return Reply.ok(Json.object("message", message, "missing", missing));
    }
    failover.switchTo(call.path("name"), to);
    return Reply.ok(Json.object("message", "Cluster switched"));
  }

  private static Map<String, Object> json(Failover.State state) {
    return Json.object(
        "name",
        state.cluster(),
        "failover",
        state.failover(),
        "active",
        state.active(),
        "generation",
        state.generation());
  }
}
