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

/** Opens listening sockets and hands what they accept to the loops by turns. */
public final class Acceptor {

  private static final Logger log = LoggerFactory.getLogger(Acceptor.class);
  private static final long BIND_SECONDS = 10;

  /** How long nothing is accepted after the system refused. */
  private static final long PAUSE_SECONDS = 1;

  /** Receives accepted connections, on the loop that will serve them, before they are read. */
  @FunctionalInterface
  public interface Accepted {
    void accept(Loop loop, SocketChannel channel);
  }

  private final Sockets sockets;
  private final InheritedSockets inherited;
  private final OutageLog outage = new OutageLog(log);

  /**
   * Interfaces that were listened on before: ports opened later on an event loop do not look up.
   */
  private final Map<String, InetAddress> interfaces = new ConcurrentHashMap<>();

  /** Ports that were open already, and wait until they are accepted at. */
  private final List<Port> waiting = new CopyOnWriteArrayList<>();

  public Acceptor(Sockets sockets, InheritedSockets inherited) {
    this.sockets = sockets;
    this.inherited = inherited;
  }

  /** A listening socket. */
  public static final class Port {
    private final ServerSocketChannel channel;
    private final Handover handover;

    private Port(ServerSocketChannel channel, Handover handover) {
      this.channel = channel;
      this.handover = handover;
    }

    /** Where it listens, with the port the system chose if none was given. */
    public HostPort address() {
      return Sockets.hostPort(channel.localAddress());
    }

    public void close() {
      channel.close();
    }

    public boolean isOpen() {
      return channel.isOpen();
    }

    /** For another process. It must not be closed before that has its descriptor. */
    public ListeningSocket socket(ListeningSocket.Use use) {
      return new ListeningSocket(
          use, channel.localAddress(), ((UnixChannel) channel).fd().intValue());
    }

    /**
     * Stops accepting or begins again; connections wait meanwhile. Completes when it holds.
     *
     * @throws RejectedExecutionException when the loops have ended
     */
    public Future<?> setAccepting(boolean accepting) {
      return channel.eventLoop().submit(() -> handover.setAccepting(channel, accepting));
    }
  }

  /**
   * Listens. On an event loop this does not wait: binding takes two system calls that do not block.
   *
   * @throws IOException with a message that says which address could not be bound and why
   */
  public Port listen(HostPort address, ListeningSocket.Use use, Loop loop, Accepted accepted)
      throws IOException {
    InetSocketAddress socketAddress = resolve(address);
    Handover handover = new Handover(accepted, loop);
    ListeningSocket open = inherited.take(socketAddress, use);
    if (open != null) {
      return adopt(open, loop, handover);
    }
    if (loop.eventLoop().inEventLoop()) {
      return bind(address, socketAddress, loop, handover);
    }
    AtomicReference<@Nullable Port> bound = new AtomicReference<>();
    AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    loop.eventLoop()
        .execute(() -> {
          try {
            bound.set(bind(address, socketAddress, loop, handover));
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

  /** Accepts at the ports that were open already. */
  public void acceptInherited() {
    waiting.forEach(port -> port.setAccepting(true));
    waiting.clear();
  }

  private Port adopt(ListeningSocket open, Loop loop, Handover handover) {
    ServerSocketChannel channel = new EpollServerSocketChannel(open.descriptor());
    handover.setAccepting(channel, false);
    channel.pipeline().addLast(handover);
    loop.eventLoop().register(channel);
    Port port = new Port(channel, handover);
    waiting.add(port);
    return port;
  }

  private Port bind(HostPort address, InetSocketAddress socketAddress, Loop loop, Handover handover)
      throws IOException {
    ServerSocketChannel channel = sockets.loops().transport().serverSocket();
    channel.config().setReuseAddress(true);
    channel.config().setBacklog(sockets.backlog());
    channel.pipeline().addLast(handover);
    loop.eventLoop().register(channel);
    var bound = channel.bind(socketAddress);
    if (!bound.isSuccess()) {
      channel.close();
      throw new IOException(
          "cannot listen on "
              + address
              + ": "
              + (bound.cause() == null ? "the bind did not end" : bound.cause().getMessage()));
    }
    return new Port(channel, handover);
  }

  private InetSocketAddress resolve(HostPort address) throws IOException {
    // An address of this machine: literals mostly, else a name in the hosts file.
    String host = address.host().equals("*") ? "0.0.0.0" : address.host();
    InetAddress known = interfaces.get(host);
    if (known == null) {
      known = InetAddress.getByName(host);
      interfaces.put(host, known);
    }
    return new InetSocketAddress(known, address.port());
  }

  /** Registers each accepted channel with its loop; options are set before the first read. */
  private final class Handover extends ChannelInboundHandlerAdapter {
    private final Accepted accepted;
    private final Loop acceptorLoop;

    /** Of the port's loop alone, once it is registered. */
    private boolean accepting = true;

    Handover(Accepted accepted, Loop acceptorLoop) {
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
        sockets.towardsClient(channel, loop);
        accepted.accept(loop, channel);
        loop.eventLoop().register(channel);
      } catch (RuntimeException e) {
        // The peer may be gone already, which makes setting its options fail.
        log.debug("connection dropped while it was accepted: {}", e.toString());
        channel.unsafe().closeForcibly();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // Out of descriptors, most likely: trying again at once would only burn the processor.
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
