package io.gatehouse.gateway.flow;

import java.net.InetSocketAddress;

/** What a stage before the session found out about a connection. */
public sealed interface StageEvent {

  /** The client's own address, from a PROXY header. */
  record From(InetSocketAddress client) implements StageEvent {}

  /** Where it leads, by the name the client asked for. */
  record At(ListenerBinding binding) implements StageEvent {}

  /** A name was asked for that is none of ours. */
  record Unknown(String name) implements StageEvent {}

  /** No name was asked for, and it takes one to tell where the connection leads. */
  record Unnamed() implements StageEvent {}

  /** A PROXY header that is missing, broken, or from somebody who is not believed. */
  record BadProxyHeader(String why) implements StageEvent {}

  /** Another gateway was expected to show a token, and did not. */
  record BadHandshake(String why) implements StageEvent {}
}
