package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.Routing;
import java.io.IOException;
import java.util.BitSet;

/** Finds a free port for a broker that is seen for the first time. Thread-safe. */
final class DynamicPorts {

  /** Opens a port. Fails if it is in use. */
  @FunctionalInterface
  interface PortOpener {
    HostPort open(int port) throws IOException;
  }

  /** Limit of ports tried in one call, since it runs on an event loop. */
  private static final int MAX_ATTEMPTS = 64;

  /** Index at which the next search starts. */
  private int next;

  /** Indexes of the ports opened here and not closed yet. */
  private final BitSet opened = new BitSet();

  synchronized HostPort open(Routing.Dynamic dynamic, int nodeId, PortOpener opener)
      throws IOException {
    if (dynamic.lowestPort() == 0) {
      return opener.open(0);
    }
    if (dynamic.byNodeId() && nodeId >= 0) {
      return opener.open(dynamic.lowestPort() + nodeId % dynamic.ports());
    }
    IOException last = new IOException("no port is left");
    int tried = 0;
    int index = opened.nextClearBit(Math.min(next, dynamic.ports()));
    if (index >= dynamic.ports()) {
      index = opened.nextClearBit(0);
    }
    // beyond the limit the search continues in the next call
    while (index < dynamic.ports() && tried++ < MAX_ATTEMPTS) {
      next = index + 1;
      try {
        HostPort port = opener.open(dynamic.lowestPort() + index);
        opened.set(index);
        return port;
      } catch (IOException e) {
        last = e; // used by another process
      }
      index = opened.nextClearBit(index + 1);
    }
    if (index >= dynamic.ports()) {
      next = 0;
    }
    throw new IOException(
        "none of the "
            + dynamic.ports()
            + " dynamic ports from "
            + dynamic.lowestPort()
            + " on could be opened: "
            + last.getMessage(),
        last);
  }

  /** Notes that a port opened here was closed. */
  synchronized void released(Routing.Dynamic dynamic, int port) {
    int index = port - dynamic.lowestPort();
    if (dynamic.lowestPort() > 0 && index >= 0) {
      opened.clear(index);
    }
  }
}
