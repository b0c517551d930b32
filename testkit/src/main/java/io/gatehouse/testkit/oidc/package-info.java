/**
 * Identity providers for tests. {@link io.gatehouse.testkit.oidc.TokenServer} answers on loopback
 * with its discovery document, its keys and tokens for client credentials, and mints whatever other
 * token a test wants, the forged ones too ({@link io.gatehouse.testkit.oidc.TokenOrder}). It counts
 * what it is asked, changes its keys, and falls ill on demand. {@link
 * io.gatehouse.testkit.oidc.Keycloak} is the real thing, as a process of its own, for what a
 * stand-in could have wrong.
 */
@NullMarked
package io.gatehouse.testkit.oidc;

import org.jspecify.annotations.NullMarked;
