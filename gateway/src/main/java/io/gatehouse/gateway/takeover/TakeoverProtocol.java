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

/** The protocol between the two processes: lines of text, and file descriptors between them. */
final class TakeoverProtocol {

  /** The first line, with the protocol's version. */
  static final String HELLO = "hello gatehouse 1";

  /** The last line of the list of sockets. */
  static final String LISTED = "listed";

  static final String SEND = "send";
  static final String READY = "ready";
  static final String YOURS = "yours";
  static final String BYE = "bye";

  /** Followed by the reason. */
  static final String REFUSED = "refused ";

  private static final int MAX_LINE_BYTES = 4096;

  private TakeoverProtocol() {}

  /** Creates the protocol's event loop, on a daemon thread. */
  static EventLoopGroup newEventLoop() throws IOException {
    if (Transport.best() != Transport.EPOLL) {
      throw new IOException("taking over needs Linux and Netty's native library for epoll");
    }
    return new MultiThreadIoEventLoopGroup(
        1, new DefaultThreadFactory("gatehouse-takeover", true), EpollIoHandler.newFactory());
  }

  /** Ends the event loop, waiting at most two seconds. */
  static void shutDown(EventLoopGroup group) {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  /** Adds the handlers that decode and encode lines. */
  static void addCodec(Channel channel) {
    channel
        .pipeline()
        .addLast(
            new LineBasedFrameDecoder(MAX_LINE_BYTES),
            new StringDecoder(StandardCharsets.UTF_8),
            new StringEncoder(StandardCharsets.UTF_8));
  }

  /** Whether the other process runs as the same user (SO_PEERCRED, unix(7)). */
  static boolean isSameUser(Channel channel) throws IOException {
    int own = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    return ((EpollDomainSocketChannel) channel).peerCredentials().uid() == own;
  }

  /** Encodes a socket's use and address as a line of four URL-encoded words. */
  static String format(ListeningSocket socket) {
    return String.join(
        " ",
        escaped(socket.use().listener()),
        escaped(socket.use().target()),
        socket.address().getAddress().getHostAddress(),
        Integer.toString(socket.address().getPort()));
  }

  /**
   * Decodes a line of {@link #format}.
   *
   * @throws IOException if the line is malformed, or the descriptor listens on another address
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
