/**
 * Which port leads to which broker, and what a broker is called on this side of the gateway.
 *
 * <p>{@link io.gatehouse.gateway.route.Cluster} knows the brokers; an {@link
 * io.gatehouse.gateway.route.AddressBook} translates their addresses and opens ports for them, by
 * node id or by address; a {@link io.gatehouse.gateway.route.Target} says what a port stands for.
 */
@NullMarked
package io.gatehouse.gateway.route;

import org.jspecify.annotations.NullMarked;
