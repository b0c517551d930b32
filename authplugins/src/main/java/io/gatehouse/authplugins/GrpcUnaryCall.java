package io.gatehouse.authplugins;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.auth.sasl.ClientText;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * The answer to one call: headers, at most one message, and trailers with the status. A message is
 * preceded by five bytes: whether it is compressed, and its length. An answer of headers only is an
 * error.
 */
final class GrpcUnaryCall extends ChannelInboundHandlerAdapter {

  /** Length of the prefix of a message, in bytes. */
  static final int PREFIX = 5;

  private static final int MOST = PREFIX + GrpcConnection.MAX_MESSAGE;

  private final CompletableFuture<byte[]> answer;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private boolean begun;

  GrpcUnaryCall(CompletableFuture<byte[]> answer) {
    this.answer = answer;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object frame) throws IOException {
    try {
      switch (frame) {
        case Http2HeadersFrame headers -> onHeaders(ctx, headers);
        case Http2DataFrame data -> onData(ctx, data);
        default -> {}
      }
    } finally {
      ReferenceCountUtil.release(frame);
    }
  }

  private void onHeaders(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
    Http2Headers headers = frame.headers();
    if (!begun && !isInterim(headers)) {
      begun = true;
      String status = text(headers, ":status");
      if (!status.equals("200") && !headers.contains("grpc-status")) {
        fail(ctx, GrpcStatus.ofHttp(status), "it answered with HTTP status " + shown(status));
        return;
      }
      String type = text(headers, "content-type");
      if (!type.startsWith("application/grpc")) {
        fail(ctx, GrpcStatus.UNKNOWN, "it answered with " + shown(type) + " instead of gRPC");
        return;
      }
    }
    if (frame.isEndStream()) {
      onEnd(ctx, headers);
    }
  }

  private static boolean isInterim(Http2Headers headers) {
    return text(headers, ":status").startsWith("1");
  }

  private void onData(ChannelHandlerContext ctx, Http2DataFrame frame) throws IOException {
    ByteBuf content = frame.content();
    if (body.size() + content.readableBytes() > MOST) {
      fail(
          ctx,
          GrpcStatus.RESOURCE_EXHAUSTED,
          "its answer is longer than " + GrpcConnection.MAX_MESSAGE + " bytes");
      return;
    }
    content.readBytes(body, content.readableBytes());
    if (frame.isEndStream()) {
      fail(ctx, GrpcStatus.INTERNAL, "its answer ended without a status");
    }
  }

  private void onEnd(ChannelHandlerContext ctx, Http2Headers trailers) {
    String code = text(trailers, "grpc-status");
    if (!code.equals("0")) {
      String said = unescaped(text(trailers, "grpc-message"));
      GrpcStatus status = GrpcStatus.of(code);
      fail(ctx, status, "it answered " + status + (said.isEmpty() ? "" : ": " + shown(said)));
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(body.toByteArray());
    if (bytes.remaining() < PREFIX || bytes.get() != 0 || bytes.getInt() != bytes.remaining()) {
      fail(ctx, GrpcStatus.INTERNAL, "its answer is not one message as it is");
      return;
    }
    byte[] message = new byte[bytes.remaining()];
    bytes.get(message);
    answer.complete(message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof Http2ResetFrame reset) {
      Http2Error error = Http2Error.valueOf(reset.errorCode());
      GrpcStatus status =
          switch (error) {
            case REFUSED_STREAM -> GrpcStatus.UNAVAILABLE;
            case CANCEL -> GrpcStatus.CANCELLED;
            case ENHANCE_YOUR_CALM -> GrpcStatus.RESOURCE_EXHAUSTED;
            case INADEQUATE_SECURITY -> GrpcStatus.PERMISSION_DENIED;
            case null, default -> GrpcStatus.INTERNAL;
          };
      fail(ctx, status, "it broke the call off: " + error);
    }
    ReferenceCountUtil.release(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    answer.completeExceptionally(
        new PluginFailure(GrpcStatus.UNAVAILABLE, "its connection was lost during the call"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    answer.completeExceptionally(
        new PluginFailure(
            GrpcStatus.INTERNAL, "its answer cannot be read: " + cause.getMessage(), cause));
    ctx.close();
  }

  private void fail(ChannelHandlerContext ctx, GrpcStatus status, String why) {
    answer.completeExceptionally(new PluginFailure(status, why));
    ctx.close();
  }

  private static String text(Http2Headers headers, String name) {
    CharSequence value = headers.get(name);
    return value == null ? "" : value.toString();
  }

  private static String shown(String said) {
    return ClientText.shown(said);
  }

  /**
   * Decodes {@code grpc-message}, which is UTF-8 with percent encoding. A malformed one stays as it
   * is.
   */
  private static String unescaped(String message) {
    try {
      return URLDecoder.decode(message.replace("+", "%2B"), UTF_8);
    } catch (IllegalArgumentException e) {
      return message;
    }
  }
}
