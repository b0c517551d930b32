package io.gatehouse.gateway.route;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks one broker for all brokers: Metadata version 1 with no topics, which every broker since
 * 0.10.0 answers.
 */
final class BrokersQuestion extends ChannelInboundHandlerAdapter {

  private static final int METADATA = 3;
  private static final int VERSION = 1;
  private static final int CORRELATION_ID = 1;
  private static final int LARGEST_ANSWER = 4 << 20;

  private final String clientId;
  private final Promise<Map<Integer, HostPort>> answer;
  private @Nullable ByteBuf received;

  BrokersQuestion(String clientId, Loop loop) {
    this.clientId = clientId;
    this.answer = loop.eventLoop().newPromise();
  }

  /** The brokers by node id. */
  Future<Map<Integer, HostPort>> answer() {
    return answer;
  }

  void fail(String why) {
    answer.tryFailure(new IOException(why));
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    Struct header = Headers.request(METADATA, VERSION, CORRELATION_ID, clientId);
    Struct body = Struct.of(layout(Schemas.get().request(METADATA)));
    body.set("Topics", List.of());
    int size = TreeWriter.size(header) + TreeWriter.size(body);
    ByteBuf frame = context.alloc().directBuffer(4 + size).writeInt(size);
    TreeWriter.write(header, frame);
    TreeWriter.write(body, frame);
    context.writeAndFlush(frame);
    received = context.alloc().directBuffer();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (received != null) {
      received.release();
      received = null;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
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
      fail("an answer of " + length + " bytes: is this a Kafka broker without TLS?");
    } else if (all.readableBytes() >= 4 + length) {
      try {
        answer.trySuccess(read(all.slice(all.readerIndex() + 4, length)));
      } catch (MalformedMessage e) {
        fail("an answer that is no Metadata response: " + e.getMessage());
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail("the connection was closed instead of an answer: does this listener ask for TLS or SASL?");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    answer.tryFailure(cause);
  }

  private static Map<Integer, HostPort> read(ByteBuf frame) {
    Headers.readResponse(METADATA, VERSION, frame);
    Struct response = TreeReader.read(layout(Schemas.get().response(METADATA)), frame);
    Map<Integer, HostPort> brokers = new HashMap<>();
    for (Struct broker : response.getStructs("Brokers")) {
      brokers.put(
          broker.getInt("NodeId"), new HostPort(broker.getString("Host"), broker.getInt("Port")));
    }
    return brokers;
  }

  private static Layout layout(@Nullable MessageSchema schema) {
    if (schema == null) {
      throw new IllegalStateException("the definitions hold no Metadata");
    }
    return schema.layout(VERSION);
  }
}
