package io.gatehouse.app;

import io.gatehouse.auth.User;
import io.gatehouse.control.Administration;
import io.gatehouse.control.ClientAcls;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.kind.Acl;
import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclFilter;
import io.gatehouse.gateway.acl.AclStore;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.PatternType;
import io.gatehouse.gateway.acl.Permission;
import io.gatehouse.gateway.acl.Principal;
import io.gatehouse.gateway.acl.ResourcePattern;
import io.gatehouse.gateway.acl.ResourceType;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Where the clients of a virtual cluster change access rules.
 *
 * @param inForce has the rules after a change
 */
record StoredAcls(
    GatewayAcls inForce, Supplier<Administration> administration, String virtualCluster)
    implements AclStore {

  @Override
  public void create(User actor, Collection<AclBinding> rules) throws NotKeptException {
    try {
      clientAcls().create(actor.name(), rules.stream().map(StoredAcls::acl).toList());
    } catch (Refusal refusal) {
      throw notKept(refusal);
    }
    inForce.refresh();
  }

  @Override
  public List<List<AclBinding>> delete(User actor, List<AclFilter> filters)
      throws NotKeptException {
    List<Predicate<Acl>> selections =
        filters.stream()
            .<Predicate<Acl>>map(filter -> acl -> filter.matches(binding(acl)))
            .toList();
    List<List<Acl>> deleted;
    try {
      deleted = clientAcls().delete(actor.name(), selections);
    } catch (Refusal refusal) {
      throw notKept(refusal);
    }
    inForce.refresh();
    return deleted.stream()
        .map(selected -> selected.stream().map(StoredAcls::binding).toList())
        .toList();
  }

  private ClientAcls clientAcls() {
    return new ClientAcls(administration, virtualCluster);
  }

  private static NotKeptException notKept(Refusal refusal) {
    Reason reason =
        switch (refusal.reason()) {
          case INVALID, CONFLICT -> Reason.TOO_LARGE;
          case FORBIDDEN, MISSING, STALE, UNAVAILABLE -> Reason.UNAVAILABLE;
        };
    return new NotKeptException(reason, String.valueOf(refusal.getMessage()));
  }

  /** A rule of a store as the gateway knows it. */
  static AclBinding binding(Acl acl) {
    Acl.Resources resources = acl.resources();
    return new AclBinding(
        new ResourcePattern(
            ResourceType.valueOf(resources.type().name()),
            resources.name(),
            PatternType.valueOf(resources.match().name())),
        Principal.parse(acl.principal()),
        acl.host(),
        Operation.valueOf(acl.operation().name()),
        Permission.valueOf(acl.permission().name()));
  }

  private static Acl acl(AclBinding rule) {
    ResourcePattern resources = rule.resources();
    return new Acl(
        new Acl.Resources(
            Acl.Type.valueOf(resources.type().name()),
            resources.name(),
            Acl.Match.valueOf(resources.match().name())),
        rule.principal().toString(),
        rule.host(),
        Acl.Operation.valueOf(rule.operation().name()),
        Acl.Permission.valueOf(rule.permission().name()));
  }
}
