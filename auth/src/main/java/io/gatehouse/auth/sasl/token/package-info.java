/**
 * Clients that show a token: as SASL OAUTHBEARER (RFC 7628), or as the password of a service
 * account. What is taken of a token is decided here and not by the token: algorithms and keys come
 * from the settings, and a header only chooses among them.
 */
@NullMarked
package io.gatehouse.auth.sasl.token;

import org.jspecify.annotations.NullMarked;
