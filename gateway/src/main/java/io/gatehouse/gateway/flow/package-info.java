/**
 * A client's connection and its broker connections: how frames are forwarded.
 *
 * <p>{@link io.gatehouse.gateway.flow.Session} is the state machine. {@link
 * io.gatehouse.gateway.flow.RequestPath} and {@link io.gatehouse.gateway.flow.ResponsePath} split
 * the two byte streams into frames and forward them in chunks, inspecting them only as far as the
 * {@link io.gatehouse.gateway.plan.Plan} requires. {@link io.gatehouse.gateway.flow.InFlight} keeps
 * the order of requests. Everything of a session runs on one event loop.
 */
@NullMarked
package io.gatehouse.gateway.flow;

import org.jspecify.annotations.NullMarked;
