/**
 * External processes that check passwords, check tokens or issue tokens: kafka-proxy's plugins and
 * programs that speak the same protocol. A process is started, prints where it listens (HashiCorp
 * go-plugin, protocol version 1) and is called there by gRPC over HTTP/2 without TLS, on a unix
 * domain socket or the loopback interface. One that crashes is started again; none outlives the
 * gateway.
 */
@NullMarked
package io.gatehouse.authplugins;

import org.jspecify.annotations.NullMarked;
