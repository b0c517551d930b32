package io.gatehouse.bench;

import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.identity.tls.KeySource;
import io.gatehouse.identity.tls.ServerTls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * The data plane alone as a process, for comparing builds of it. Arguments: the broker's address,
 * the port to bootstrap at, the port of the broker with id 0; for TLS beside it the same two ports
 * once more, certificate and key.
 */
public final class GatewayProcess {

  private GatewayProcess() {}

  /** Runs until it is killed. */
  public static void main(String[] args) throws Exception {
    List<ListenerSettings> listeners = new ArrayList<>();
    listeners.add(listener("bench", args[1], args[2], Entry.OPEN));
    if (args.length > 3) {
      KeySource key = new KeySource.Pem(Path.of(args[5]), Path.of(args[6]), null);
      listeners.add(listener("bench-tls", args[3], args[4], Entry.OPEN.with(ServerTls.of(key))));
    }
    GatewaySettings settings =
        new GatewaySettings(
            UpstreamSettings.of(List.of(HostPort.parse(args[0]))),
            listeners,
            GatewaySettings.Traffic.DEFAULT,
            GatewaySettings.DEFAULT_DRAIN);
    try (Gateway gateway = Gateway.start(settings)) {
      Runtime.getRuntime().addShutdownHook(new Thread(gateway::close, "gateway-end"));
      new CountDownLatch(1).await();
    }
  }

  private static ListenerSettings listener(
      String name, String bootstrapPort, String nodePort, Entry entry) {
    int bootstrap = Integer.parseInt(bootstrapPort);
    Routing routing =
        new Routing.ByNodeId(
            new PortPlan.Pair(bootstrap, bootstrap), PortPlan.from(Integer.parseInt(nodePort)), 0);
    String advertised = entry.tls() == null ? null : "localhost";
    return new ListenerSettings(name, RelayProcess.HOST, advertised, routing, entry);
  }
}
