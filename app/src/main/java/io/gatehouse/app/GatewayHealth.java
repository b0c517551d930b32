package io.gatehouse.app;

import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.metrics.ClusterState;
import io.gatehouse.http.Health;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The health checks of the gateway.
 *
 * @param others further checks
 */
record GatewayHealth(Gateway gateway, List<Supplier<List<Check>>> others) implements Health {

  /** How long an event loop may be blocked. After that only a restart helps its connections. */
  private static final Duration STUCK = Duration.ofSeconds(10);

  @Override
  public List<Check> checks() {
    io.gatehouse.gateway.Health health = gateway.health();
    List<Check> checks = new ArrayList<>();
    checks.add(loops(gateway.maxTimeSinceTick()));
    checks.add(accepting(health));
    boolean several = health.clusters().size() > 1;
    for (ClusterState state : health.clusters()) {
      checks.add(cluster(several ? "cluster " + state.name() : "cluster", state));
    }
    others.forEach(more -> checks.addAll(more.get()));
    return checks;
  }

  /** Every event loop runs a task every second unless it is blocked. */
  static Check loops(Duration longestSinceTick) {
    if (longestSinceTick.compareTo(STUCK) > 0) {
      return Check.down(
          "loops",
          Concern.LIVE,
          "an event loop has been blocked for %d s".formatted(longestSinceTick.toSeconds()));
    }
    return Check.up("loops", Concern.LIVE);
  }

  private static Check accepting(io.gatehouse.gateway.Health health) {
    if (health.draining()) {
      return Check.down("accepting", Concern.READY, "the gateway is draining");
    }
    String connections = Integer.toString(health.connections());
    return new Check("accepting", Concern.READY, true, Map.of("connections", connections));
  }

  /**
   * Informational only: other gateways would not reach the cluster either, so readiness does not
   * depend on it.
   */
  private static Check cluster(String name, ClusterState state) {
    if (state.failure() != null) {
      return Check.down(name, Concern.INFORM, state.failure());
    }
    String brokers = Integer.toString(state.brokers());
    String used = Boolean.toString(state.used());
    String learned = state.asked() ? "the gateway's requests" : "responses to clients";
    return new Check(
        name,
        Concern.INFORM,
        state.isUp(),
        Map.of("brokers", brokers, "learnedFrom", learned, "clientsLedHere", used));
  }
}
