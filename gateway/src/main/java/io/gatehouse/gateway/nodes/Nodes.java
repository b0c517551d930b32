package io.gatehouse.gateway.nodes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The other live nodes of the gateway's cluster, by listener. Immutable; the control plane replaces
 * it when a node joins or leaves.
 */
public final class Nodes {

  /** Without other nodes. */
  public static final Nodes NONE = new Nodes(Map.of(), Set.of());

  private final Map<String, Balancing> listeners;
  private final Set<String> external;

  private Nodes(Map<String, Balancing> listeners, Set<String> external) {
    this.listeners = listeners;
    this.external = external;
  }

  /**
   * Balances over these nodes.
   *
   * @param own this node
   * @param leaving whether this node is about to stop, so that clients are sent to others
   * @param others all other live nodes
   */
  public static Nodes of(GatewayNode own, boolean leaving, List<GatewayNode> others) {
    Map<String, Balancing> listeners = new HashMap<>();
    Set<String> external = new HashSet<>();
    Set<String> names = new HashSet<>();
    others.forEach(node -> names.addAll(node.listeners().keySet()));
    for (String name : names) {
      Advertised mine = own.listeners().getOrDefault(name, Advertised.none());
      List<GatewayNode> serving = new ArrayList<>();
      boolean same = true;
      for (GatewayNode node : others) {
        Advertised advertised = node.listeners().get(name);
        if (advertised != null && !advertised.isEmpty() && !node.id().equals(own.id())) {
          serving.add(node);
          same &= mine.isSame(advertised);
        }
      }
      if (serving.isEmpty()) {
        continue;
      }
      if (same) {
        external.add(name);
      } else {
        listeners.put(name, new Balancing(name, own, leaving, serving));
      }
    }
    return listeners.isEmpty() && external.isEmpty()
        ? NONE
        : new Nodes(Map.copyOf(listeners), Set.copyOf(external));
  }

  /** The choice of nodes for clients of a listener; null if there is none to make. */
  public @Nullable Balancing balancing(String listener) {
    return listeners.get(listener);
  }

  /**
   * The listeners for which all nodes advertise the same addresses: those of an external load
   * balancer, which chooses the node.
   */
  public Set<String> externallyBalanced() {
    return external;
  }
}
