/**
 * Balancing of clients over the gateway nodes of a cluster: which node's address a client is told
 * for a broker.
 *
 * <p>{@link io.gatehouse.gateway.nodes.Nodes} is the immutable list of live nodes, with the {@link
 * io.gatehouse.gateway.nodes.Advertised addresses} of each. {@link
 * io.gatehouse.gateway.nodes.Balancing} chooses among them for one listener.
 */
@NullMarked
package io.gatehouse.gateway.nodes;

import org.jspecify.annotations.NullMarked;
