package io.gatehouse.gateway.nodes;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A live gateway node.
 *
 * @param id unique among the nodes, and the same after a restart
 * @param rack where it runs, as in {@code broker.rack} of brokers; null if it is not told
 * @param listeners what its listeners advertise, by listener name
 */
public record GatewayNode(String id, @Nullable String rack, Map<String, Advertised> listeners) {
  public GatewayNode {
    listeners = Map.copyOf(listeners);
  }
}
