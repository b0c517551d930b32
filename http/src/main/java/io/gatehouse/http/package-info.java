/**
 * The one HTTP server of a gateway: health, versions, metrics and log levels, and the place where
 * later route groups join.
 *
 * <p>A {@link io.gatehouse.http.RouteGroup} is a small class that registers its routes; {@link
 * io.gatehouse.http.AdminServer} is assembled from a list of them. Every handler runs on a virtual
 * thread and may block. What the server needs from the rest of the program is an interface of this
 * package ({@link io.gatehouse.http.Health}, {@link io.gatehouse.http.LoggerLevels}). Errors leave
 * as RFC 9457 problem documents.
 */
@NullMarked
package io.gatehouse.http;

import org.jspecify.annotations.NullMarked;
