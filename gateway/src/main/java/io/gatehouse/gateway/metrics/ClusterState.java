package io.gatehouse.gateway.metrics;

import org.jspecify.annotations.Nullable;

/**
 * The state of a cluster behind the gateway.
 *
 * @param name the cluster's name in the settings
 * @param failure error of the gateway's last own request; null if it succeeded, or if clients have
 *     been answered since
 * @param known whether a response, to the gateway or to a client, has listed all brokers
 * @param asked whether the gateway requests metadata; else it learns from responses to clients
 * @param brokers number of known brokers
 * @param failures failed requests of the gateway itself since the start
 * @param used whether clients are directed to it, rather than to its failover or primary cluster
 */
public record ClusterState(
    String name,
    @Nullable String failure,
    boolean known,
    boolean asked,
    int brokers,
    long failures,
    boolean used) {

  /** Whether the cluster is available, as far as the gateway knows. */
  public boolean isUp() {
    return failure == null && (known || !asked);
  }
}
