package io.gatehouse.gateway.net;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a connection towards a broker until somebody takes it over: what fails before is told
 * by the stage's own future, and the connection ends.
 */
@ChannelHandler.Sharable
public final class UnclaimedFailures extends ChannelInboundHandlerAdapter {

  /** The handler's name: stages before it are added before this name. */
  public static final String NAME = "unclaimed-failures";

  static final UnclaimedFailures INSTANCE = new UnclaimedFailures();

  private static final Logger log = LoggerFactory.getLogger(UnclaimedFailures.class);

  private UnclaimedFailures() {}

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("{}: {}", context.channel(), cause.toString());
    context.close();
  }
}
