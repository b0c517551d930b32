package io.gatehouse.gateway.takeover;

import io.gatehouse.gateway.net.ListeningSocket;
import io.gatehouse.gateway.net.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.Socket;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What the two processes say to each other: lines, and between them file descriptors. */
final class TakeoverProtocol {

  /** With the version of what follows. */
  static final String HELLO = "hello gatehouse 1";

  /** The last format of the list of sockets. */
  static final String LISTED = "listed";

  static final String SEND = "send";
  static final String READY = "ready";
  static final String YOURS = "yours";
  static final String BYE = "bye";

  /** Followed by the reason. */
  static final String REFUSED = "refused ";

  private static final int MAX_LINE_BYTES = 4096;

  private TakeoverProtocol() {}

  /** A newEventLoop for it; it does not keep the process alive. */
  static EventLoopGroup newEventLoop() throws IOException {
    if (Transport.best() != Transport.EPOLL) {
      throw new IOException("taking over needs Linux and Netty's native library for epoll");
    }
    return new MultiThreadIoEventLoopGroup(
        1, new DefaultThreadFactory("gatehouse-takeover", true), EpollIoHandler.newFactory());
  }

  static void shutDown(EventLoopGroup group) {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  static void addCodec(Channel channel) {
    channel
        .pipeline()
        .addLast(
            new LineBasedFrameDecoder(MAX_LINE_BYTES),
            new StringDecoder(StandardCharsets.UTF_8),
            new StringEncoder(StandardCharsets.UTF_8));
  }

  /** Whether the other process belongs to this one's user. */
  static boolean isSameUser(Channel channel) throws IOException {
    int own = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    return ((EpollDomainSocketChannel) channel).peerCredentials().uid() == own;
  }

  static String format(ListeningSocket socket) {
    return String.join(
        " ",
        escaped(socket.use().listener()),
        escaped(socket.use().target()),
        socket.address().getAddress().getHostAddress(),
        Integer.toString(socket.address().getPort()));
  }

  /**
   * Reads what {@link #format} wrote.
   *
   * @throws IOException if the format is no such, or the descriptor listens elsewhere
   */
  static ListeningSocket parse(String line, int descriptor) throws IOException {
    String[] words = line.split(" ", -1);
    if (words.length != 4) {
      throw new IOException("the running gateway does not say what a socket is for: " + line);
    }
    InetSocketAddress said =
        new InetSocketAddress(InetAddress.ofLiteral(words[2]), Integer.parseInt(words[3]));
    InetSocketAddress real = new Socket(descriptor).localAddress();
    if (!said.equals(real)) {
      throw new IOException("the running gateway sent the socket of " + real + " as " + said);
    }
    return new ListeningSocket(
        new ListeningSocket.Use(unescaped(words[0]), unescaped(words[1])), said, descriptor);
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String unescaped(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
