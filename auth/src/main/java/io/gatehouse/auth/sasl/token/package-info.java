/**
 * Clients that authenticate with a token, by SASL OAUTHBEARER (RFC 7628) or in place of a service
 * account's password. Settings decide which algorithms and keys are accepted; a token's header only
 * selects among them.
 */
@NullMarked
package io.gatehouse.auth.sasl.token;

import org.jspecify.annotations.NullMarked;
