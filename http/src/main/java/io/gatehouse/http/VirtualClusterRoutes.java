package io.gatehouse.http;

import io.gatehouse.control.Refusal;
import io.gatehouse.control.kind.AliasTopic;
import io.gatehouse.control.kind.ConcentratedTopic;
import io.gatehouse.control.kind.ConcentrationRule;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.VirtualCluster;
import io.helidon.http.Method;
import java.util.Set;

/** Virtual clusters and the topics that exist only in the gateway. */
final class VirtualClusterRoutes {
  private static final Set<String> FILTERS = Set.of("vcluster", "name", "showDefaults");

  private VirtualClusterRoutes() {}

  static void addTo(ControlRoutes routes) {
    var clusters = Kind.VIRTUAL_CLUSTER.segment();
    routes.onResources(
        Method.GET,
        clusters,
        ControlRoutes.NONE,
        call -> Reply.of(call.administration().list(VirtualCluster.class).toList(), routes::shown));
    routes.put(Kind.VIRTUAL_CLUSTER, VirtualCluster::read);
    routes.onResources(
        Method.GET,
        clusters + "/{vCluster}",
        ControlRoutes.NONE,
        call -> {
          var found = call.administration().get(cluster(call));
          return Reply.ok(routes.shown(found)).tagged(found);
        });
    routes.onResources(
        Method.DELETE,
        clusters + "/{vCluster}",
        ControlRoutes.FORCE,
        call -> routes.delete(call, cluster(call)));
    list(routes, Kind.ALIAS_TOPIC, AliasTopic.class);
    routes.put(Kind.ALIAS_TOPIC, AliasTopic::read);
    delete(routes, Kind.ALIAS_TOPIC);
    list(routes, Kind.CONCENTRATION_RULE, ConcentrationRule.class);
    routes.put(Kind.CONCENTRATION_RULE, ConcentrationRule::read);
    delete(routes, Kind.CONCENTRATION_RULE);
    list(routes, Kind.CONCENTRATED_TOPIC, ConcentratedTopic.class);
  }

  private static Key cluster(Call call) {
    return Key.of(Kind.VIRTUAL_CLUSTER, call.path("vCluster"));
  }

  private static void list(ControlRoutes routes, Kind kind, Class<? extends Resource> type) {
    routes.onResources(Method.GET, kind.segment(), FILTERS, call -> list(call, type));
  }

  private static Reply list(Call call, Class<? extends Resource> type) throws Refusal {
    var defaults = call.flag("showDefaults");
    var cluster = call.query("vcluster");
    var name = call.query("name");
    if (cluster != null) {
      call.administration().requireVirtualCluster(cluster);
    }
    return Reply.of(
        call.administration()
            .list(type)
            .filter(one -> cluster == null || cluster.equals(one.key().id().tenant()))
            .filter(one -> name == null || name.equals(one.key().id().name())),
        defaults);
  }

  private static void delete(ControlRoutes routes, Kind kind) {
    routes.onResources(
        Method.DELETE,
        kind.segment(),
        ControlRoutes.FORCE,
        call -> routes.delete(call, new Key(kind, AliasTopic.readId(call.document()))));
  }
}
