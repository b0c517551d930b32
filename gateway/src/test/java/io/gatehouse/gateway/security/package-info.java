/** Tests of authentication and TLS on both sides, in all combinations. */
package io.gatehouse.gateway.security;
