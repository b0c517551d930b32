package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.TlsFailures;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Asks a broker the gateway's own questions on a connection that no client uses (yet). */
public final class BrokerClient extends ChannelInboundHandlerAdapter implements RequestSender {

  private static final int LARGEST_ANSWER = 4 << 20;

  private final String clientId;
  private final Loop loop;
  private int correlationId;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf received;
  private @Nullable OwnRequest pending;
  private @Nullable Promise<Struct> answer;
  private @Nullable Throwable failure;

  public BrokerClient(String clientId, Loop loop) {
    this.clientId = clientId;
    this.loop = loop;
  }

  @Override
  public Future<Struct> ask(OwnRequest request) {
    Promise<Struct> promise = loop.eventLoop().newPromise();
    ChannelHandlerContext on = context;
    if (failure != null || on == null) {
      return promise.setFailure(failure != null ? failure : new IOException("no connection"));
    }
    pending = request;
    answer = promise;
    on.writeAndFlush(request.frame(++correlationId, clientId, on.alloc()));
    on.read();
    return promise;
  }

  /** Gives up what is being waited for. */
  public void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    Promise<Struct> waiting = answer;
    if (waiting != null) {
      answer = null;
      waiting.tryFailure(cause);
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    received = added.alloc().directBuffer();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    if (received != null) {
      received.release();
      received = null;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext on, Object message) {
    ByteBuf in = (ByteBuf) message;
    ByteBuf all = received;
    if (all == null) {
      in.release();
      return;
    }
    all.writeBytes(in);
    in.release();
    if (all.readableBytes() < 4) {
      return;
    }
    int length = all.getInt(all.readerIndex());
    if (length < 4 || length > LARGEST_ANSWER) {
      fail(
          new IOException(
              "an answer of " + length + " bytes: is this a Kafka broker, and without TLS?"));
    } else if (all.readableBytes() >= 4 + length) {
      answered(all.skipBytes(4).readSlice(length));
      if (received != null) { // with the last answer this handler may have been removed
        all.discardReadBytes();
      }
    }
  }

  private void answered(ByteBuf frame) {
    OwnRequest request = pending;
    Promise<Struct> waiting = answer;
    if (request == null || waiting == null) {
      fail(new IOException("an answer to no question"));
      return;
    }
    answer = null;
    try {
      if (frame.getInt(frame.readerIndex()) != correlationId) {
        throw new MalformedMessage("another correlation id", 0);
      }
      waiting.trySuccess(request.response(frame));
    } catch (MalformedMessage e) {
      waiting.tryFailure(
          new IOException("an answer that is no response to this request: " + e.getMessage(), e));
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext on) {
    if (answer != null) {
      on.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext on) {
    fail(
        new IOException(
            "the connection was closed instead of an answer: does this listener ask for TLS or"
                + " SASL?"));
    on.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext on, Throwable cause) {
    fail(
        cause instanceof DecoderException
            ? new IOException("TLS: " + TlsFailures.explain(cause), cause)
            : cause);
  }
}
