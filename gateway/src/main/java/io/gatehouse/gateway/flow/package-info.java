/**
 * A client's connection and the broker connection behind it: the way of a frame.
 *
 * <p>{@link io.gatehouse.gateway.flow.Session} is the state machine. {@link
 * io.gatehouse.gateway.flow.RequestPath} and {@link io.gatehouse.gateway.flow.ResponsePath} cut the
 * two byte streams into frames and forward them in chunks, looking inside as far as the {@link
 * io.gatehouse.gateway.plan.Plan} asks; {@link io.gatehouse.gateway.flow.InFlight} keeps the order
 * between them. All of it runs on one event loop.
 */
@NullMarked
package io.gatehouse.gateway.flow;

import org.jspecify.annotations.NullMarked;
