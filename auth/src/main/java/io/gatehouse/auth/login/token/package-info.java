/**
 * OAUTHBEARER with tokens of any origin: a provider fetches a token on demand, and the login reuses
 * it until shortly before it expires. The built-in providers are those that kafka-proxy has as
 * plugins, with the same parameters (docs/kafka-proxy.md).
 */
@NullMarked
package io.gatehouse.auth.login.token;

import org.jspecify.annotations.NullMarked;
