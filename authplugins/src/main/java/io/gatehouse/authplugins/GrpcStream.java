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

/** Reads the answers of a server-streaming call and passes each to a consumer. */
final class GrpcStream extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(GrpcStream.class);

  /** The longest message in bytes; go-plugin sends a thousand at a time. */
  private static final int MOST = 1024 * 1024;

  private final Consumer<ProtobufMessage> each;

  /**
   * On the heap and never released: when an event loop ends first, the channel reports no end at
   * which to release it.
   */
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
        // Plugins built with an older go-plugin answer UNIMPLEMENTED.
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
