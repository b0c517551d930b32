/**
 * The stages between an accepted connection and its session: PROXY header, SNI, TLS, and the
 * handshake between gateways. Each is a handler that informs the session by an event and, where
 * possible, removes itself when done.
 */
@NullMarked
package io.gatehouse.gateway.listen;

import org.jspecify.annotations.NullMarked;
