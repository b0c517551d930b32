/**
 * Programs of others that check passwords, check tokens or hand out tokens: kafka-proxy's plugins,
 * and whatever speaks as they do. A program is started, says on stdout where it listens (HashiCorp
 * go-plugin, protocol version 1), and is called there by gRPC over HTTP/2 without TLS, on a unix
 * domain socket or the loopback interface. One that crashes is started again; none outlives the
 * gateway. contracts/kafka-proxy.md §10 has the interfaces.
 */
@NullMarked
package io.gatehouse.identity.plugin;

import org.jspecify.annotations.NullMarked;
