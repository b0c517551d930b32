package io.gatehouse.authplugins;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Unary gRPC calls over one HTTP/2 connection without TLS. Safe for use by many threads, which
 * block.
 */
final class GrpcConnection implements AutoCloseable {

  /** The longest answer in bytes: the default of gRPC's own clients. */
  static final int MAX_MESSAGE = 4 * 1024 * 1024;

  private final Channel channel;
  private final CompletableFuture<String> lost;

  private GrpcConnection(Channel channel, CompletableFuture<String> lost) {
    this.channel = channel;
    this.lost = lost;
  }

  /**
   * @throws PluginFailure UNAVAILABLE when the connection is refused or times out
   */
  static GrpcConnection open(EventLoopGroup loops, SocketAddress address, Duration timeout)
      throws PluginFailure {
    CompletableFuture<String> lost = new CompletableFuture<>();
    var connecting =
        new Bootstrap()
            .group(loops)
            .channel(
                address instanceof UnixDomainSocketAddress
                    ? NioDomainSocketChannel.class
                    : NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
            .handler(new Pipeline(lost))
            .connect(address);
    try {
      connecting.await();
    } catch (InterruptedException e) {
      connecting.cancel(false);
      connecting.channel().close();
      Thread.currentThread().interrupt();
      throw new PluginFailure(GrpcStatus.CANCELLED, "interrupted while connecting", e);
    }
    if (!connecting.isSuccess()) {
      throw new PluginFailure(
          GrpcStatus.UNAVAILABLE,
          "it cannot be reached at " + address + ": " + connecting.cause().getMessage(),
          connecting.cause());
    }
    return new GrpcConnection(connecting.channel(), lost);
  }

  /**
   * Completes with the reason when the connection accepts no more calls. Running calls may still
   * complete.
   */
  CompletableFuture<String> lost() {
    return lost;
  }

  /**
   * Makes a call and returns the bytes of its answer.
   *
   * @param method {@code /package.Service/Method}
   * @throws PluginFailure with the status of the answer; UNAVAILABLE when the connection is lost,
   *     DEADLINE_EXCEEDED when the answer takes longer than the timeout
   */
  byte[] call(String method, byte[] message, Duration timeout) throws PluginFailure {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    Future<Http2StreamChannel> opening =
        new Http2StreamChannelBootstrap(channel).handler(new GrpcUnaryCall(answer)).open();
    opening.addListener((Future<Http2StreamChannel> opened) -> {
      if (opened.isSuccess()) {
        send(
            opened.getNow(), headers(method).set("grpc-timeout", millis(timeout)), message, answer);
      } else {
        answer.completeExceptionally(
            new PluginFailure(
                GrpcStatus.UNAVAILABLE, "its connection takes no calls", opened.cause()));
      }
    });
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PluginFailure failure
          ? failure
          : new PluginFailure(GrpcStatus.INTERNAL, "its call failed: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new PluginFailure(
          GrpcStatus.DEADLINE_EXCEEDED, "it did not answer within " + timeout.toMillis() + " ms");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PluginFailure(GrpcStatus.CANCELLED, "interrupted while it was called", e);
    } finally {
      // Closing a stream that is still open sends RST_STREAM.
      answer.cancel(false);
      opening.addListener((Future<Http2StreamChannel> opened) -> {
        if (opened.isSuccess()) {
          opened.getNow().close();
        }
      });
    }
  }

  /** Makes a server-streaming call, which lasts as long as the connection. */
  void follow(String method, Consumer<ProtobufMessage> each) {
    new Http2StreamChannelBootstrap(channel)
        .handler(new GrpcStream(each))
        .open()
        .addListener((Future<Http2StreamChannel> opened) -> {
          if (opened.isSuccess()) {
            send(opened.getNow(), headers(method), new byte[0], new CompletableFuture<>());
          }
        });
  }

  private static void send(
      Http2StreamChannel stream,
      Http2Headers headers,
      byte[] message,
      CompletableFuture<byte[]> answer) {
    ByteBuf frame = Unpooled.buffer(GrpcUnaryCall.PREFIX + message.length);
    frame.writeByte(0).writeInt(message.length).writeBytes(message);
    stream.write(new DefaultHttp2HeadersFrame(headers, false));
    stream
        .writeAndFlush(new DefaultHttp2DataFrame(frame, true))
        .addListener(sent -> {
          if (!sent.isSuccess()) {
            answer.completeExceptionally(
                new PluginFailure(GrpcStatus.UNAVAILABLE, "its connection was lost", sent.cause()));
          }
        });
  }

  private static Http2Headers headers(String method) {
    return new DefaultHttp2Headers()
        .method("POST")
        .scheme("http")
        .path(method)
        .authority("localhost")
        .set("te", "trailers")
        .set("content-type", "application/grpc")
        .set("user-agent", "gatehouse");
  }

  /** At most eight digits, as gRPC demands of {@code grpc-timeout}. */
  private static String millis(Duration timeout) {
    return Math.min(timeout.toMillis(), 99_999_999) + "m";
  }

  /** Closes the connection after the given time, so that running calls can complete. */
  void retire(Duration after) {
    channel.eventLoop().schedule(() -> channel.close(), after.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    channel.close();
  }

  private static final class Pipeline extends ChannelInitializer<Channel> {

    private final CompletableFuture<String> lost;

    Pipeline(CompletableFuture<String> lost) {
      this.lost = lost;
    }

    @Override
    protected void initChannel(Channel channel) {
      channel
          .pipeline()
          .addLast(
              Http2FrameCodecBuilder.forClient()
                  .initialSettings(Http2Settings.defaultSettings().pushEnabled(false))
                  .encoderEnforceMaxConcurrentStreams(true)
                  .gracefulShutdownTimeoutMillis(0)
                  .build())
          .addLast(new Http2MultiplexHandler(new Pushed()))
          .addLast(new Watch(lost));
    }
  }

  /** Closes streams that the server opens: gRPC has none. */
  private static final class Pushed extends ChannelInboundHandlerAdapter {

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.close();
    }
  }

  /** Handles events of the connection, as opposed to those of one call. */
  private static final class Watch extends ChannelInboundHandlerAdapter {

    private final CompletableFuture<String> lost;

    Watch(CompletableFuture<String> lost) {
      this.lost = lost;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      if (frame instanceof Http2GoAwayFrame) {
        lost.complete("it asked for another connection");
      }
      ReferenceCountUtil.release(frame);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      lost.complete("it closed its connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      lost.complete("its connection failed: " + cause.getMessage());
      ctx.close();
    }
  }
}
