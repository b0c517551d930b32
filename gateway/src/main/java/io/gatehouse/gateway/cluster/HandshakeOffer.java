package io.gatehouse.gateway.cluster;

import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.token.TokenProvider;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.settings.HandshakeOffered;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Presents a token to the gateway in front of the brokers: a magic number (8 bytes), a length (4
 * bytes) and {@code method NUL token}. Four zero bytes in response accept it (docs/kafka-proxy.md).
 */
final class HandshakeOffer extends ChannelInboundHandlerAdapter {

  private final HandshakeOffered offered;
  private final TokenProvider tokens;
  private final Loop loop;
  private final Promise<Void> accepted;
  private int zeros;

  HandshakeOffer(HandshakeOffered offered, TokenProvider tokens, Loop loop) {
    this.offered = offered;
    this.tokens = tokens;
    this.loop = loop;
    this.accepted = loop.eventLoop().newPromise();
  }

  Future<Void> accepted() {
    return accepted;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    Thread.ofVirtual()
        .name("gateway-handshake")
        .start(() -> {
          try {
            byte[] payload =
                (offered.method() + "\0" + tokens.token()).getBytes(StandardCharsets.UTF_8);
            loop.eventLoop().execute(() -> send(context, payload));
          } catch (LoginFailure | RuntimeException | Error e) {
            fail(String.valueOf(e.getMessage()));
          }
        });
  }

  private void send(ChannelHandlerContext context, byte[] payload) {
    if (!accepted.isDone()) {
      context.writeAndFlush(
          context
              .alloc()
              .directBuffer(12 + payload.length)
              .writeLong(offered.magic())
              .writeInt(payload.length)
              .writeBytes(payload));
      context.read();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      while (in.isReadable() && !accepted.isDone()) {
        if (in.readByte() != 0) {
          fail("the response is not that of a gateway");
        } else if (++zeros == 4) {
          accepted.trySuccess(null);
        }
      }
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (!accepted.isDone()) {
      context.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail("the connection was closed: do magic number, method and token match the other gateway's?");
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(String.valueOf(cause.getMessage()));
  }

  private void fail(String why) {
    accepted.tryFailure(new IOException("the handshake between gateways failed: " + why));
  }
}
