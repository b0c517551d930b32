package io.gatehouse.gateway.access;

import io.gatehouse.gateway.acl.Demand.Right;
import org.jspecify.annotations.Nullable;

/** Is told of the rights that clients miss. */
@FunctionalInterface
public interface Denials {

  /**
   * @param name the resource; null for the cluster
   */
  void onMissing(Right right, @Nullable String name);
}
