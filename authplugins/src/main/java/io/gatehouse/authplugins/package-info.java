/**
 * External processes that check passwords, check tokens or issue tokens: kafka-proxy's plugins and
 * programs that speak the same protocol. A plugin is started, prints its address (HashiCorp
 * go-plugin, protocol version 1), and is called by gRPC over HTTP/2 without TLS on a unix domain
 * socket or the loopback interface. A plugin that crashes is started again. All plugins end with
 * the gateway.
 */
@NullMarked
package io.gatehouse.authplugins;

import org.jspecify.annotations.NullMarked;
