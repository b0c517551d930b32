package io.gatehouse.gateway.takeover;

import io.gatehouse.gateway.net.ListeningSocket;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes the listening sockets to a new gateway process over a Unix socket, one at a time. */
public final class TakeoverServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TakeoverServer.class);

  /** How long the other process may take to become ready. */
  private static final long TIMEOUT_MINUTES = 10;

  /** The gateway that owns the sockets. Its methods are called in sequence, on one thread. */
  public interface SocketOwner {

    /** Returns the listening sockets. No ports are opened until another method is called. */
    List<ListeningSocket> offer();

    /** Ends the offer: the other process has ended before it was ready. */
    void withdraw();

    /** Stops accepting; returns when that is in force. */
    void stopAccepting();

    /** Drains connections: the other process accepts now. */
    void retire();

    /** Accepts again: the other process has ended without completing the takeover. */
    void resume();
  }

  private enum Phase {
    WAITING,
    OFFERED,
    HANDED_OVER
  }

  private final Path path;
  private final SocketOwner owner;
  private final EventLoopGroup thread;

  /** Runs the owner's methods, which may block. */
  private final ExecutorService ownerExecutor =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("takeover").factory());

  // Confined to the event loop.
  private @Nullable Channel serverChannel;
  private @Nullable Channel successor;
  private Phase phase = Phase.WAITING;

  /** The sockets to send, in the order of the lines. */
  private List<ListeningSocket> offered = List.of();

  private TakeoverServer(Path path, SocketOwner owner) throws IOException {
    this.path = path;
    this.owner = owner;
    this.thread = TakeoverProtocol.newEventLoop();
  }

  /**
   * Listens on this Unix socket for another process of the same user.
   *
   * @throws IOException if that fails, with a message for the user
   */
  public static TakeoverServer listen(Path path, SocketOwner owner) throws IOException {
    TakeoverServer successors = new TakeoverServer(path, owner);
    try {
      successors.open();
      return successors;
    } catch (IOException | RuntimeException e) {
      successors.close();
      throw e;
    }
  }

  private void open() throws IOException {
    removeStaleSocket();
    ChannelFuture bound =
        new ServerBootstrap()
            .group(thread)
            .channel(EpollServerDomainSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    TakeoverProtocol.addCodec(channel);
                    channel.pipeline().addLast(new ProtocolHandler());
                  }
                })
            .bind(new DomainSocketAddress(path.toFile()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      Throwable why = bound.cause();
      throw new IOException(
          "cannot listen for another process at " + path + ": " + why.getMessage(), why);
    }
    // other users are also refused when they connect
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    Channel opened = bound.channel();
    thread.submit(() -> serverChannel = opened).awaitUninterruptibly();
  }

  /** Deletes the socket file that a killed process has left. */
  private void removeStaleSocket() throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    if (!Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
      throw new IOException(path + " is a file, not a socket; name another one");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
    } catch (ConnectException e) {
      Files.deleteIfExists(path);
      return;
    }
    throw new IOException(
        "a gateway is running with the socket " + path + " already; --takeover takes its place");
  }

  /** Stops listening and removes the socket. */
  @Override
  public void close() {
    ownerExecutor.shutdown();
    TakeoverProtocol.shutDown(thread);
  }

  private void runOnOwner(Runnable task) {
    if (!ownerExecutor.isShutdown()) {
      ownerExecutor.execute(task);
    }
  }

  /** Closes a connection that has not become ready in time, since it blocks others. */
  private void timeOut(Channel channel) {
    if (!channel.equals(successor) || phase == Phase.OFFERED) {
      channel.close();
    }
  }

  private final class ProtocolHandler extends SimpleChannelInboundHandler<String> {

    @Override
    public void channelActive(ChannelHandlerContext context) throws IOException {
      if (!TakeoverProtocol.isSameUser(context.channel())) {
        log.warn("refused to pass the listening sockets to a process of another user");
        context.close();
      }
      context
          .executor()
          .schedule(() -> timeOut(context.channel()), TIMEOUT_MINUTES, TimeUnit.MINUTES);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, String line) {
      Channel channel = context.channel();
      switch (line) {
        case TakeoverProtocol.HELLO -> hello(channel);
        case TakeoverProtocol.SEND -> send(channel);
        case TakeoverProtocol.READY -> ready(channel);
        case TakeoverProtocol.BYE -> bye(channel);
        default -> context.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      onClosed(context.channel());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      log.warn("taking over by another process failed: {}", cause.toString());
      context.close();
    }
  }

  private void hello(Channel channel) {
    if (successor != null) {
      channel.writeAndFlush(TakeoverProtocol.REFUSED + "another process is taking over already\n");
      channel.close();
      return;
    }
    successor = channel;
    phase = Phase.OFFERED;
    log.info("Passing the listening sockets to another process");
    runOnOwner(() -> {
      List<ListeningSocket> sockets = owner.offer();
      thread.execute(() -> list(channel, sockets));
    });
  }

  private void list(Channel channel, List<ListeningSocket> sockets) {
    offered = sockets;
    sockets.forEach(socket -> channel.write(TakeoverProtocol.format(socket) + "\n"));
    channel.writeAndFlush(TakeoverProtocol.LISTED + "\n");
  }

  private void send(Channel channel) {
    if (channel.equals(successor)) {
      offered.forEach(socket -> channel.write(new FileDescriptor(socket.descriptor())));
      channel.flush();
    }
  }

  private void ready(Channel channel) {
    if (!channel.equals(successor) || phase != Phase.OFFERED) {
      channel.close();
      return;
    }
    phase = Phase.HANDED_OVER;
    runOnOwner(() -> {
      owner.stopAccepting();
      thread.execute(() -> confirm(channel));
    });
  }

  /** Closes the Unix socket, so that the other process can listen on it, and confirms. */
  private void confirm(Channel channel) {
    if (channel.equals(successor) && serverChannel != null) {
      serverChannel.close();
      serverChannel = null;
      channel.writeAndFlush(TakeoverProtocol.YOURS + "\n");
      runOnOwner(owner::retire);
    }
  }

  private void bye(Channel channel) {
    if (channel.equals(successor) && phase == Phase.HANDED_OVER) {
      successor = null;
    }
    channel.close();
  }

  private void onClosed(Channel channel) {
    if (!channel.equals(successor)) {
      return;
    }
    successor = null;
    offered = List.of();
    Phase before = phase;
    phase = Phase.WAITING;
    if (before == Phase.OFFERED) {
      log.warn("The other process ended before it was ready; this one continues");
      runOnOwner(owner::withdraw);
    } else if (before == Phase.HANDED_OVER) {
      log.warn("The other process ended during the takeover; this one accepts again");
      boolean closed = serverChannel == null;
      runOnOwner(() -> {
        owner.resume();
        if (closed) {
          reopen();
        }
      });
    }
  }

  private void reopen() {
    try {
      open();
    } catch (IOException e) {
      log.error("{}; no process can take over from this one", e.getMessage());
    }
  }
}
