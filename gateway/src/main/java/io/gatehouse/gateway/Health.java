package io.gatehouse.gateway;

import io.gatehouse.gateway.metrics.ClusterState;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The health of a started gateway, whose listeners are bound.
 *
 * @param draining whether the gateway is about to stop
 * @param clusters state of the clusters behind it, which does not affect readiness
 * @param connections number of open client connections
 */
public record Health(boolean draining, List<ClusterState> clusters, int connections) {

  /**
   * Whether the gateway accepts new clients. An unavailable cluster does not make it unready: all
   * gateways would leave the load balancer at once, and another gateway could not help.
   */
  public boolean isReady() {
    return !draining;
  }

  /**
   * Whether the gateway is ready and all clusters that clients are directed to are available. A
   * process that takes over from a running gateway waits for this.
   */
  public boolean isHealthy() {
    return isReady() && clusters.stream().allMatch(one -> one.isUp() || !one.used());
  }

  /** The error of the last request to a cluster, or null if all clusters answered. */
  public @Nullable String upstreamFailure() {
    return clusters.stream()
        .map(ClusterState::failure)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** Number of known brokers of all clusters. */
  public int brokers() {
    return clusters.stream().mapToInt(ClusterState::brokers).sum();
  }
}
