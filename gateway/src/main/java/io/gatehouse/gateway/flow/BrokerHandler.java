package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.net.TlsFailures;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;

/** Passes the events of a broker's channel to its session. */
final class BrokerHandler extends ChannelInboundHandlerAdapter {

  private final Session session;
  private final BrokerLink link;

  BrokerHandler(Session session, BrokerLink link) {
    this.session = session;
    this.link = link;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    session.onBrokerBytes(link, (ByteBuf) message);
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
    session.onBrokerClosed(link, false);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    switch (cause) {
      case IOException _ -> session.onBrokerClosed(link, true);
      case DecoderException broken ->
          session.onBrokerTlsFailure(": TLS: " + TlsFailures.explain(broken));
      default -> session.onInternalError(cause);
    }
  }
}
