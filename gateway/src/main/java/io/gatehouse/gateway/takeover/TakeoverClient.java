package io.gatehouse.gateway.takeover;

import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.net.ListeningSocket;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The running gateway, as the process that takes its place sees it. */
public final class TakeoverClient implements AutoCloseable {

  /** For an answer that needs no more than a few system calls. */
  private static final long TIMEOUT_SECONDS = 20;

  /** What comes in when the other side has ended. */
  private static final Object CLOSED = new Object();

  private final EventLoopGroup thread;
  private final EpollDomainSocketChannel channel;
  private final BlockingQueue<Object> received;
  private InheritedSockets sockets = InheritedSockets.none();
  private boolean released;

  private TakeoverClient(
      EventLoopGroup thread, EpollDomainSocketChannel channel, BlockingQueue<Object> received) {
    this.thread = thread;
    this.channel = channel;
    this.received = received;
  }

  /**
   * Asks the gateway that answers connect this Unix socket for its listening sockets, which it goes
   * on using for the time being.
   *
   * @return null if no gateway answers there
   * @throws IOException if one does and does not give them, with a message for the user
   */
  public static @Nullable TakeoverClient connect(Path socket) throws IOException {
    if (!Files.exists(socket)) {
      return null;
    }
    EventLoopGroup thread = TakeoverProtocol.newEventLoop();
    try {
      TakeoverClient found = connect(thread, socket);
      if (found == null) {
        TakeoverProtocol.shutDown(thread);
      } else {
        found.receive();
      }
      return found;
    } catch (IOException | RuntimeException e) {
      TakeoverProtocol.shutDown(thread);
      throw e;
    }
  }

  private static @Nullable TakeoverClient connect(EventLoopGroup thread, Path socket)
      throws IOException {
    BlockingQueue<Object> received = new LinkedBlockingQueue<>();
    ChannelFuture connected =
        new Bootstrap()
            .group(thread)
            .channel(EpollDomainSocketChannel.class)
            .handler(
                new ChannelInitializer<EpollDomainSocketChannel>() {
                  @Override
                  protected void initChannel(EpollDomainSocketChannel channel) {
                    TakeoverProtocol.addCodec(channel);
                    channel.pipeline().addLast(new MessageReceiver(received));
                  }
                })
            .connect(new DomainSocketAddress(socket.toFile()))
            .awaitUninterruptibly();
    if (!connected.isSuccess()) {
      Throwable why = connected.cause();
      if (why instanceof ConnectException && String.valueOf(why.getMessage()).contains("refused")) {
        return null; // left over from a process that has ended
      }
      throw new IOException("cannot ask at " + socket + ": " + why.getMessage(), why);
    }
    if (!TakeoverProtocol.isSameUser(connected.channel())) {
      throw new IOException("the process at " + socket + " belongs to another user");
    }
    return new TakeoverClient(thread, (EpollDomainSocketChannel) connected.channel(), received);
  }

  private void receive() throws IOException {
    send(TakeoverProtocol.HELLO);
    List<String> lines = new ArrayList<>();
    for (String line = line(); !line.equals(TakeoverProtocol.LISTED); line = line()) {
      lines.add(line);
    }
    // Nothing more comes before it is asked for, so that no descriptor is read as a byte.
    channel.config().setReadMode(DomainSocketReadMode.FILE_DESCRIPTORS);
    send(TakeoverProtocol.SEND);
    List<ListeningSocket> all = new ArrayList<>();
    List<FileDescriptor> descriptors = new ArrayList<>();
    try {
      for (String line : lines) {
        if (!(next() instanceof FileDescriptor descriptor)) {
          throw new IOException("the running gateway ended before it had sent its sockets");
        }
        descriptors.add(descriptor);
        all.add(TakeoverProtocol.parse(line, descriptor.intValue()));
      }
    } catch (IOException e) {
      for (FileDescriptor descriptor : descriptors) {
        descriptor.close();
      }
      throw e;
    }
    channel.config().setReadMode(DomainSocketReadMode.BYTES);
    sockets = new InheritedSockets(all);
  }

  /** What it listens on. Until {@link #release} nothing may be accepted there. */
  public InheritedSockets sockets() {
    return sockets;
  }

  /** Whether it is still there: whoever ends before it is asked to leaves its ports to us. */
  public boolean isActive() {
    return channel.isActive();
  }

  /**
   * Has it stop accepting and end its connections; returns when nobody accepts any more.
   *
   * @throws IOException if it does not; it may go on accepting then
   */
  public void release() throws IOException {
    if (isActive()) {
      send(TakeoverProtocol.READY);
      Object answer = next();
      if (!CLOSED.equals(answer) && !TakeoverProtocol.YOURS.equals(answer)) {
        throw new IOException("the running gateway does not stop accepting: " + answer);
      }
    }
    released = true;
  }

  /**
   * Lets it go. If its ports are ours it need not look after them any more; otherwise it takes them
   * back.
   */
  @Override
  public void close() {
    if (released && isActive()) {
      channel.writeAndFlush(TakeoverProtocol.BYE + "\n").awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
    channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    TakeoverProtocol.shutDown(thread);
  }

  private void send(String line) {
    var _ = channel.writeAndFlush(line + "\n");
  }

  private String line() throws IOException {
    Object next = next();
    if (!(next instanceof String line)) {
      throw new IOException("the running gateway does not give its sockets away");
    }
    if (line.startsWith(TakeoverProtocol.REFUSED)) {
      throw new IOException(
          "the running gateway does not give its sockets away: "
              + line.substring(TakeoverProtocol.REFUSED.length()));
    }
    return line;
  }

  private Object next() throws IOException {
    try {
      Object next = received.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new IOException("the running gateway does not answer");
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the running gateway was asked", e);
    }
  }

  /** Puts what comes in into a queue. */
  private static final class MessageReceiver extends ChannelInboundHandlerAdapter {

    private final BlockingQueue<Object> received;

    MessageReceiver(BlockingQueue<Object> received) {
      this.received = received;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      received.add(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      received.add(CLOSED);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
