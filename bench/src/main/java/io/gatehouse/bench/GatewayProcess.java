package io.gatehouse.bench;

import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * The data plane alone as a process, for comparing builds of it. Arguments: the broker's address,
 * the port to bootstrap at, the port of the broker with id 0.
 */
public final class GatewayProcess {

  private GatewayProcess() {}

  /** Runs until it is killed. */
  public static void main(String[] args) throws Exception {
    int bootstrap = Integer.parseInt(args[1]);
    Routing routing =
        new Routing.ByNodeId(
            new PortPlan.Pair(bootstrap, bootstrap), PortPlan.from(Integer.parseInt(args[2])), 0);
    GatewaySettings settings =
        new GatewaySettings(
            UpstreamSettings.of(List.of(HostPort.parse(args[0]))),
            List.of(new ListenerSettings("bench", RelayProcess.HOST, null, routing)),
            GatewaySettings.Traffic.DEFAULT,
            GatewaySettings.DEFAULT_DRAIN);
    try (Gateway gateway = Gateway.start(settings)) {
      Runtime.getRuntime().addShutdownHook(new Thread(gateway::close, "gateway-end"));
      new CountDownLatch(1).await();
    }
  }
}
