package io.gatehouse.gateway;

import org.jspecify.annotations.Nullable;

/**
 * How the gateway is.
 *
 * @param upstreamFailure why the cluster could not be asked last time, null if it answered
 * @param clusterKnown whether the cluster told its brokers at least once
 */
public record Health(
    boolean draining,
    @Nullable String upstreamFailure,
    boolean clusterKnown,
    int brokers,
    int connections) {

  /**
   * Whether new clients are welcome. A cluster that was there and is away for a while does not
   * change that: every gateway would leave its load balancer at once.
   */
  public boolean isReady() {
    return !draining && clusterKnown;
  }
}
