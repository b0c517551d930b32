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

/** Gives the listening sockets to the process that takes this one's place, one at a time. */
public final class Successors implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Successors.class);

  /** How long another process may take to make itself ready. */
  private static final long LIMIT_MINUTES = 10;

  /** The gateway whose sockets they are. Told one thing after the other, on one thread. */
  public interface Owner {

    /** What it listens on. It opens no further ports until one of the other methods is called. */
    List<ListeningSocket> offer();

    /** The other process has ended before it was ready: all is as it was. */
    void withdraw();

    /** Stops accepting, and returns when nothing is accepted any more. */
    void stopAccepting();

    /** The other process accepts now: ends its connections. */
    void retire();

    /** The other process has ended: accepts again. */
    void takeBack();
  }

  private enum Phase {
    WAITING,
    OFFERED,
    GIVEN
  }

  private final Path path;
  private final Owner owner;
  private final EventLoopGroup thread;

  /** Where the owner is told things that may take a while. */
  private final ExecutorService telling =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("takeover").factory());

  // Of the thread alone.
  private @Nullable Channel door;
  private @Nullable Channel successor;
  private Phase phase = Phase.WAITING;

  /** What is sent by descriptor, in the order of the lines. */
  private List<ListeningSocket> offered = List.of();

  private Successors(Path path, Owner owner) throws IOException {
    this.path = path;
    this.owner = owner;
    this.thread = Conversation.thread();
  }

  /**
   * Waits at this Unix socket for another process of the same user.
   *
   * @throws IOException if that cannot be, with a message for the user
   */
  public static Successors at(Path path, Owner owner) throws IOException {
    Successors successors = new Successors(path, owner);
    try {
      successors.open();
      return successors;
    } catch (IOException | RuntimeException e) {
      successors.close();
      throw e;
    }
  }

  private void open() throws IOException {
    removeLeftOver();
    ChannelFuture bound =
        new ServerBootstrap()
            .group(thread)
            .channel(EpollServerDomainSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    Conversation.speak(channel);
                    channel.pipeline().addLast(new RequestSender());
                  }
                })
            .bind(new DomainSocketAddress(path.toFile()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      Throwable why = bound.cause();
      throw new IOException(
          "cannot wait for another process at " + path + ": " + why.getMessage(), why);
    }
    // Others are turned away when they connect, too.
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    Channel opened = bound.channel();
    thread.submit(() -> door = opened).awaitUninterruptibly();
  }

  /** A process that was killed leaves its socket behind. */
  private void removeLeftOver() throws IOException {
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

  /** Waits for nobody any more, and removes the socket. */
  @Override
  public void close() {
    telling.shutdown();
    Conversation.end(thread);
  }

  private void tell(Runnable task) {
    if (!telling.isShutdown()) {
      telling.execute(task);
    }
  }

  /** Somebody who does not come to an end keeps others waiting. */
  private void giveUp(Channel channel) {
    if (!channel.equals(successor) || phase == Phase.OFFERED) {
      channel.close();
    }
  }

  private final class RequestSender extends SimpleChannelInboundHandler<String> {

    @Override
    public void channelActive(ChannelHandlerContext context) throws IOException {
      if (!Conversation.isSameUser(context.channel())) {
        log.warn("a process of another user wanted the listening sockets");
        context.close();
      }
      context.executor().schedule(() -> giveUp(context.channel()), LIMIT_MINUTES, TimeUnit.MINUTES);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, String line) {
      Channel channel = context.channel();
      switch (line) {
        case Conversation.HELLO -> hello(channel);
        case Conversation.SEND -> send(channel);
        case Conversation.READY -> ready(channel);
        case Conversation.BYE -> bye(channel);
        default -> context.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      gone(context.channel());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      log.warn("the conversation with another process failed: {}", cause.toString());
      context.close();
    }
  }

  private void hello(Channel channel) {
    if (successor != null) {
      channel.writeAndFlush(Conversation.REFUSED + "another process is taking over already\n");
      channel.close();
      return;
    }
    successor = channel;
    phase = Phase.OFFERED;
    log.info("Another process asks for the listening sockets");
    tell(() -> {
      List<ListeningSocket> sockets = owner.offer();
      thread.execute(() -> list(channel, sockets));
    });
  }

  private void list(Channel channel, List<ListeningSocket> sockets) {
    offered = sockets;
    sockets.forEach(socket -> channel.write(Conversation.line(socket) + "\n"));
    channel.writeAndFlush(Conversation.LISTED + "\n");
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
    phase = Phase.GIVEN;
    tell(() -> {
      owner.stopAccepting();
      thread.execute(() -> give(channel));
    });
  }

  /** The place at the Unix socket goes to the other process as well. */
  private void give(Channel channel) {
    if (channel.equals(successor) && door != null) {
      door.close();
      door = null;
      channel.writeAndFlush(Conversation.YOURS + "\n");
      tell(owner::retire);
    }
  }

  private void bye(Channel channel) {
    if (channel.equals(successor) && phase == Phase.GIVEN) {
      successor = null;
    }
    channel.close();
  }

  private void gone(Channel channel) {
    if (!channel.equals(successor)) {
      return;
    }
    successor = null;
    offered = List.of();
    Phase before = phase;
    phase = Phase.WAITING;
    if (before == Phase.OFFERED) {
      log.warn("The other process has ended before it was ready; this one goes on");
      tell(owner::withdraw);
    } else if (before == Phase.GIVEN) {
      log.warn("The other process has ended; this one takes the ports back");
      boolean closed = door == null;
      tell(() -> {
        owner.takeBack();
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
      log.error("{}; nobody can take over from here", e.getMessage());
    }
  }
}
