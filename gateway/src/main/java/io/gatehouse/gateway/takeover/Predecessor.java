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
public final class Predecessor implements AutoCloseable {

  /** For an answer that needs no more than a few system calls. */
  private static final long ANSWER_SECONDS = 20;

  /** What comes in when the other side has ended. */
  private static final Object GONE = new Object();

  private final EventLoopGroup thread;
  private final EpollDomainSocketChannel channel;
  private final BlockingQueue<Object> heard;
  private InheritedSockets sockets = InheritedSockets.none();
  private boolean released;

  private Predecessor(
      EventLoopGroup thread, EpollDomainSocketChannel channel, BlockingQueue<Object> heard) {
    this.thread = thread;
    this.channel = channel;
    this.heard = heard;
  }

  /**
   * Asks the gateway that answers at this Unix socket for its listening sockets, which it goes on
   * using for the time being.
   *
   * @return null if no gateway answers there
   * @throws IOException if one does and does not give them, with a message for the user
   */
  public static @Nullable Predecessor at(Path socket) throws IOException {
    if (!Files.exists(socket)) {
      return null;
    }
    EventLoopGroup thread = Conversation.thread();
    try {
      Predecessor found = connect(thread, socket);
      if (found == null) {
        Conversation.end(thread);
      } else {
        found.receive();
      }
      return found;
    } catch (IOException | RuntimeException e) {
      Conversation.end(thread);
      throw e;
    }
  }

  private static @Nullable Predecessor connect(EventLoopGroup thread, Path socket)
      throws IOException {
    BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
    ChannelFuture connected =
        new Bootstrap()
            .group(thread)
            .channel(EpollDomainSocketChannel.class)
            .handler(
                new ChannelInitializer<EpollDomainSocketChannel>() {
                  @Override
                  protected void initChannel(EpollDomainSocketChannel channel) {
                    Conversation.speak(channel);
                    channel.pipeline().addLast(new Ear(heard));
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
    if (!Conversation.isSameUser(connected.channel())) {
      throw new IOException("the process at " + socket + " belongs to another user");
    }
    return new Predecessor(thread, (EpollDomainSocketChannel) connected.channel(), heard);
  }

  private void receive() throws IOException {
    say(Conversation.HELLO);
    List<String> lines = new ArrayList<>();
    for (String line = line(); !line.equals(Conversation.LISTED); line = line()) {
      lines.add(line);
    }
    // Nothing more comes before it is asked for, so that no descriptor is read as a byte.
    channel.config().setReadMode(DomainSocketReadMode.FILE_DESCRIPTORS);
    say(Conversation.SEND);
    List<ListeningSocket> received = new ArrayList<>();
    List<FileDescriptor> descriptors = new ArrayList<>();
    try {
      for (String line : lines) {
        if (!(next() instanceof FileDescriptor descriptor)) {
          throw new IOException("the running gateway ended before it had sent its sockets");
        }
        descriptors.add(descriptor);
        received.add(Conversation.socket(line, descriptor.intValue()));
      }
    } catch (IOException e) {
      for (FileDescriptor descriptor : descriptors) {
        descriptor.close();
      }
      throw e;
    }
    channel.config().setReadMode(DomainSocketReadMode.BYTES);
    sockets = new InheritedSockets(received);
  }

  /** What it listens on. Until {@link #release} nothing may be accepted there. */
  public InheritedSockets sockets() {
    return sockets;
  }

  /** Whether it is still there: whoever ends before it is asked to leaves its ports to us. */
  public boolean isThere() {
    return channel.isActive();
  }

  /**
   * Has it stop accepting and end its connections; returns when nobody accepts any more.
   *
   * @throws IOException if it does not; it may go on accepting then
   */
  public void release() throws IOException {
    if (isThere()) {
      say(Conversation.READY);
      Object answer = next();
      if (!GONE.equals(answer) && !Conversation.YOURS.equals(answer)) {
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
    if (released && isThere()) {
      channel.writeAndFlush(Conversation.BYE + "\n").awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
    channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    Conversation.end(thread);
  }

  private void say(String line) {
    var _ = channel.writeAndFlush(line + "\n");
  }

  private String line() throws IOException {
    Object next = next();
    if (!(next instanceof String line)) {
      throw new IOException("the running gateway does not give its sockets away");
    }
    if (line.startsWith(Conversation.REFUSED)) {
      throw new IOException(
          "the running gateway does not give its sockets away: "
              + line.substring(Conversation.REFUSED.length()));
    }
    return line;
  }

  private Object next() throws IOException {
    try {
      Object next = heard.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
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
  private static final class Ear extends ChannelInboundHandlerAdapter {

    private final BlockingQueue<Object> heard;

    Ear(BlockingQueue<Object> heard) {
      this.heard = heard;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      heard.add(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      heard.add(GONE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
