package io.gatehouse.app;

import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.metrics.ClusterState;
import io.gatehouse.http.Health;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tells probes how the gateway is. */
record GatewayHealth(Gateway gateway, Reload reload) implements Health {

  /** Its connections get no answers; only a new process helps them. */
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
    checks.add(reload.check());
    return checks;
  }

  /** An event loop looks at its clock every second, unless it hangs in something. */
  static Check loops(Duration longestSinceTick) {
    if (longestSinceTick.compareTo(STUCK) > 0) {
      return Check.down(
          "loops",
          Concern.LIVE,
          "an event loop has done nothing for %d s".formatted(longestSinceTick.toSeconds()));
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

  /** Another gateway would find the cluster no better: clients are sent here all the same. */
  private static Check cluster(String name, ClusterState state) {
    if (state.failure() != null) {
      return Check.down(name, Concern.INFORM, state.failure());
    }
    String brokers = Integer.toString(state.brokers());
    String learned = state.asked() ? "the gateway's own questions" : "clients' answers";
    return new Check(
        name, Concern.INFORM, state.isUp(), Map.of("brokers", brokers, "learnedFrom", learned));
  }
}
