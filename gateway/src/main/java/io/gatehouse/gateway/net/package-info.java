/**
 * Sockets: the transport and its event loops, read buffers, name resolution and connecting. Nothing
 * here knows the Kafka protocol.
 *
 * <p>An {@link io.gatehouse.gateway.net.ReadBuffers} belongs to one event loop and reuses the same
 * large buffer while it is free, which keeps the buffer in the CPU's cache. That, rather than fewer
 * copies, is what makes relaying in user space cheap.
 */
@NullMarked
package io.gatehouse.gateway.net;

import org.jspecify.annotations.NullMarked;
