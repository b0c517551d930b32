/**
 * Salted challenge and response (RFC 5802, RFC 7677): the client proves a password that the gateway
 * does not know, and the gateway proves in turn that it knows the user. For names that nobody has
 * the exchange looks and takes the same, up to its end.
 */
@NullMarked
package io.gatehouse.auth.sasl.scram;

import org.jspecify.annotations.NullMarked;
