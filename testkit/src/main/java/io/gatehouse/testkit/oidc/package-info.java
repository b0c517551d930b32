/**
 * Identity providers for tests. {@link io.gatehouse.testkit.oidc.TokenServer} serves its discovery
 * document, its keys and tokens for client credentials on loopback, and creates arbitrary tokens,
 * including invalid ones ({@link io.gatehouse.testkit.oidc.TokenOrder}). It counts requests,
 * rotates its keys, and fails on demand. {@link io.gatehouse.testkit.oidc.Keycloak} is a real
 * server in its own process.
 */
@NullMarked
package io.gatehouse.testkit.oidc;

import org.jspecify.annotations.NullMarked;
