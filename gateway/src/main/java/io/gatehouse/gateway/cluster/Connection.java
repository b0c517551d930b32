package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.settings.HostPort;
import io.netty.channel.socket.SocketChannel;

/**
 * An open connection to a broker, logged in if need be. It is not read from until its owner says
 * so.
 *
 * @param sessionMillis after how long the broker wants the login again, 0 for never
 */
public record Connection(SocketChannel channel, HostPort broker, long sessionMillis) {}
