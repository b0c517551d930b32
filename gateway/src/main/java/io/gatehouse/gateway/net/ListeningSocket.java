package io.gatehouse.gateway.net;

import java.net.InetSocketAddress;

/**
 * A listening socket that passes from one process to another.
 *
 * @param use what it is for
 * @param address where it listens
 * @param descriptor the file descriptor, as this process counts them
 */
public record ListeningSocket(Use use, InetSocketAddress address, int descriptor) {

  /**
   * @param listener the listener's name
   * @param target what a connection leads to, in words that both processes know
   */
  public record Use(String listener, String target) {}
}
