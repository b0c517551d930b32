package io.gatehouse.gateway.listen;

import io.gatehouse.gateway.session.Arrival;
import io.gatehouse.gateway.settings.HandshakeExpected;
import io.gatehouse.identity.sasl.SaslFailure;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets another gateway in that shows a token: a magic number (8 bytes), a length (4) and {@code
 * method NUL token}, answered by four zero bytes (contracts/kafka-proxy.md §10).
 */
final class HandshakeStage extends ByteToMessageDecoder {

  private static final int HEAD = 12;
  private static final int LARGEST = 64 << 10;

  private final HandshakeExpected expected;
  private @Nullable ScheduledFuture<?> deadline;
  private boolean checking;

  HandshakeStage(HandshakeExpected expected) {
    this.expected = expected;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    deadline =
        context
            .executor()
            .schedule(
                () -> refuse(context, "no handshake came in time"),
                expected.timeout().toMillis(),
                TimeUnit.MILLISECONDS);
    context.fireChannelActive();
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (checking) {
      if (in.readableBytes() > LARGEST) {
        refuse(context, "requests come before the handshake is done");
      }
      return;
    }
    if (in.readableBytes() < HEAD) {
      return;
    }
    int at = in.readerIndex();
    int length = in.getInt(at + 8);
    if (in.getLong(at) != expected.magic()) {
      refuse(context, "the magic number is another");
    } else if (length < 1 || length > LARGEST) {
      refuse(context, "a handshake of " + length + " bytes");
    } else if (in.readableBytes() >= HEAD + length) {
      String payload = in.toString(at + HEAD, length, StandardCharsets.UTF_8);
      in.skipBytes(HEAD + length);
      int end = payload.indexOf(0);
      if (end < 0 || !payload.substring(0, end).equals(expected.method())) {
        refuse(context, "the method is another");
      } else {
        checking = true;
        check(context, payload.substring(end + 1));
      }
    }
  }

  private void check(ChannelHandlerContext context, String token) {
    Thread.ofVirtual()
        .name("gateway-handshake")
        .start(() -> {
          try {
            var _ = expected.tokens().verify(token); // true is enough: it has no name to go by
            context.executor().execute(() -> admit(context));
          } catch (SaslFailure | RuntimeException e) {
            context.executor().execute(() -> refuse(context, String.valueOf(e.getMessage())));
          }
        });
  }

  private void admit(ChannelHandlerContext context) {
    if (!context.isRemoved() && context.channel().isActive()) {
      context.writeAndFlush(context.alloc().directBuffer(4).writeInt(0));
      context.pipeline().remove(this);
    }
  }

  private void refuse(ChannelHandlerContext context, String why) {
    if (!context.isRemoved()) {
      context.fireUserEventTriggered(new Arrival.BadHandshake(why));
    }
  }
}
