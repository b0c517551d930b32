package io.gatehouse.gateway.session;

import io.gatehouse.gateway.net.TlsFailures;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;

/** Turns the events of a broker's channel into those of its session. */
final class BrokerHandler extends ChannelInboundHandlerAdapter {

  private final Session session;

  BrokerHandler(Session session) {
    this.session = session;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    session.onBrokerBytes((ByteBuf) message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    session.onEventEnd();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      session.onEventEnd();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    session.onBrokerGone(false);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    switch (cause) {
      case IOException _ -> session.onBrokerGone(true);
      case DecoderException broken ->
          session.onBrokerBroken(": TLS: " + TlsFailures.explain(broken));
      default -> session.onBug(cause);
    }
  }
}
