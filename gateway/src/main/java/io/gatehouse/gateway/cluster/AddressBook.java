package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.settings.HostPort;

/** What brokers are called on the clients' side. Asked by event loops; never blocks. */
public interface AddressBook {

  /**
   * The gateway's address for a broker that a response names, opening a port for it if need be. A
   * broker that cannot be reached through this gateway gets an address where nothing listens: a
   * client sees it as down, and no real address leaks.
   *
   * @param nodeId the broker's node id, -1 where the response does not say
   * @param broker the address in the response
   * @param local where the asking client connected to
   */
  HostPort advertised(int nodeId, HostPort broker, HostPort local);

  /** The gateway's address for a broker by its id alone; the bootstrap address if unknown. */
  HostPort advertisedKnown(int nodeId, HostPort local);

  /** The address to advertise where no one broker is meant. */
  HostPort bootstrap(HostPort local);

  /** Whether this is a broker's address, as far as is known. */
  boolean isBroker(HostPort address);
}
