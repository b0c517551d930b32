package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.settings.HostPort;
import java.io.IOException;
import java.util.Map;

/** Opens listening ports; the address books decide which. */
public interface Ports {

  /**
   * Listens for clients that want {@code target}. On an event loop this does not wait.
   *
   * @return where it listens, with the port the system chose if none was given
   * @throws IOException with a message that names the address and the reason
   */
  HostPort open(HostPort address, Target target, AddressBook addresses) throws IOException;

  /**
   * What another process listens on for this listener and hands over, by port and the {@link
   * Target#name name} of its target. Clients know these ports: those that are opened as brokers
   * become known are opened at the start.
   */
  default Map<Integer, String> inherited() {
    return Map.of();
  }

  /** Has something done when the listener is closed: it hears of no brokers any more. */
  default void onClose(Runnable end) {}

  /**
   * Stops listening there, unless somebody is connected.
   *
   * @param address as {@link #open} returned it
   * @return whether it is closed
   */
  boolean release(HostPort address);
}
