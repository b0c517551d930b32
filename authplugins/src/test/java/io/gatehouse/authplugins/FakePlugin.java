package io.gatehouse.authplugins;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The gRPC side of a plugin in the test's process; its program is a shell that prints the handshake
 * and waits. Answers are programmable, and requests are recorded.
 */
final class FakePlugin implements AutoCloseable {

  /** An answer to send. */
  sealed interface Answer {

    /** A message and status 0. */
    record Said(ByteBuf message) implements Answer {}

    /** A status without message. */
    record Refused(String status, String message) implements Answer {}

    /** Headers, body and trailers as given; no trailers if they are empty. */
    record Raw(String httpStatus, String type, ByteBuf body, String status) implements Answer {}

    /** RST_STREAM. */
    record Reset(Http2Error error) implements Answer {}

    static Answer said(byte[] message) {
      return new Said(Unpooled.wrappedBuffer(framed(message)));
    }

    static Answer raw(String httpStatus, String type, byte[] body, String status) {
      return new Raw(httpStatus, type, Unpooled.wrappedBuffer(body), status);
    }
  }

  /** Answers a call; may block. */
  interface Calls {
    Answer answer(String method, byte[] request) throws Exception;
  }

  private static final String HEALTH = "/grpc.health.v1.Health/Check";

  private static final String SHUTDOWN = "/plugin.GRPCController/Shutdown";

  /** {@code status = 1: SERVING}. */
  private static final byte[] SERVING = {8, 1};

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Channel listener;
  private final Calls calls;
  final List<String> asked = new CopyOnWriteArrayList<>();
  final List<String> headers = new CopyOnWriteArrayList<>();

  /** Whether the health service answers or stays silent. */
  volatile boolean healthy = true;

  /** The output since the handshake, as gRPC messages; null if it does not know the call. */
  volatile @Nullable ByteBuf output;

  private FakePlugin(SocketAddress address, Calls calls) throws InterruptedException {
    this.calls = calls;
    this.listener =
        new ServerBootstrap()
            .group(loops)
            .channel(
                address instanceof UnixDomainSocketAddress
                    ? NioServerDomainSocketChannel.class
                    : NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    connections.add(channel);
                    channel
                        .pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forServer()
                                .initialSettings(
                                    Http2Settings.defaultSettings().maxConcurrentStreams(100))
                                .build())
                        .addLast(
                            new Http2MultiplexHandler(
                                new ChannelInitializer<Channel>() {
                                  @Override
                                  protected void initChannel(Channel stream) {
                                    stream.pipeline().addLast(new Stream());
                                  }
                                }));
                  }
                })
            .bind(address)
            .sync()
            .channel();
  }

  static FakePlugin onSocket(Path socket, Calls calls) throws InterruptedException {
    return new FakePlugin(UnixDomainSocketAddress.of(socket), calls);
  }

  static FakePlugin onPort(Calls calls) throws InterruptedException {
    return new FakePlugin(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), calls);
  }

  /** The handshake line. */
  String handshake() {
    return switch (listener.localAddress()) {
      case InetSocketAddress tcp -> "1|1|tcp|127.0.0.1:" + tcp.getPort() + "|grpc|";
      case SocketAddress unix -> "1|1|unix|" + unix + "|grpc|";
    };
  }

  /** A program that prints this address, and keeps running. */
  String script() {
    return "echo '" + handshake() + "'; exec sleep 600";
  }

  int connections() {
    return connections.size();
  }

  void goAway() {
    connections.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
  }

  void disconnect() {
    connections.close().awaitUninterruptibly();
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private final class Stream extends ChannelInboundHandlerAdapter {

    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private String method = "";

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) throws Exception {
      switch (frame) {
        case Http2HeadersFrame request -> {
          method = String.valueOf(request.headers().path());
          headers.add(request.headers().toString());
        }
        case Http2DataFrame data -> {
          data.content().readBytes(body, data.content().readableBytes());
          if (data.isEndStream()) {
            byte[] bytes = body.toByteArray();
            asked.add(method);
            Thread.startVirtualThread(
                () -> answer(ctx, Arrays.copyOfRange(bytes, GrpcUnaryCall.PREFIX, bytes.length)));
          }
        }
        default -> {}
      }
      ReferenceCountUtil.release(frame);
    }

    private void answer(ChannelHandlerContext ctx, byte[] request) {
      try {
        if (method.equals(HEALTH)) {
          if (healthy) {
            write(ctx, Answer.said(SERVING));
          }
          return;
        }
        if (method.equals(SHUTDOWN)) {
          // The program is a shell, which does not implement the call.
          write(ctx, new Answer.Refused("12", ""));
          return;
        }
        if (method.equals(PluginStdio.METHOD)) {
          ByteBuf some = output;
          if (some == null) {
            write(ctx, new Answer.Refused("12", ""));
          } else {
            writeOutput(ctx, some.retainedDuplicate());
          }
          return;
        }
        write(ctx, calls.answer(method, request));
      } catch (Exception e) {
        write(ctx, new Answer.Refused("2", e.toString()));
      }
    }

    /** Sends frames that split messages, and does not end the stream. */
    private static void writeOutput(ChannelHandlerContext ctx, ByteBuf output) {
      ctx.write(
          new DefaultHttp2HeadersFrame(
              new DefaultHttp2Headers().status("200").set("content-type", "application/grpc"),
              false));
      while (output.isReadable()) {
        int length = Math.min(7, output.readableBytes());
        ctx.write(new DefaultHttp2DataFrame(output.readRetainedSlice(length), false));
      }
      output.release();
      ctx.flush();
    }

    private static void write(ChannelHandlerContext ctx, Answer answer) {
      switch (answer) {
        case Answer.Said(ByteBuf framed) -> raw(ctx, "200", "application/grpc+proto", framed, "0");
        case Answer.Refused(String status, String message) ->
            ctx.writeAndFlush(
                new DefaultHttp2HeadersFrame(
                    new DefaultHttp2Headers()
                        .status("200")
                        .set("content-type", "application/grpc")
                        .set("grpc-status", status)
                        .set("grpc-message", message),
                    true));
        case Answer.Raw(String http, String type, ByteBuf body, String status) ->
            raw(ctx, http, type, body, status);
        case Answer.Reset(Http2Error error) -> ctx.writeAndFlush(new DefaultHttp2ResetFrame(error));
      }
    }

    private static void raw(
        ChannelHandlerContext ctx, String http, String type, ByteBuf body, String status) {
      ctx.write(
          new DefaultHttp2HeadersFrame(
              new DefaultHttp2Headers().status(http).set("content-type", type), false));
      ctx.write(new DefaultHttp2DataFrame(body, status.isEmpty()));
      if (!status.isEmpty()) {
        ctx.write(
            new DefaultHttp2HeadersFrame(
                new DefaultHttp2Headers().set("grpc-status", status), true));
      }
      ctx.flush();
    }
  }

  /** Adds gRPC's prefix of five bytes. */
  static byte[] framed(byte[] message) {
    return ByteBuffer.allocate(GrpcUnaryCall.PREFIX + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  /** {@code username NUL password} of a request to check a password. */
  static String credentials(byte[] request) throws PluginFailure {
    ProtobufMessage message = ProtobufMessage.read(request);
    return message.text(1) + "\0" + message.text(2);
  }
}
