package io.gatehouse.app;

import io.gatehouse.gateway.Gateway;
import io.gatehouse.http.Health;
import java.util.List;
import java.util.Map;

/** Tells probes how the gateway is. */
record GatewayHealth(Gateway gateway) implements Health {

  @Override
  public List<Check> checks() {
    io.gatehouse.gateway.Health health = gateway.health();
    return List.of(accepting(health), cluster(health));
  }

  private static Check accepting(io.gatehouse.gateway.Health health) {
    if (health.draining()) {
      return Check.down("accepting", Concern.READY, "the gateway is draining");
    }
    String connections = Integer.toString(health.connections());
    return new Check("accepting", Concern.READY, true, Map.of("connections", connections));
  }

  private static Check cluster(io.gatehouse.gateway.Health health) {
    if (health.upstreamFailure() != null) {
      return Check.down("cluster", Concern.READY, health.upstreamFailure());
    }
    if (!health.clusterKnown()) {
      return Check.down("cluster", Concern.READY, "the cluster has not answered yet");
    }
    String brokers = Integer.toString(health.brokers());
    return new Check("cluster", Concern.READY, true, Map.of("brokers", brokers));
  }
}
