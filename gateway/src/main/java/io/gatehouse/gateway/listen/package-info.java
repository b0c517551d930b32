/**
 * What stands between an accepted connection and its session: the PROXY header, the name asked for,
 * TLS. Each stage is a handler that does its part, tells the session and, where it can, leaves.
 */
@NullMarked
package io.gatehouse.gateway.listen;

import org.jspecify.annotations.NullMarked;
