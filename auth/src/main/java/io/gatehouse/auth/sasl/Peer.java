package io.gatehouse.auth.sasl;

import java.net.InetAddress;

/**
 * What is known of a client before it authenticates.
 *
 * @param address its own address, also behind a load balancer that passes it on
 * @param listener name of the listener
 * @param host the host name or address that the client connected to, which GSSAPI needs
 * @param encrypted whether the connection uses TLS
 */
public record Peer(InetAddress address, String listener, String host, boolean encrypted) {}
