package io.gatehouse.gateway.net;

import io.gatehouse.auth.OutageLog;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens listening sockets and assigns accepted connections to the event loops round-robin. */
public final class Acceptor {

  private static final Logger log = LoggerFactory.getLogger(Acceptor.class);
  private static final long BIND_SECONDS = 10;

  /** How long accepting pauses after accept(2) failed, usually for want of file descriptors. */
  private static final long PAUSE_SECONDS = 1;

  /** Configures an accepted connection before it is registered with its loop and read. */
  @FunctionalInterface
  public interface ConnectionHandler {
    void accept(Loop loop, SocketChannel channel);
  }

  private final Sockets sockets;
  private final InheritedSockets inherited;
  private final OutageLog outage = new OutageLog(log);

  /**
   * Resolved bind addresses by host, so that ports opened later on an event loop need no lookup.
   */
  private final Map<String, InetAddress> interfaces = new ConcurrentHashMap<>();

  /** Inherited ports, on which nothing is accepted before {@link #acceptInherited}. */
  private final List<Port> paused = new CopyOnWriteArrayList<>();

  public Acceptor(Sockets sockets, InheritedSockets inherited) {
    this.sockets = sockets;
    this.inherited = inherited;
  }

  /** A listening socket. */
  public static final class Port {
    private final ServerSocketChannel channel;
    private final AcceptHandler handler;

    private Port(ServerSocketChannel channel, AcceptHandler handler) {
      this.channel = channel;
      this.handler = handler;
    }

    /** The address it listens on, with the port the system chose if 0 was requested. */
    public HostPort address() {
      return Sockets.hostPort(channel.localAddress());
    }

    /** Closes the socket, unless another process has its descriptor too. */
    public void close() {
      channel.close();
    }

    public boolean isOpen() {
      return channel.isOpen();
    }

    /**
     * Describes the socket for another process. Keep it open until its descriptor was sent there.
     */
    public ListeningSocket socket(ListeningSocket.Use use) {
      return new ListeningSocket(
          use, channel.localAddress(), ((UnixChannel) channel).fd().intValue());
    }

    /**
     * Stops or resumes accepting; meanwhile connections wait in the kernel's backlog. The future
     * completes when the change is in force.
     *
     * @throws RejectedExecutionException when the loops have ended
     */
    public Future<?> setAccepting(boolean accepting) {
      return channel.eventLoop().submit(() -> handler.setAccepting(channel, accepting));
    }
  }

  /**
   * Listens on the address, or adopts the inherited socket that listens there already. On an event
   * loop this does not wait: binding takes two system calls that do not block.
   *
   * @throws IOException with a message that says which address could not be bound and why
   */
  public Port listen(
      HostPort address, ListeningSocket.Use use, Loop loop, ConnectionHandler accepted)
      throws IOException {
    InetSocketAddress socketAddress = resolve(address);
    AcceptHandler handler = new AcceptHandler(accepted, loop);
    ListeningSocket open = inherited.take(socketAddress, use);
    if (open != null) {
      return adopt(open, loop, handler);
    }
    if (loop.eventLoop().inEventLoop()) {
      return bind(address, socketAddress, loop, handler);
    }
    AtomicReference<@Nullable Port> bound = new AtomicReference<>();
    AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    loop.eventLoop()
        .execute(() -> {
          try {
            bound.set(bind(address, socketAddress, loop, handler));
          } catch (IOException e) {
            failure.set(e);
          } finally {
            done.countDown();
          }
        });
    try {
      if (!done.await(BIND_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("could not listen on " + address + " within 10 seconds");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while binding " + address, e);
    }
    IOException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
    Port port = bound.get();
    if (port == null) {
      throw new IOException("could not listen on " + address);
    }
    return port;
  }

  /** Begins to accept on the inherited ports. */
  public void acceptInherited() {
    paused.forEach(port -> port.setAccepting(true));
    paused.clear();
  }

  private Port adopt(ListeningSocket open, Loop loop, AcceptHandler handler) {
    ServerSocketChannel channel = new EpollServerSocketChannel(open.descriptor());
    handler.setAccepting(channel, false);
    channel.pipeline().addLast(handler);
    loop.eventLoop().register(channel);
    Port port = new Port(channel, handler);
    paused.add(port);
    return port;
  }

  private Port bind(
      HostPort address, InetSocketAddress socketAddress, Loop loop, AcceptHandler handler)
      throws IOException {
    ServerSocketChannel channel = sockets.loops().transport().serverSocket();
    channel.config().setReuseAddress(true);
    channel.config().setBacklog(sockets.backlog());
    channel.pipeline().addLast(handler);
    loop.eventLoop().register(channel);
    var bound = channel.bind(socketAddress);
    if (!bound.isSuccess()) {
      channel.close();
      throw new IOException(
          "cannot listen on "
              + address
              + ": "
              + (bound.cause() == null ? "the bind did not complete" : bound.cause().getMessage()));
    }
    return new Port(channel, handler);
  }

  private InetSocketAddress resolve(HostPort address) throws IOException {
    // A local address: usually a literal, else a name in the hosts file.
    String host = address.host().equals("*") ? "0.0.0.0" : address.host();
    InetAddress known = interfaces.get(host);
    if (known == null) {
      known = InetAddress.getByName(host);
      interfaces.put(host, known);
    }
    return new InetSocketAddress(known, address.port());
  }

  /** Registers each accepted channel with its loop, after setting its options. */
  private final class AcceptHandler extends ChannelInboundHandlerAdapter {
    private final ConnectionHandler accepted;
    private final Loop acceptorLoop;

    /** Confined to the port's event loop once the channel is registered. */
    private boolean accepting = true;

    AcceptHandler(ConnectionHandler accepted, Loop acceptorLoop) {
      this.accepted = accepted;
      this.acceptorLoop = acceptorLoop;
    }

    void setAccepting(ServerSocketChannel port, boolean accept) {
      accepting = accept;
      port.config().setAutoRead(accept);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      SocketChannel channel = (SocketChannel) message;
      Loop loop = sockets.loops().next();
      outage.works("accepting connections");
      try {
        sockets.configureClient(channel, loop);
        accepted.accept(loop, channel);
        loop.eventLoop().register(channel);
      } catch (RuntimeException e) {
        // Setting options fails if the peer has already closed the connection.
        log.debug("connection dropped while it was accepted: {}", e.toString());
        channel.unsafe().closeForcibly();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // Most likely out of file descriptors: retrying at once would only use up the CPU.
      acceptorLoop.metrics().acceptFailed();
      outage.failed(
          "connections wait to be accepted: "
              + cause.getMessage()
              + ". If too many files are open, raise the limit (ulimit -n, LimitNOFILE=)");
      context.channel().config().setAutoRead(false);
      context
          .channel()
          .eventLoop()
          .schedule(
              () -> context.channel().config().setAutoRead(accepting),
              PAUSE_SECONDS,
              TimeUnit.SECONDS);
    }
  }
}
