package io.gatehouse.http;

import io.gatehouse.control.kind.Entrance;
import io.gatehouse.control.node.NodeState;
import io.gatehouse.gateway.acl.Acls;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The gateway that an admin API controls, beside its resources.
 *
 * @param nodes the gateway nodes; may block
 * @param acls the access rules in force
 * @param entrances how clients get into a virtual cluster by its name; null for those that cannot
 */
public record GatewayControls(
    Reloading configuration,
    Supplier<List<NodeState>> nodes,
    Failover failover,
    Acls acls,
    Function<String, @Nullable Entrance> entrances) {

  /** Of a gateway that does not tell how clients get in. */
  public GatewayControls(
      Reloading configuration, Supplier<List<NodeState>> nodes, Failover failover, Acls acls) {
    this(configuration, nodes, failover, acls, _ -> null);
  }
}
