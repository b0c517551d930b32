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
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds out what clients see and may do. */
final class CallerAccess {

  private static final Acls.Access NOTHING = new Acls.Access(AclRules.NONE, null);

  private CallerAccess() {}

  /**
   * The client as plans and steps see it.
   *
   * @param former the same connection's before, or null: what is known of it stays if the rules do
   */
  static Caller callerOf(
      @Nullable Caller former,
      Principal principal,
      InetSocketAddress address,
      String listener,
      Services services) {
    User user = principal.user();
    Acls.Access access =
        switch (services.tenants().of(user, listener)) {
          case Place.Within(Tenant tenant) -> services.acls().of(tenant.name());
          case Place.Passthrough _ -> services.acls().of(null);
          case Place.Nowhere _ -> NOTHING; // also for what was decided before
        };
    Caller.Access known = former == null || !former.user().equals(user) ? null : former.access();
    return new Caller(
        user,
        principal.mechanism(),
        listener,
        access == null ? null : access(known, access, user, address));
  }

  private static Caller.Access access(
      Caller.@Nullable Access known, Acls.Access access, User user, InetSocketAddress address) {
    if (known != null && known.rights().rules().equals(access.rules())) {
      return known;
    }
    String host = address.getAddress().getHostAddress();
    return new Caller.Access(
        access.rules().caller(user.name(), List.of(), host), host, access.store());
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
