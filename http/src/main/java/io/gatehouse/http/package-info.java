/**
 * The HTTP server of the gateway: health, versions, metrics, log levels and taps.
 *
 * <p>{@link io.gatehouse.http.AdminServer} is configured with a list of {@link
 * io.gatehouse.http.RouteGroup}s. Every handler runs on a virtual thread and may block. The server
 * uses the rest of the program through interfaces of this package ({@link
 * io.gatehouse.http.Health}, {@link io.gatehouse.http.LoggerLevels}). Errors are sent as problem
 * documents (RFC 9457).
 */
@NullMarked
package io.gatehouse.http;

import org.jspecify.annotations.NullMarked;
