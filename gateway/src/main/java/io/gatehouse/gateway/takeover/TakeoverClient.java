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

/** The connection from a new gateway process to the running one whose sockets it takes over. */
public final class TakeoverClient implements AutoCloseable {

  /** Timeout for each response. */
  private static final long TIMEOUT_SECONDS = 20;

  /** Queued when the connection is closed. */
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
   * Connects to the gateway at this Unix socket and receives its listening sockets, on which it
   * goes on accepting until {@link #release}.
   *
   * @return null if no gateway listens there
   * @throws IOException if the gateway does not pass its sockets, with a message for the user
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
        return null; // a stale socket of a process that has ended
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
    // The server waits for SEND, so that no descriptor is read as bytes.
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

  /** The listening sockets. Do not accept on them before {@link #release}. */
  public InheritedSockets sockets() {
    return sockets;
  }

  /** Whether the running gateway is still connected. If it has ended, its ports are free to use. */
  public boolean isActive() {
    return channel.isActive();
  }

  /**
   * Makes the running gateway stop accepting and drain its connections; returns when it has stopped
   * accepting.
   *
   * @throws IOException if it does not confirm; it may still accept then
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
   * Closes the connection. After {@link #release} it tells the running gateway that the takeover is
   * complete; otherwise the running gateway resumes.
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
      throw new IOException("the running gateway does not pass its sockets");
    }
    if (line.startsWith(TakeoverProtocol.REFUSED)) {
      throw new IOException(
          "the running gateway does not pass its sockets: "
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

  /** Queues received lines, descriptors and the end of the connection. */
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
