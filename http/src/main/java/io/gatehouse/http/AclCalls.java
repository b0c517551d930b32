package io.gatehouse.http;

import io.gatehouse.control.Refusal;
import io.gatehouse.control.kind.Key;
import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclRules;
import io.gatehouse.gateway.acl.Acls;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourceType;
import io.helidon.http.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The operations of the admin API that tell what clients may do, and why (docs/acls.md). */
final class AclCalls {

  /** As the host of a client: only rules for all hosts are about it. */
  private static final String NO_HOST = "";

  private static final Set<String> LIST = Set.of("vcluster");
  private static final Set<String> EXPLAIN =
      Set.of("vcluster", "username", "groups", "operation", "resourceType", "name", "host");

  private final Acls acls;

  AclCalls(Acls acls) {
    this.acls = acls;
  }

  void addTo(ControlRoutes routes) {
    routes.onResources(Method.GET, "acl", LIST, this::list);
    routes.onResources(Method.GET, "acl/explain", EXPLAIN, this::explain);
  }

  /** Not in Conduktor Gateway. */
  private Reply list(Call call) throws Refusal {
    var cluster = cluster(call);
    var access = access(cluster);
    var rules = access == null ? List.<AclBinding>of() : access.rules().bindings();
    return Reply.ok(
        Json.object(
            "vCluster",
            cluster,
            "aclEnabled",
            access != null,
            "acls",
            rules.stream().map(AclCalls::json).toList()));
  }

  /** Not in Conduktor Gateway. */
  private Reply explain(Call call) throws Refusal {
    var cluster = cluster(call);
    var access = access(cluster);
    var readOnly = acls.readOnly(tenant(cluster));
    var user = required(call, "username");
    var operation = choice(call, "operation", Operation.class);
    var type = choice(call, "resourceType", ResourceType.class);
    var name = type == ResourceType.CLUSTER ? ResourceType.CLUSTER_NAME : required(call, "name");
    if (access == null && !(type == ResourceType.TOPIC && readOnly.contains(name))) {
      return Reply.ok(explained(true, "ACL_DISABLED", "allowed: ACLs are not enabled here", null));
    }
    var host = Objects.requireNonNullElse(call.query("host"), NO_HOST);
    var groups = groups(call, cluster, user);
    var rules = (access == null ? AclRules.OPEN : access.rules()).protecting(readOnly);
    var decision = rules.caller(user, groups, host).authorize(operation, type, name);
    return Reply.ok(
        explained(
            decision.allowed(), decision.reason().name(), decision.toString(), decision.rule()));
  }

  private static Map<String, @Nullable Object> explained(
      boolean allowed, String reason, String message, @Nullable AclBinding rule) {
    var json = Json.object("allowed", allowed, "reason", reason, "message", message);
    if (rule != null) {
      json.put("acl", json(rule));
    }
    return json;
  }

  /** The virtual cluster that a call is about, which the user may read. */
  private static String cluster(Call call) throws Refusal {
    var cluster = Objects.requireNonNullElse(call.query("vcluster"), Key.PASSTHROUGH);
    call.administration().requireReadable(cluster);
    return cluster;
  }

  private Acls.@Nullable Access access(String cluster) {
    return acls.of(tenant(cluster));
  }

  private static @Nullable String tenant(String cluster) {
    return cluster.equals(Key.PASSTHROUGH) ? null : cluster;
  }

  /** Those that are given, and those that the account is a member of. */
  private Set<String> groups(Call call, String cluster, String user) {
    var given = Objects.requireNonNullElse(call.query("groups"), "");
    var groups = new TreeSet<>(acls.groups(tenant(cluster), user, Set.of()));
    groups.addAll(Arrays.asList(given.split(",", -1)));
    groups.remove("");
    return groups;
  }

  private static String required(Call call, String name) {
    var value = call.query(name);
    if (value == null || value.isEmpty()) {
      throw new Call.BadParameter(
          "Invalid value for: query parameter %s (missing)".formatted(name));
    }
    return value;
  }

  private static <E extends Enum<E>> E choice(Call call, String name, Class<E> type) {
    var given = required(call, name).toUpperCase(Locale.ROOT);
    for (var constant : type.getEnumConstants()) {
      if (constant.name().equals(given)) {
        return constant;
      }
    }
    throw new Call.BadParameter(
        "Invalid value for: query parameter %s, valid are: %s"
            .formatted(
                name,
                String.join(
                    ", ", Arrays.stream(type.getEnumConstants()).map(Enum::name).toList())));
  }

  private static Map<String, @Nullable Object> json(AclBinding rule) {
    var resources = rule.resources();
    return Json.object(
        "resourcePattern",
        Json.object(
            "resourceType",
            resources.type().name(),
            "name",
            resources.name(),
            "patternType",
            resources.match().name()),
        "principal",
        rule.principal().toString(),
        "host",
        rule.host(),
        "operation",
        rule.operation().name(),
        "permissionType",
        rule.permission().name());
  }
}
