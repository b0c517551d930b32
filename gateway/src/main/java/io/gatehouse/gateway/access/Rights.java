package io.gatehouse.gateway.access;

import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.gateway.acl.Demand;
import io.gatehouse.gateway.acl.Demand.AnyResource;
import io.gatehouse.gateway.acl.Demand.Right;
import io.gatehouse.gateway.acl.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * What one client may do, with the topics that it can name.
 *
 * @param caller decides
 */
record Rights(AclCaller caller, VisibleTopics topics) {

  /**
   * Whether the client has a right.
   *
   * @param name the resource; not needed for the cluster, or for any resource of a type
   */
  boolean holds(Demand demand, @Nullable String name) {
    Right unless = demand.unless();
    if (isForbidden(demand.right(), name) || isForbidden(unless, name)) {
      return false; // a right on the cluster is not enough then
    }
    boolean any = demand.subject() instanceof AnyResource;
    return (any
            ? caller.authorizeAny(demand.right().operation(), demand.right().type()).allowed()
            : has(demand.right(), name))
        || (unless != null && has(unless, name));
  }

  private boolean isForbidden(@Nullable Right right, @Nullable String name) {
    return right != null
        && name != null
        && caller.isReadOnly(right.operation(), right.type(), name);
  }

  private boolean has(Right right, @Nullable String name) {
    return right.type() == ResourceType.CLUSTER
        ? caller.authorizeCluster(right.operation()).allowed()
        : name != null && caller.authorize(right.operation(), right.type(), name).allowed();
  }
}
