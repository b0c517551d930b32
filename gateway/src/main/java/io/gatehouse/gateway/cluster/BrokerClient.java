package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.TlsFailures;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends the gateway's own requests, one at a time, on a broker connection that carries no client
 * requests yet.
 */
public final class BrokerClient extends ByteToMessageDecoder implements RequestSender {

  private static final int MAX_RESPONSE_BYTES = 4 << 20;

  private final String clientId;
  private final Loop loop;
  private int correlationId;
  private @Nullable ChannelHandlerContext context;
  private @Nullable GatewayRequest pending;
  private @Nullable Promise<Struct> response;
  private @Nullable Throwable failure;

  public BrokerClient(String clientId, Loop loop) {
    this.clientId = clientId;
    this.loop = loop;
  }

  @Override
  public Future<Struct> send(GatewayRequest request) {
    Promise<Struct> promise = loop.eventLoop().newPromise();
    ChannelHandlerContext on = context;
    if (failure != null || on == null) {
      return promise.setFailure(failure != null ? failure : new IOException("no connection"));
    }
    pending = request;
    response = promise;
    on.writeAndFlush(request.frame(++correlationId, clientId, on.alloc()));
    on.read();
    return promise;
  }

  /** Fails the pending request and all later ones. */
  public void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    Promise<Struct> waiting = response;
    if (waiting != null) {
      response = null;
      waiting.tryFailure(cause);
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  protected void decode(ChannelHandlerContext on, ByteBuf in, List<Object> unused) {
    if (in.readableBytes() < Integer.BYTES) {
      return;
    }
    int length = in.getInt(in.readerIndex());
    if (length < Integer.BYTES || length > MAX_RESPONSE_BYTES) {
      in.skipBytes(in.readableBytes());
      fail(
          new IOException(
              "a response of " + length + " bytes: is this a Kafka broker, and without TLS?"));
    } else if (in.readableBytes() >= Integer.BYTES + length) {
      onResponse(in.skipBytes(Integer.BYTES).readSlice(length));
    }
  }

  private void onResponse(ByteBuf frame) {
    GatewayRequest request = pending;
    Promise<Struct> waiting = response;
    if (request == null || waiting == null) {
      fail(new IOException("an unexpected response: no request is pending"));
      return;
    }
    response = null;
    try {
      if (frame.getInt(frame.readerIndex()) != correlationId) {
        throw new MalformedMessage("the correlation id does not match", 0);
      }
      waiting.trySuccess(request.response(frame));
    } catch (MalformedMessage e) {
      waiting.tryFailure(new IOException("a malformed response: " + e.getMessage(), e));
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext on) throws Exception {
    super.channelReadComplete(on);
    if (response != null) {
      on.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext on) throws Exception {
    fail(
        new IOException(
            "the connection was closed before a response came: does this listener require TLS or"
                + " SASL?"));
    super.channelInactive(on);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext on, Throwable cause) {
    fail(
        cause instanceof DecoderException
            ? new IOException("TLS: " + TlsFailures.explain(cause), cause)
            : cause);
  }
}
