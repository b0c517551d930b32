package io.gatehouse.gateway.flow;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.gateway.access.VisibleTopics;
import io.gatehouse.gateway.acl.AclRules;
import io.gatehouse.gateway.acl.Acls;
import io.gatehouse.gateway.cluster.TopicIds;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.tenant.Names;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.Tenants.Place;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds out what clients see and may do. */
final class CallerAccess {

  private static final Acls.Access NOTHING = new Acls.Access(AclRules.NONE, null);

  private CallerAccess() {}

  /**
   * The client as plans and steps see it.
   *
   * @param former the same connection's before, or null: what is known of it stays if the rules and
   *     its groups do
   */
  static Caller callerOf(
      @Nullable Caller former,
      Principal principal,
      InetSocketAddress address,
      String listener,
      Place place,
      Services services) {
    User user = principal.user();
    String tenant = place instanceof Place.Within(Tenant within) ? within.name() : null;
    Acls.Access access =
        place instanceof Place.Nowhere
            ? NOTHING // also for what was decided before
            : protecting(services.acls().of(tenant), place);
    if (access == null) {
      return new Caller(user, principal.mechanism(), listener);
    }
    Set<String> groups = services.acls().groups(tenant, user.name(), principal.groups());
    Caller.Access known = former == null || !former.user().equals(user) ? null : former.access();
    boolean same =
        known != null
            && known.rights().rules().equals(access.rules())
            && known.rights().groups().equals(groups);
    return new Caller(
        user,
        principal.mechanism(),
        listener,
        same ? known : access(access, user.name(), groups, address));
  }

  /** The rules, and the topics that are read-only; null if there are neither. */
  private static Acls.@Nullable Access protecting(Acls.@Nullable Access access, Place place) {
    Set<String> readOnly =
        place instanceof Place.Within(Tenant tenant) ? tenant.aliases().readOnly() : Set.of();
    if (readOnly.isEmpty()) {
      return access;
    }
    return access == null
        ? new Acls.Access(AclRules.OPEN.protecting(readOnly), null)
        : new Acls.Access(access.rules().protecting(readOnly), access.store());
  }

  private static Caller.Access access(
      Acls.Access access, String user, Set<String> groups, InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return new Caller.Access(access.rules().caller(user, groups, host), host, access.store());
  }

  /** What the client sees of a cluster with these topics. */
  static Plan.Sight sight(Place place, Caller caller, TopicIds topics) {
    Tenant tenant = place instanceof Place.Within(Tenant within) ? within : null;
    return new Plan.Sight(
        place,
        tenant == null ? null : new Names(tenant, topics),
        caller.access() == null ? null : new VisibleTopics(topics, tenant));
  }
}
