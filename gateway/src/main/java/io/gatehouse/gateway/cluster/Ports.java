package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.settings.HostPort;
import java.io.IOException;
import java.util.Map;

/** Opens and closes a listener's ports on behalf of its {@link AddressBook}. */
public interface Ports {

  /**
   * Listens on {@code address} for clients of {@code target}. On an event loop this does not wait.
   *
   * @return the address it listens on, with the port the system chose if 0 was requested
   * @throws IOException with a message that names the address and the reason
   */
  HostPort open(HostPort address, Target target, AddressBook addresses) throws IOException;

  /**
   * The ports that the previous process hands over for this listener, with the {@link Target#name
   * name} of their targets. Clients know these ports, so dynamic ones are opened at the start
   * instead of when a broker is seen.
   */
  default Map<Integer, String> inherited() {
    return Map.of();
  }

  /** Registers an action to run when the listener is closed, such as to unsubscribe. */
  default void onClose(Runnable end) {}

  /**
   * Closes a port, unless a client is connected to it.
   *
   * @param address as {@link #open} returned it
   * @return whether it is closed
   */
  boolean release(HostPort address);
}
