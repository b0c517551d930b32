package io.gatehouse.authplugins;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The answers to a call that has many, for as long as they come; nobody waits for them. */
final class GrpcStream extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(GrpcStream.class);

  /** Of one message, in bytes; go-plugin sends a thousand at once. */
  private static final int MOST = 1024 * 1024;

  private final Consumer<ProtobufMessage> each;

  /** The garbage collector's: a channel whose loop ends first does not say that it is over. */
  private final ByteBuf rest = Unpooled.buffer();

  GrpcStream(Consumer<ProtobufMessage> each) {
    this.each = each;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object frame) throws PluginFailure {
    try {
      switch (frame) {
        case Http2DataFrame data -> {
          rest.writeBytes(data.content());
          takeMessages();
        }
        // Older plugins do not know the call, and say so.
        case Http2HeadersFrame headers when headers.isEndStream() -> ctx.close();
        default -> {}
      }
    } finally {
      ReferenceCountUtil.release(frame);
    }
  }

  private void takeMessages() throws PluginFailure {
    while (rest.readableBytes() >= GrpcUnaryCall.PREFIX) {
      int start = rest.readerIndex();
      int length = rest.getInt(start + 1);
      if (rest.getByte(start) != 0 || length < 0 || length > MOST) {
        throw new PluginFailure(GrpcStatus.INTERNAL, "a message that is too long, or compressed");
      }
      if (rest.readableBytes() < GrpcUnaryCall.PREFIX + length) {
        return;
      }
      byte[] message = new byte[length];
      rest.skipBytes(GrpcUnaryCall.PREFIX).readBytes(message);
      rest.discardSomeReadBytes();
      each.accept(ProtobufMessage.read(message));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("no more of what a plugin writes: {}", cause.getMessage());
    ctx.close();
  }
}
