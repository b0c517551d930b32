package io.gatehouse.gateway.route;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.Routing;
import java.io.IOException;
import java.util.BitSet;

/** Finds a free port for a broker seen for the first time. */
final class DynamicPorts {

  /** Opens one port, or fails because it is taken. */
  @FunctionalInterface
  interface Attempt {
    HostPort on(int port) throws IOException;
  }

  /** Indexes of the ports that were opened here. */
  private final BitSet opened = new BitSet();

  synchronized HostPort open(Routing.Dynamic dynamic, int nodeId, Attempt attempt)
      throws IOException {
    if (dynamic.lowestPort() == 0) {
      return attempt.on(0);
    }
    if (dynamic.byNodeId() && nodeId >= 0) {
      return attempt.on(dynamic.lowestPort() + nodeId % dynamic.ports());
    }
    IOException last = new IOException("no port is left");
    int index = opened.nextClearBit(0);
    while (index < dynamic.ports()) {
      try {
        HostPort port = attempt.on(dynamic.lowestPort() + index);
        opened.set(index);
        return port;
      } catch (IOException e) {
        last = e; // somebody else's for now
      }
      index = opened.nextClearBit(index + 1);
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
