package io.gatehouse.gateway.flow;

import java.net.InetSocketAddress;

/** A fact about a connection that a handler before the session reports as a user event. */
public sealed interface StageEvent {

  /** The client's address, from a PROXY header. */
  record ProxiedClient(InetSocketAddress client) implements StageEvent {}

  /** The binding of the server name that the client sent (SNI). */
  record BindingFound(ListenerBinding binding) implements StageEvent {}

  /** The client sent a server name that no listener has. */
  record UnknownServerName(String name) implements StageEvent {}

  /** The client sent no server name, which the listener needs to find the broker. */
  record MissingServerName() implements StageEvent {}

  /** The PROXY header is missing, malformed, or from a peer that is not trusted. */
  record BadProxyHeader(String reason) implements StageEvent {}

  /** The handshake with another gateway failed. */
  record BadHandshake(String reason) implements StageEvent {}
}
