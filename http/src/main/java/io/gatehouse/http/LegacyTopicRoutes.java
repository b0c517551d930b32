package io.gatehouse.http;

import io.gatehouse.auth.User;
import io.gatehouse.control.Batch;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.kind.AliasTopic;
import io.gatehouse.control.kind.ConcentrationRule;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import io.helidon.http.Method;
import java.util.List;
import java.util.stream.Stream;

/** The calls before {@code gateway/v2} for alias topics and concentration rules. */
final class LegacyTopicRoutes {

  private static final String CLUSTER = "admin/vclusters/v1/vcluster/{vcluster}";
  private static final String TOPICS = CLUSTER + "/topics";
  private static final String RULES = CLUSTER + "/concentration-rules";

  private LegacyTopicRoutes() {}

  static void addTo(ControlRoutes routes) {
    on(routes, Method.GET, TOPICS, call -> list(call, AliasTopic.class));
    on(routes, Method.DELETE, TOPICS, call -> deleteAll(call, AliasTopic.class));
    on(routes, Method.POST, TOPICS + "/{name}", call -> Reply.ok(shown(put(call))));
    on(
        routes,
        Method.POST,
        "internal/alias-topic/{vcluster}/{name}",
        call -> Reply.ok(Json.object("message", put(call).id().name() + " is created")));
    on(routes, Method.GET, RULES, call -> list(call, ConcentrationRule.class));
    on(routes, Method.DELETE, RULES, call -> deleteAll(call, ConcentrationRule.class));
    on(routes, Method.POST, RULES, LegacyTopicRoutes::putRule);
  }

  private static void on(
      ControlRoutes routes, Method method, String path, ControlRoutes.Action action) {
    routes.onPath(method, path, ControlRoutes.NONE, ControlRoutes.Callers.OF_RESOURCES, action);
  }

  private static AliasTopic put(Call call) throws Refusal, InvalidException, MalformedException {
    var id = new User(call.path("vcluster"), call.path("name"));
    var alias = AliasTopic.readLegacy(id, call.document());
    call.administration().put(alias, false);
    return alias;
  }

  private static Reply putRule(Call call) throws Refusal, InvalidException, MalformedException {
    var rule = ConcentrationRule.readLegacy(call.path("vcluster"), call.document());
    call.administration().put(rule, false);
    return Reply.ok(shown(rule));
  }

  private static <R extends Resource> Stream<R> ofCluster(Call call, Class<R> type) throws Refusal {
    var cluster = call.path("vcluster");
    call.administration().requireVirtualCluster(cluster);
    return call.administration().list(type).filter(one -> cluster.equals(one.key().id().tenant()));
  }

  private static Reply list(Call call, Class<? extends Resource> type) throws Refusal {
    return Reply.ok(ofCluster(call, type).map(LegacyTopicRoutes::shown).toList());
  }

  private static Reply deleteAll(Call call, Class<? extends Resource> type) throws Refusal {
    List<Key> keys = ofCluster(call, type).map(Resource::key).toList();
    call.administration().apply(new Batch(List.of(), keys, Batch.Options.PLAIN), false);
    return Reply.NOTHING;
  }

  private static Object shown(Resource resource) {
    return switch (resource) {
      case AliasTopic alias -> alias.legacyDocument();
      case ConcentrationRule rule -> rule.legacyDocument();
      default -> throw new IllegalArgumentException("not a kind of these calls: " + resource.key());
    };
  }
}
