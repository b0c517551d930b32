package io.gatehouse.gateway.net;

import java.net.InetSocketAddress;

/**
 * A listening socket that is handed from one process to another.
 *
 * @param use what it is for
 * @param address the address it listens on
 * @param descriptor its file descriptor in this process
 */
public record ListeningSocket(Use use, InetSocketAddress address, int descriptor) {

  /**
   * @param listener the listener's name
   * @param target the broker or brokers it leads to, as {@code Target#name} writes it
   */
  public record Use(String listener, String target) {}
}
