/**
 * OAUTHBEARER with tokens from anywhere: a provider fetches one when asked, the login keeps it
 * until shortly before its end. The built-in providers are those that kafka-proxy has as plugins,
 * with their parameters (docs/kafka-proxy.md).
 */
@NullMarked
package io.gatehouse.auth.login.token;

import org.jspecify.annotations.NullMarked;
