package io.gatehouse.gateway.net;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listening sockets that another process opened and handed over. Connections in a socket's accept
 * queue survive as long as one process keeps the socket open.
 */
public final class InheritedSockets implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(InheritedSockets.class);

  private final List<ListeningSocket> unused;

  public InheritedSockets(List<ListeningSocket> all) {
    unused = new ArrayList<>(all);
  }

  /** No sockets, for a start without a takeover. */
  public static InheritedSockets none() {
    return new InheritedSockets(List.of());
  }

  /** The sockets of a listener that this process does not use yet. */
  public synchronized List<ListeningSocket> ofListener(String listener) {
    return unused.stream().filter(one -> one.use().listener().equals(listener)).toList();
  }

  /**
   * Removes and returns the socket that listens on this address, or null. For port 0 it is the
   * socket of equal use, so that a port that the system chose stays the same.
   */
  synchronized @Nullable ListeningSocket take(InetSocketAddress address, ListeningSocket.Use use) {
    for (ListeningSocket one : unused) {
      boolean samePort =
          address.getPort() == 0
              ? one.use().equals(use)
              : one.address().getPort() == address.getPort();
      if (samePort && isSameInterface(one.address(), address)) {
        unused.remove(one);
        return one;
      }
    }
    return null;
  }

  /** The wildcards of IPv4 and IPv6 are equal: a dual-stack socket may report either. */
  private static boolean isSameInterface(InetSocketAddress one, InetSocketAddress other) {
    return one.getAddress().equals(other.getAddress())
        || (one.getAddress().isAnyLocalAddress() && other.getAddress().isAnyLocalAddress());
  }

  /** Closes the sockets that no listener has taken. */
  @Override
  public synchronized void close() {
    for (ListeningSocket one : unused) {
      log.info("{} is not listened on any more", one.address());
      try {
        new FileDescriptor(one.descriptor()).close();
      } catch (IOException e) {
        log.debug("{} does not close", one.address(), e);
      }
    }
    unused.clear();
  }
}
