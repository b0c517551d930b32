package io.gatehouse.gateway.nodes;

import io.gatehouse.gateway.settings.HostPort;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The choice of the node that a client is told for a broker, for one listener.
 *
 * <p>Only nodes that have an address for the broker are considered, and of these only those in the
 * broker's rack, if there are any. Among them the choice is by rendezvous hashing of client, broker
 * and node: each node makes the same choice for a client, and a node that joins or leaves moves no
 * more clients than necessary.
 */
public final class Balancing {

  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  /** A node and what it advertises. */
  private record Candidate(long hash, @Nullable String rack, Advertised advertised) {}

  private final Candidate own;
  private final boolean leaving;
  private final Candidate[] others;

  Balancing(String listener, GatewayNode own, boolean leaving, List<GatewayNode> others) {
    this.own = candidate(own, listener);
    this.leaving = leaving;
    this.others = others.stream().map(node -> candidate(node, listener)).toArray(Candidate[]::new);
  }

  private static Candidate candidate(GatewayNode node, String listener) {
    Advertised advertised = node.listeners().get(listener);
    return new Candidate(
        hash(0, node.id()), node.rack(), advertised == null ? Advertised.none() : advertised);
  }

  /**
   * Returns the address to tell a client.
   *
   * @param broker the broker's node id
   * @param rack the broker's rack; null if it has none
   * @param client a hash of what identifies the client, the same on all nodes
   * @param here this node's address for the broker; port 0 if it has none
   */
  public HostPort choose(int broker, @Nullable String rack, long client, HostPort here) {
    HostPort best = here;
    boolean bestNear = here.port() != 0 && isNear(own, rack);
    long salt = mix(client + broker * GOLDEN_RATIO);
    long bestScore = mix(own.hash ^ salt);
    boolean chosen = here.port() != 0 && !leaving;
    for (Candidate other : others) {
      boolean near = isNear(other, rack);
      if (chosen && bestNear && !near) {
        continue;
      }
      long score = mix(other.hash ^ salt);
      if (!chosen || (near && !bestNear) || Long.compareUnsigned(score, bestScore) > 0) {
        HostPort address = other.advertised.address(broker);
        if (address != null) {
          best = address;
          bestNear = near;
          bestScore = score;
          chosen = true;
        }
      }
    }
    return best;
  }

  private static boolean isNear(Candidate node, @Nullable String rack) {
    return rack != null && Objects.equals(rack, node.rack);
  }

  /** Adds a text to a hash. The result is the same in every process. */
  public static long hash(long start, String text) {
    long hash = start;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
    }
    return mix(hash + text.length());
  }

  /** A bijection in which each bit of the result depends on each bit of the value (SplitMix64). */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
