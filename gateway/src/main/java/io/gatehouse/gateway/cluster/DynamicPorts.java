package io.gatehouse.gateway.cluster;

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

  /** Binding takes two system calls. */
  private static final int AT_ONCE = 64;

  /** Where the next look begins. */
  private int next;

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
    int tried = 0;
    int index = opened.nextClearBit(Math.min(next, dynamic.ports()));
    if (index >= dynamic.ports()) {
      index = opened.nextClearBit(0);
    }
    // This is an event loop: what is not found at once is looked for the next time.
    while (index < dynamic.ports() && tried++ < AT_ONCE) {
      next = index + 1;
      try {
        HostPort port = attempt.on(dynamic.lowestPort() + index);
        opened.set(index);
        return port;
      } catch (IOException e) {
        last = e; // somebody else's for now
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

  /** A port that was opened here is closed. */
  synchronized void released(Routing.Dynamic dynamic, int port) {
    int index = port - dynamic.lowestPort();
    if (dynamic.lowestPort() > 0 && index >= 0) {
      opened.clear(index);
    }
  }
}
