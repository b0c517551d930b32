package io.gatehouse.gateway.net;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last handler of a broker connection until its owner replaces it: closes the connection on an
 * exception, which the failing stage reports by its own future.
 */
@ChannelHandler.Sharable
public final class PlaceholderHandler extends ChannelInboundHandlerAdapter {

  /** The handler's name, for adding stages before it. */
  public static final String NAME = "placeholder";

  static final PlaceholderHandler INSTANCE = new PlaceholderHandler();

  private static final Logger log = LoggerFactory.getLogger(PlaceholderHandler.class);

  private PlaceholderHandler() {}

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("{}: {}", context.channel(), cause.toString());
    context.close();
  }
}
