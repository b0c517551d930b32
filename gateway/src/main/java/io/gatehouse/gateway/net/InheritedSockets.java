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
 * Listening sockets that another process opened and handed over. Connections that wait in their
 * queues belong to the socket, not to a process: they are lost only when the last process closes
 * it.
 */
public final class InheritedSockets implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(InheritedSockets.class);

  private final List<ListeningSocket> left;

  public InheritedSockets(List<ListeningSocket> all) {
    left = new ArrayList<>(all);
  }

  public static InheritedSockets none() {
    return new InheritedSockets(List.of());
  }

  /** Those of a listener that are not in use here yet. */
  public synchronized List<ListeningSocket> of(String listener) {
    return left.stream().filter(one -> one.use().listener().equals(listener)).toList();
  }

  /**
   * The socket that listens at this address already. For port 0 it is the one of equal use, so that
   * a port that the system chose stays the same.
   */
  synchronized @Nullable ListeningSocket take(InetSocketAddress address, ListeningSocket.Use use) {
    for (ListeningSocket one : left) {
      boolean samePort =
          address.getPort() == 0
              ? one.use().equals(use)
              : one.address().getPort() == address.getPort();
      if (samePort && isSameInterface(one.address(), address)) {
        left.remove(one);
        return one;
      }
    }
    return null;
  }

  /** The wildcards of IPv4 and IPv6 count as one: the system tells either where both are meant. */
  private static boolean isSameInterface(InetSocketAddress one, InetSocketAddress other) {
    return one.getAddress().equals(other.getAddress())
        || (one.getAddress().isAnyLocalAddress() && other.getAddress().isAnyLocalAddress());
  }

  /** Closes those that nobody wanted. */
  @Override
  public synchronized void close() {
    for (ListeningSocket one : left) {
      log.info("{} is not listened on any more", one.address());
      try {
        new FileDescriptor(one.descriptor()).close();
      } catch (IOException e) {
        log.debug("{} does not close", one.address(), e);
      }
    }
    left.clear();
  }
}
