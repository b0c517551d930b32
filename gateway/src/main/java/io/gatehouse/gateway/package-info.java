/**
 * The data plane. {@link io.gatehouse.gateway.Gateway} wires it and is the API for the modules
 * above, with {@code settings}, {@code metrics}, {@code tap}, {@code takeover} and {@link
 * io.gatehouse.gateway.Health}.
 *
 * <p>The packages: {@code listen} accepts connections, {@code sasl} authenticates clients, {@code
 * flow} forwards frames, {@code plan} decides how each API is handled, {@code cluster} knows
 * brokers and connects to them, {@code net} has sockets and buffers.
 */
@NullMarked
package io.gatehouse.gateway;

import org.jspecify.annotations.NullMarked;
