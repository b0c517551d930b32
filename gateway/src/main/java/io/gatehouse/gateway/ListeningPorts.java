package io.gatehouse.gateway;

import io.gatehouse.gateway.net.Acceptor;
import io.gatehouse.gateway.net.ListeningSocket;
import io.gatehouse.gateway.net.Loops;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The listening sockets. If new settings use the same port as an owner they remove, the socket is
 * passed to its new owner when the settings are committed, so that no connection is refused.
 */
final class ListeningPorts {

  /** How long to wait for a busy event loop to stop accepting. */
  private static final long ACCEPTING_SECONDS = 5;

  private final Acceptor acceptor;
  private final Loops loops;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /** Owners that are about to be removed, whose ports may be claimed. */
  private volatile Set<Object> leaving = Set.of();

  /** Whether all ports are closed, including those that are opened later. */
  private volatile boolean stopped;

  /** Whether the sockets were offered to another process; no port is opened then. */
  private volatile boolean offered;

  ListeningPorts(Acceptor acceptor, Loops loops) {
    this.acceptor = acceptor;
    this.loops = loops;
  }

  /**
   * The use of a port.
   *
   * @param owner a listener or a group of them, whose ports are closed together
   */
  record PortUse(Object owner, ListeningSocket.Use use, Acceptor.ConnectionHandler accepted) {}

  private static final class Socket {
    private final HostPort wanted;
    private final AtomicInteger clients = new AtomicInteger();
    private volatile PortUse serving;

    /** The next use, which takes over at {@link #commit}. Guarded by the enclosing object. */
    private @Nullable PortUse next;

    private Acceptor.@Nullable Port port;

    Socket(HostPort wanted, PortUse serving) {
      this.wanted = wanted;
      this.serving = serving;
    }

    Acceptor.Port port() {
      return java.util.Objects.requireNonNull(port);
    }

    HostPort address() {
      return wanted.withPort(port().address().port());
    }
  }

  /**
   * Listens on the address, or claims the port from an owner that leaves. On an event loop this
   * does not wait.
   *
   * @param address port 0 for a free port, or the one that an owner that leaves has for the same
   *     use
   * @return the address it listens on
   */
  HostPort open(HostPort address, PortUse serving) throws IOException {
    Socket claimed = claim(address, serving);
    if (claimed != null) {
      return claimed.address();
    }
    if (offered) {
      throw new IOException(address + " is not opened while another process takes over");
    }
    Socket socket = new Socket(address, serving);
    socket.port =
        acceptor.listen(
            address,
            serving.use,
            loops.current().orElseGet(loops::next),
            (loop, channel) -> {
              socket.serving.accepted.accept(loop, channel);
              socket.clients.incrementAndGet();
              channel.closeFuture().addListener(closed -> socket.clients.decrementAndGet());
            });
    sockets.add(socket);
    if (stopped) {
      socket.port.close();
    }
    return socket.address();
  }

  private synchronized @Nullable Socket claim(HostPort address, PortUse serving) {
    for (Socket socket : sockets) {
      boolean same =
          socket.wanted.equals(address)
              && (address.port() != 0 || socket.serving.use.equals(serving.use));
      if (same && leaving.contains(socket.serving.owner) && socket.port().isOpen()) {
        socket.next = serving;
        return socket;
      }
    }
    return null;
  }

  /** Marks owners as leaving: their ports may be claimed from now on. */
  void setLeaving(Set<Object> owners) {
    leaving = Set.copyOf(owners);
  }

  /** Passes claimed ports to their new owners and closes the other ports of leaving owners. */
  synchronized void commit() {
    for (Socket socket : sockets) {
      if (socket.next != null) {
        socket.serving = socket.next;
        socket.next = null;
      } else if (leaving.contains(socket.serving.owner)) {
        close(socket);
      }
    }
    leaving = Set.of();
  }

  /** Keeps the leaving owners and closes the ports of the new ones. */
  synchronized void rollBack(Set<Object> others) {
    for (Socket socket : sockets) {
      socket.next = null;
    }
    leaving = Set.of();
    closeAllOf(others);
  }

  void closeAllOf(Set<?> owners) {
    sockets.stream().filter(one -> owners.contains(one.serving.owner)).forEach(this::close);
  }

  private void close(Socket socket) {
    sockets.remove(socket);
    socket.port().close();
  }

  /** The port number of an owner with a single port. */
  int portOf(Object owner) {
    return sockets.stream()
        .filter(one -> one.serving.owner.equals(owner))
        .findFirst()
        .orElseThrow()
        .address()
        .port();
  }

  /** Closes a port unless a client is connected to it; returns whether it is closed. */
  boolean release(HostPort opened) {
    if (offered) {
      return false; // its descriptor may be in transfer to another process
    }
    for (Socket socket : sockets) {
      if (socket.address().equals(opened)) {
        if (socket.clients.get() > 0 || socket.next != null) {
          return false; // in use, or claimed
        }
        close(socket);
      }
    }
    return true;
  }

  // ---- all of them ------------------------------------------------------------------------------

  /** Closes all ports, including those that are opened later. */
  void stop() {
    stopped = true;
    sockets.forEach(socket -> socket.port().close());
  }

  boolean isOffered() {
    return offered;
  }

  void setOffered(boolean toAnother) {
    offered = toAnother;
  }

  List<ListeningSocket> open() {
    return sockets.stream()
        .filter(socket -> socket.port().isOpen())
        .map(socket -> socket.port().socket(socket.serving.use))
        .toList();
  }

  void setAccepting(boolean accepting) {
    for (Future<?> done :
        sockets.stream().map(socket -> socket.port().setAccepting(accepting)).toList()) {
      done.awaitUninterruptibly(ACCEPTING_SECONDS, TimeUnit.SECONDS);
    }
  }
}
