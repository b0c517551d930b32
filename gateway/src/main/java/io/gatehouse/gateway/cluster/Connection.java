package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.settings.HostPort;
import io.netty.channel.socket.SocketChannel;

/**
 * An open connection to a broker, authenticated if the broker requires it. Auto-read is off.
 *
 * @param sessionMillis time in ms after which the broker requires re-authentication (KIP-368), 0
 *     for never
 */
public record Connection(SocketChannel channel, HostPort broker, long sessionMillis) {}
