package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/** A session's connection to its client. */
final class ClientLink {

  private final SocketChannel channel;
  private final Loop loop;
  private final SessionMemory memory;
  private @Nullable HostPort local;
  private boolean dirty;
  private boolean known;

  /** Bytes written since all was sent that stand in no read buffer. */
  private long own;

  /** Of large buffers among these, which are kept whole until their last byte is sent. */
  private long blocks;

  private long largestBlock;

  ClientLink(SocketChannel channel, Loop loop, SessionMemory memory) {
    this.memory = memory;
    this.channel = channel;
    this.loop = loop;
  }

  SocketChannel channel() {
    return channel;
  }

  boolean isEncrypted() {
    return channel.pipeline().get(SslHandler.class) != null;
  }

  /** Where the client connected to, as a host literal. */
  HostPort local() {
    if (local == null) {
      local = Sockets.hostPort(channel.localAddress());
    }
    return local;
  }

  /** The client has been let in or asked for a broker: it may have more unsent than a stranger. */
  void onKnown() {
    known = true;
  }

  /** Sends bytes with the next flush. Takes ownership. */
  void write(ByteBuf bytes) {
    Sockets.setWaterMark(channel.config(), !known || loop.buffers().isExhausted());
    channel.write(bytes, channel.voidPromise());
    dirty = true;
  }

  /** The same for bytes that are in no read buffer. */
  void writeOwn(ByteBuf bytes) {
    own += bytes.readableBytes();
    write(bytes);
  }

  /** What is written next is part of a buffer of this size. */
  void addBlock(int bytes) {
    blocks += bytes;
    largestBlock = Math.max(largestBlock, bytes);
  }

  /** Bytes of memory, beside read buffers, that the client has not taken yet. */
  long heldBytes() {
    ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
    long pending = outbound == null ? 0 : outbound.totalPendingWriteBytes();
    if (pending == 0) {
      allSent();
      return 0;
    }
    if (isEncrypted()) {
      return pending; // TLS copies what it encrypts
    }
    // All blocks but the oldest are unsent, and none is more than twice its bytes.
    return Math.min(blocks, largestBlock + 2 * pending) + Math.min(own, pending);
  }

  private void allSent() {
    own = 0;
    blocks = 0;
    largestBlock = 0;
  }

  void flush() {
    if (dirty) {
      dirty = false;
      channel.flush();
      if (hasUnsent()) {
        memory.touch();
      } else {
        allSent();
      }
    }
  }

  /** Runs something once all that was written is with the system, or cannot be any more. */
  void afterFlush(Runnable task) {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> task.run());
  }

  boolean hasUnsent() {
    ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
    return outbound != null && outbound.totalPendingWriteBytes() > 0;
  }

  boolean isWritable() {
    return channel.isWritable();
  }

  void read(boolean wanted) {
    if (channel.config().isAutoRead() != wanted) {
      channel.config().setAutoRead(wanted);
    }
  }

  /**
   * Ends our side once all that was written is with the system.
   *
   * @param done is run then
   */
  void endOutput(Runnable done) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    (tls == null ? channel.writeAndFlush(Unpooled.EMPTY_BUFFER) : tls.closeOutbound())
        .addListener(written -> {
          channel.shutdownOutput();
          done.run();
        });
  }

  /** Has the coming close be a reset. */
  void resetOnClose() {
    channel.config().setSoLinger(0);
  }

  /** Says something to a peer that speaks no Kafka, and ends. */
  void sayAndClose(ByteBuf answer) {
    channel.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
  }

  void close() {
    channel.close();
  }
}
