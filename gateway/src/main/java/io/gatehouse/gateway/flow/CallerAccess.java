package io.gatehouse.gateway.flow;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.gateway.acl.Acls;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.tenant.Tenants.Place;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds out what clients may do. */
final class CallerAccess {

  private CallerAccess() {}

  /** The client as plans and steps see it. */
  static Caller callerOf(
      Principal principal, InetSocketAddress address, String listener, Services services) {
    User user = principal.user();
    Place place = services.tenants().of(user, listener);
    return new Caller(
        user, principal.mechanism(), listener, access(user, place, address, services));
  }

  private static Caller.@Nullable Access access(
      User user, Place place, InetSocketAddress address, Services services) {
    Acls.Access access =
        switch (place) {
          case Place.Within(var tenant) -> services.acls().of(tenant.name());
          case Place.Passthrough _ -> services.acls().of(null);
          case Place.Nowhere _ -> null;
        };
    if (access == null) {
      return null;
    }
    String host = address.getAddress().getHostAddress();
    return new Caller.Access(
        access.rules().caller(user.name(), List.of(), host), host, access.store());
  }
}
