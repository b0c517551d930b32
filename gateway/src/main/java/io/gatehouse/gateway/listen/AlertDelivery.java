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
 * Delays the close after a failed TLS handshake, so that the client receives the alert. A client
 * whose certificate is refused is still sending when the alert arrives, and closing a socket with
 * unread bytes sends a RST, which can discard the alert. So this handler shuts down the output and
 * discards input until the client closes, within bounds of time and bytes.
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
      end(context); // the client has reset the connection
    } else {
      context.fireExceptionCaught(cause);
    }
  }
}
