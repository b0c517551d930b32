/**
 * Sockets: the transport and its event loops, the buffers that reads go into, name resolution and
 * dialling. Nothing here knows Kafka.
 *
 * <p>An {@link io.gatehouse.gateway.net.ReadBuffers} belongs to one event loop and lends the same
 * large buffer again and again while it is free, which keeps it in the processor's cache; that, not
 * fewer copies, is what makes a relay in user space cheap.
 */
@NullMarked
package io.gatehouse.gateway.net;

import org.jspecify.annotations.NullMarked;
