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
  private boolean flushNeeded;
  private boolean highWaterMark;
  private boolean closed;

  /** Bytes outside of read buffers that were written since everything was last sent. */
  private long ownBytes;

  /** Of these, bytes in large buffers, which stay in memory until their last byte is sent. */
  private long blockBytes;

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

  /** The local address of the connection, with an IP address as host. */
  HostPort local() {
    if (local == null) {
      local = Sockets.hostPort(channel.localAddress());
    }
    return local;
  }

  /**
   * Allows a higher write water mark. A client without any authenticated login or request may have
   * fewer unsent bytes.
   */
  void raiseWaterMark() {
    highWaterMark = true;
  }

  ByteBuf buffer(int bytes) {
    return channel.alloc().directBuffer(bytes);
  }

  /** Writes bytes, which the next flush sends. Takes ownership. */
  void write(ByteBuf bytes) {
    if (closed) {
      bytes.release();
      return;
    }
    Sockets.setWaterMark(channel.config(), !highWaterMark || loop.buffers().isExhausted());
    channel.write(bytes, channel.voidPromise());
    flushNeeded = true;
  }

  /** Writes bytes that are not in a read buffer. Takes ownership. */
  void writeOwn(ByteBuf bytes) {
    ownBytes += bytes.readableBytes();
    write(bytes);
  }

  /** Announces that the next bytes written are part of a buffer of this size. */
  void addBlock(int bytes) {
    blockBytes += bytes;
    largestBlock = Math.max(largestBlock, bytes);
  }

  /** Bytes of memory, apart from read buffers, that hold unsent data. */
  long heldBytes() {
    ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
    long pending = outbound == null ? 0 : outbound.totalPendingWriteBytes();
    if (pending == 0) {
      resetUnsent();
      return 0;
    }
    if (isEncrypted()) {
      return pending; // TLS copies what it encrypts
    }
    // Only the oldest block may be partly sent, and no block is larger than twice its data.
    return Math.min(blockBytes, largestBlock + 2 * pending) + Math.min(ownBytes, pending);
  }

  private void resetUnsent() {
    ownBytes = 0;
    blockBytes = 0;
    largestBlock = 0;
  }

  void flush() {
    if (flushNeeded) {
      flushNeeded = false;
      channel.flush();
      if (hasUnsent()) {
        memory.markHeld();
      } else {
        resetUnsent();
      }
    }
  }

  /** Runs a task when everything written has been passed to the operating system, or has failed. */
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
   * Closes the sending direction when everything written has been passed to the operating system.
   *
   * @param done runs afterwards
   */
  void shutdownOutput(Runnable done) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    (tls == null ? channel.writeAndFlush(Unpooled.EMPTY_BUFFER) : tls.closeOutbound())
        .addListener(written -> {
          channel.shutdownOutput();
          done.run();
        });
  }

  /** Makes the next close reset the connection. */
  void resetOnClose() {
    channel.config().setSoLinger(0);
  }

  /**
   * Writes a last answer to a peer that does not use the Kafka protocol, and closes. Takes
   * ownership.
   */
  void writeAndClose(ByteBuf answer) {
    channel.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
  }

  void close() {
    closed = true;
    channel.close();
  }
}
