package io.gatehouse.gateway;

import io.gatehouse.gateway.metrics.ClusterState;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the gateway is. Its listeners are bound: it has no health before.
 *
 * @param clusters how those behind it stand, which is no matter of readiness
 * @param connections clients' connections open now
 */
public record Health(boolean draining, List<ClusterState> clusters, int connections) {

  /**
   * Whether new clients are welcome. A cluster that is away, or that only clients may ask, does not
   * change that: every gateway would leave its load balancer at once, and another gateway would not
   * help.
   */
  public boolean isReady() {
    return !draining;
  }

  /**
   * Whether it serves as well as can be: ready, and no cluster is away. What takes the place of a
   * gateway that serves should do so too.
   */
  public boolean isHealthy() {
    return isReady() && clusters.stream().allMatch(ClusterState::isUp);
  }

  /** Why a cluster could not be asked last time, null if all answered. */
  public @Nullable String upstreamFailure() {
    return clusters.stream()
        .map(ClusterState::failure)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** Whether each cluster told its brokers at least once. */
  public boolean areClustersKnown() {
    return clusters.stream().allMatch(ClusterState::known);
  }

  /** Of all clusters. */
  public int brokers() {
    return clusters.stream().mapToInt(ClusterState::brokers).sum();
  }
}
