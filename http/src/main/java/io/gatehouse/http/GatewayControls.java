package io.gatehouse.http;

import io.gatehouse.control.node.NodeState;
import io.gatehouse.gateway.acl.Acls;
import java.util.List;
import java.util.function.Supplier;

/**
 * The gateway that an admin API controls, beside its resources.
 *
 * @param nodes the gateway nodes; may block
 * @param acls the access rules in force
 */
public record GatewayControls(
    Reloading configuration, Supplier<List<NodeState>> nodes, Failover failover, Acls acls) {}
