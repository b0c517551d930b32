package io.gatehouse.gateway.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Stands before TLS and sees to it that a client gets the alert that says why its handshake failed.
 * A client that is refused for its certificate is still sending when the alert comes; a close with
 * unread bytes would be a reset, which takes the alert with it. So our side ends first, and what
 * comes is dropped until the client ends too, for a short time.
 */
final class AlertDelivery extends ChannelDuplexHandler {

  private static final long MAX_MILLIS = 500;

  /** More than the rest of a handshake with long certificates. */
  private static final int MAX_BYTES = 256 << 10;

  private boolean discarding;
  private int dropped;

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    if (discarding) {
      context.channel().closeFuture().addListener(_ -> promise.trySuccess());
      return;
    }
    if (!hasFailed(context)
        || !(context.channel() instanceof SocketChannel channel)
        || !channel.isActive()
        || channel.isInputShutdown()) {
      context.close(promise);
      return;
    }
    discarding = true;
    channel.closeFuture().addListener(_ -> promise.trySuccess());
    channel.shutdownOutput();
    channel.config().setAutoRead(true);
    context.executor().schedule(() -> end(context), MAX_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static boolean hasFailed(ChannelHandlerContext context) {
    SslHandler tls = context.pipeline().get(SslHandler.class);
    return tls != null && tls.handshakeFuture().isDone() && !tls.handshakeFuture().isSuccess();
  }

  private static void end(ChannelHandlerContext context) {
    context.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!discarding) {
      context.fireChannelRead(message);
      return;
    }
    dropped += message instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
    ReferenceCountUtil.release(message);
    if (dropped > MAX_BYTES) {
      end(context);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (discarding && event instanceof ChannelInputShutdownEvent) {
      end(context);
    } else {
      context.fireUserEventTriggered(event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (discarding) {
      end(context); // the client has ended the connection by a reset
    } else {
      context.fireExceptionCaught(cause);
    }
  }
}
