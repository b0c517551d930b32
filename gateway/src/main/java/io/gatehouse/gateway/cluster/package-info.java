/**
 * The clusters behind the gateway: their brokers and addresses, and the connections to them.
 *
 * <p>{@link io.gatehouse.gateway.cluster.Cluster} knows the brokers. An {@link
 * io.gatehouse.gateway.cluster.AddressBook} translates their addresses and opens ports for them, by
 * node id or by address; a {@link io.gatehouse.gateway.cluster.Target} says which broker a port
 * stands for. A {@link io.gatehouse.gateway.cluster.Connector} opens connections: forward proxy,
 * PROXY header, TLS, SASL.
 */
@NullMarked
package io.gatehouse.gateway.cluster;

import org.jspecify.annotations.NullMarked;
