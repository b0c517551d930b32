package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.nodes.Advertised;
import io.gatehouse.gateway.settings.HostPort;

/**
 * Maps broker addresses to the addresses that clients are told. Called on event loops; never
 * blocks.
 */
public interface AddressBook {

  /**
   * Returns the gateway's address for a broker that a response names, opening a port for it if
   * needed. A broker without a port here gets an address on which nothing listens (port 0), so that
   * clients see it as down and the broker's real address is not disclosed.
   *
   * @param nodeId the broker's node id as clients know it, -1 where the response does not say
   * @param broker the address in the response
   * @param local the gateway's address on the client's connection
   */
  HostPort advertised(int nodeId, HostPort broker, HostPort local);

  /** The gateway's address for a broker by node id; the bootstrap address if the id is unknown. */
  HostPort advertisedKnown(int nodeId, HostPort local);

  /** The address to advertise where no specific broker is meant. */
  HostPort bootstrap(HostPort local);

  /** The addresses that other gateway nodes may tell their clients for brokers. */
  Advertised published();

  /** Whether this is the address of a known broker. */
  boolean isBroker(HostPort address);
}
