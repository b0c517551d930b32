package io.gatehouse.gateway.metrics;

import org.jspecify.annotations.Nullable;

/**
 * How a cluster stands with the gateway.
 *
 * @param name as listeners call it
 * @param failure why the gateway's last question got no answer, null if it did or if clients were
 *     answered since
 * @param known whether the cluster told all its brokers at least once, to the gateway or to clients
 * @param asked whether the gateway asks for brokers; otherwise it learns from what clients are told
 * @param brokers how many are known
 * @param failures questions without an answer since the start
 */
public record ClusterState(
    String name,
    @Nullable String failure,
    boolean known,
    boolean asked,
    int brokers,
    long failures) {

  /** Whether all is well, as far as is known. */
  public boolean isUp() {
    return failure == null && (known || !asked);
  }
}
