package io.gatehouse.gateway.route;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import java.io.IOException;

/** Opens a listener's ports in the way its settings say. */
public final class Routes {

  private Routes() {}

  /**
   * @return where clients bootstrap
   * @throws IOException when a port cannot be opened
   */
  public static HostPort open(ListenerSettings listener, Cluster cluster, Ports ports)
      throws IOException {
    return switch (listener.routing()) {
      case Routing.ByNodeId byNodeId -> new NodeIdPorts(listener, byNodeId, cluster, ports).start();
      case Routing.ByAddress byAddress ->
          new AddressPorts(listener, byAddress, cluster, ports, System::nanoTime).start();
      case Routing.BySni bySni -> {
        SniNames names = new SniNames(bySni, cluster);
        HostPort port =
            ports.open(
                new HostPort(listener.bindHost(), bySni.port().local()),
                names.bootstrapTarget(),
                names);
        yield new HostPort(bySni.bootstrapHost(), port.port());
      }
    };
  }
}
