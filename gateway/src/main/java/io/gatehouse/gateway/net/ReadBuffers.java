package io.gatehouse.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.ArrayList;
import java.util.List;

/**
 * The buffers that one event loop reads into.
 *
 * <p>The loop keeps a list of large buffers and reads into the first one that has no other
 * reference, so one buffer serves all reads of the loop as long as peers take what they are sent.
 * Further buffers are charged to the shared memory budget. When that is exhausted, reads use small
 * buffers until memory is released. Confined to the loop's thread.
 */
public final class ReadBuffers implements RecvByteBufAllocator {

  /** Size of a large buffer: few system calls, and it fits the L2 cache. */
  public static final int LARGE_BYTES = 256 << 10;

  /** Size of a read while the budget is exhausted. */
  private static final int EXHAUSTED_READ_BYTES = 8 << 10;

  /** Enough for a TLS ClientHello, a PROXY header or a password in one read. */
  private static final int FIRST_READ_BYTES = 4 << 10;

  /** Two TLS records. */
  private static final int TLS_READ_BYTES = 32 << 10;

  private final List<ByteBuf> large = new ArrayList<>();
  private final Budget budget;
  private int usedSinceTrim;
  private boolean spent;
  private boolean closed;
  private final RecvByteBufAllocator firstReads = new Fixed(FIRST_READ_BYTES);
  private final RecvByteBufAllocator tlsReads = new Fixed(TLS_READ_BYTES);

  /**
   * @param budget that large buffers except the first are charged to
   */
  public ReadBuffers(Budget budget) {
    this.budget = budget;
  }

  /**
   * Small buffers for connections that are not authenticated yet. A decoder keeps incomplete input
   * in the buffer it was read into, so a few bytes of an unknown client must not pin a large
   * buffer. A channel that starts with this allocator can be switched to another one of this loop
   * later.
   */
  RecvByteBufAllocator firstReads() {
    return firstReads;
  }

  /** Medium buffers for TLS connections whose decoder keeps incomplete records in the buffer. */
  RecvByteBufAllocator tlsReads() {
    return tlsReads;
  }

  /** Whether connections should hold as little as possible, because the budget is exhausted. */
  public boolean isExhausted() {
    return spent || budget.isExhausted();
  }

  /** Frees buffers that were not needed since the last call. */
  public void trim() {
    for (int i = large.size() - 1; i >= Math.max(1, usedSinceTrim); i--) {
      if (large.get(i).refCnt() == 1) {
        large.remove(i).release();
        budget.release(LARGE_BYTES);
      }
    }
    usedSinceTrim = 0;
  }

  /** Releases all buffers; those with other references are freed when these are released. */
  public void close() {
    closed = true;
    large.forEach(ByteBuf::release);
    budget.release((long) LARGE_BYTES * Math.max(0, large.size() - 1));
    large.clear();
  }

  private ByteBuf acquire(ByteBufAllocator alloc) {
    for (int i = 0; i < large.size(); i++) {
      ByteBuf buffer = large.get(i);
      if (buffer.refCnt() == 1) {
        spent = false;
        usedSinceTrim = Math.max(usedSinceTrim, i + 1);
        return buffer.clear().retain();
      }
    }
    if (closed) { // last reads while the loop shuts down
      return alloc.directBuffer(EXHAUSTED_READ_BYTES, EXHAUSTED_READ_BYTES);
    }
    if (!large.isEmpty() && !budget.tryReserve(LARGE_BYTES, System.nanoTime())) {
      spent = true;
      return alloc.directBuffer(EXHAUSTED_READ_BYTES, EXHAUSTED_READ_BYTES);
    }
    ByteBuf buffer = Unpooled.directBuffer(LARGE_BYTES, LARGE_BYTES);
    large.add(buffer);
    usedSinceTrim = large.size();
    return buffer.retain();
  }

  @Override
  public ExtendedHandle newHandle() {
    return new PooledHandle();
  }

  /** Reads one buffer per read event, so that the bytes are sent while they are in the cache. */
  private class PooledHandle implements ExtendedHandle {

    private int attempted;
    private int last;

    @Override
    public ByteBuf allocate(ByteBufAllocator alloc) {
      return acquire(alloc);
    }

    @Override
    public int guess() {
      return LARGE_BYTES;
    }

    @Override
    public void reset(ChannelConfig config) {
      last = 0;
    }

    @Override
    public void incMessagesRead(int count) {}

    @Override
    public void lastBytesRead(int bytes) {
      last = bytes;
    }

    @Override
    public int lastBytesRead() {
      return last;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
      attempted = bytes;
    }

    @Override
    public int attemptedBytesRead() {
      return attempted;
    }

    @Override
    public boolean continueReading() {
      return false;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
      return false;
    }

    @Override
    public void readComplete() {}
  }

  /** Allocates buffers of a fixed size. */
  private final class Fixed implements RecvByteBufAllocator {

    private final int bytes;

    Fixed(int bytes) {
      this.bytes = bytes;
    }

    @Override
    public ExtendedHandle newHandle() {
      return new SwitchingHandle();
    }
  }

  /** Follows later changes of the channel's allocator: Netty keeps one handle per channel. */
  private final class SwitchingHandle extends PooledHandle {

    private int fixed;

    @Override
    public void reset(ChannelConfig config) {
      super.reset(config);
      fixed = config.getRecvByteBufAllocator() instanceof Fixed size ? size.bytes : 0;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator alloc) {
      return fixed == 0 ? super.allocate(alloc) : alloc.directBuffer(fixed, fixed);
    }
  }
}
