/**
 * The clusters behind the gateway: their brokers, the addresses that clients are told, and the
 * connections to brokers.
 *
 * <p>{@link io.gatehouse.gateway.cluster.Cluster} knows the brokers. An {@link
 * io.gatehouse.gateway.cluster.AddressBook} translates their addresses and opens ports for them, by
 * node id, by address or by server name; a {@link io.gatehouse.gateway.cluster.Target} is the
 * broker that a port leads to. A {@link io.gatehouse.gateway.cluster.Connector} opens connections:
 * forward proxy, PROXY header, TLS, SASL.
 */
@NullMarked
package io.gatehouse.gateway.cluster;

import org.jspecify.annotations.NullMarked;
