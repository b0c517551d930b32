package io.gatehouse.gateway;

import io.gatehouse.auth.pool.Pool;
import io.gatehouse.gateway.acl.Acls;
import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.tenant.Tenants;
import java.util.HashMap;
import java.util.Map;

/**
 * What a gateway starts with beside its settings.
 *
 * @param inherited listening sockets of another process. Nothing is accepted on them before {@link
 *     Gateway#acceptInherited}, which closes those that the settings do not use
 * @param steps additional steps that inspect and decide on requests and responses
 * @param tenants where the users of clients belong
 * @param acls what clients may do
 * @param pool in which the settings find what others have opened; it is closed with the gateway
 * @param switches where clients are directed to from the first connection on, by the name of a
 *     cluster with a failover cluster
 */
public record GatewayStart(
    InheritedSockets inherited,
    Steps steps,
    Tenants tenants,
    Acls acls,
    Pool pool,
    Map<String, Switch> switches) {

  /**
   * A switch that was made before, or by another gateway node.
   *
   * @param to the cluster itself or its failover cluster
   * @param number grows with each switch, and is the same at all nodes
   * @param nodeIds the failover cluster's brokers by the node ids that clients know
   */
  public record Switch(String to, int number, Map<Integer, Integer> nodeIds) {}

  public GatewayStart {
    switches = Map.copyOf(switches);
  }

  /** With a pool of its own, without virtual clusters and access rules. */
  public static GatewayStart with(InheritedSockets inherited, Steps steps) {
    return new GatewayStart(inherited, steps, Tenants.NONE, Acls.NONE, new Pool(), Map.of());
  }

  /** The same with virtual clusters. */
  public GatewayStart with(Tenants others) {
    return new GatewayStart(inherited, steps, others, acls, pool, switches);
  }

  /** The same with access rules. */
  public GatewayStart with(Acls others) {
    return new GatewayStart(inherited, steps, tenants, others, pool, switches);
  }

  /** The clusters in use instead of others, by the others' names. */
  Map<String, String> switched() {
    Map<String, String> all = new HashMap<>();
    switches.forEach((cluster, one) -> {
      if (!one.to.equals(cluster)) {
        all.put(cluster, one.to);
      }
    });
    return all;
  }
}
