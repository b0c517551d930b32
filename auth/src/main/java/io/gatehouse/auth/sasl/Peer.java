package io.gatehouse.auth.sasl;

import java.net.InetAddress;

/**
 * The client as far as it is known before it authenticates.
 *
 * @param address its own address, also behind a balancer that passes it on
 * @param listener name of the listener it came to
 * @param host the host name or address it connected to, which GSSAPI needs
 * @param encrypted whether TLS protects the exchange
 */
public record Peer(InetAddress address, String listener, String host, boolean encrypted) {}
