/**
 * Connections to brokers, from the dial to the login: a forward proxy, a PROXY header, TLS, SASL.
 * What leaves this room is an open channel on which requests may be sent as the account that was
 * asked for.
 */
@NullMarked
package io.gatehouse.gateway.link;

import org.jspecify.annotations.NullMarked;
