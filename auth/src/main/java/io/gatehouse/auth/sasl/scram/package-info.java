/**
 * Salted challenge and response (RFC 5802, RFC 7677): the client proves that it knows a password
 * that the gateway does not know, and the gateway proves that it knows the user. For unknown users
 * the exchange looks the same and takes as long, up to its end.
 */
@NullMarked
package io.gatehouse.auth.sasl.scram;

import org.jspecify.annotations.NullMarked;
