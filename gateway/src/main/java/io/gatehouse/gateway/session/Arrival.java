package io.gatehouse.gateway.session;

import java.net.InetSocketAddress;

/** What a stage before the session found out about a connection. */
public sealed interface Arrival {

  /** The client's own address, from a PROXY header. */
  record From(InetSocketAddress client) implements Arrival {}

  /** Where it leads, by the name the client asked for. */
  record At(Entrance entrance) implements Arrival {}

  /** A name was asked for that is none of ours. */
  record Unknown(String name) implements Arrival {}

  /** No name was asked for, and it takes one to tell where the connection leads. */
  record Unnamed() implements Arrival {}

  /** A PROXY header that is missing, broken, or from somebody who is not believed. */
  record BadProxyHeader(String why) implements Arrival {}

  /** Another gateway was expected to show a token, and did not. */
  record BadHandshake(String why) implements Arrival {}
}
