package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;

/** Opens a listener's ports for the kind of routing in its settings. */
public final class Routes {

  private Routes() {}

  /**
   * Opens the listener's ports.
   *
   * @return the address at which clients bootstrap
   * @throws IOException if a port cannot be opened
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

  /**
   * The bootstrap address to show users: the advertised host and port if the settings name them,
   * else the listening address, with an address of this machine in place of a wildcard.
   *
   * @param listening the result of {@link #open}
   */
  public static HostPort forClients(ListenerSettings listener, HostPort listening) {
    return switch (listener.routing()) {
      case Routing.BySni bySni -> new HostPort(bySni.bootstrapHost(), bySni.port().advertised());
      case Routing.ByNodeId byNodeId -> {
        PortPlan.Pair first =
            byNodeId.bootstrap() != null
                ? byNodeId.bootstrap()
                : byNodeId.ports().pairs().getFirst();
        String host = listener.advertisedHost();
        yield new HostPort(host != null ? host : reachable(listening), first.advertised());
      }
      case Routing.ByAddress byAddress -> {
        HostPort told = byAddress.servers().getFirst().advertised();
        yield told == null
            ? new HostPort(reachable(listening), listening.port())
            : told.port() == 0 ? told.withPort(listening.port()) : told;
      }
    };
  }

  private static String reachable(HostPort listening) {
    if (!listening.isWildcard()) {
      return listening.host();
    }
    try {
      return NetworkInterface.networkInterfaces()
          .filter(Routes::isUp)
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
          .min(Comparator.comparing(address -> address instanceof Inet6Address))
          .map(InetAddress::getHostAddress)
          .orElse("localhost");
    } catch (SocketException e) {
      return "localhost";
    }
  }

  private static boolean isUp(NetworkInterface one) {
    try {
      return one.isUp();
    } catch (SocketException e) {
      return false;
    }
  }
}
