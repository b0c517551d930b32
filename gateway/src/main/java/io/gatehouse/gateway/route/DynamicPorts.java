package io.gatehouse.gateway.route;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.Routing;
import java.io.IOException;

/** Finds a free port for a broker seen for the first time. */
final class DynamicPorts {

  /** Opens one port, or fails because it is taken. */
  @FunctionalInterface
  interface Attempt {
    HostPort on(int port) throws IOException;
  }

  private int next;

  synchronized HostPort open(Routing.Dynamic dynamic, int nodeId, Attempt attempt)
      throws IOException {
    if (dynamic.lowestPort() == 0) {
      return attempt.on(0);
    }
    if (dynamic.byNodeId() && nodeId >= 0) {
      return attempt.on(dynamic.lowestPort() + nodeId % dynamic.ports());
    }
    IOException last = new IOException("no port is left");
    for (; next < dynamic.ports(); next++) {
      try {
        HostPort opened = attempt.on(dynamic.lowestPort() + next);
        next++;
        return opened;
      } catch (IOException e) {
        last = e;
      }
    }
    throw new IOException(
        "all "
            + dynamic.ports()
            + " dynamic ports from "
            + dynamic.lowestPort()
            + " on are in use: "
            + last.getMessage(),
        last);
  }
}
