/**
 * The data plane. {@link io.gatehouse.gateway.Gateway} wires it and is all that the modules above
 * see, with {@code settings}, {@code metrics} and {@link io.gatehouse.gateway.Health}.
 *
 * <p>Read on in {@code session} for the way of a frame, {@code plan} for what is done with it,
 * {@code route} for where it goes, {@code net} for sockets and buffers.
 */
@NullMarked
package io.gatehouse.gateway;

import org.jspecify.annotations.NullMarked;
