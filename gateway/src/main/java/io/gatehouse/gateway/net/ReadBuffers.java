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
 * <p>Large buffers are lent in a fixed order, the first free one first, and taken back when nobody
 * else holds a reference: as long as peers take what they are sent, one buffer serves all reads of
 * the loop. When the budget is spent, on buffers that slow peers hold or on what sessions hold,
 * reads get small, so that they go on for everybody else. One thread only.
 */
public final class ReadBuffers implements RecvByteBufAllocator {

  /** Large enough to save system calls, small enough for the second-level cache. */
  public static final int LARGE = 256 << 10;

  /** What is read at a time when the budget is spent. */
  private static final int SMALL = 8 << 10;

  /** A greeting, a PROXY header or a password in one read; more than that in a few. */
  private static final int LITTLE = 4 << 10;

  /** Two records of TLS. */
  private static final int RECORDS = 32 << 10;

  private final List<ByteBuf> large = new ArrayList<>();
  private final Budget budget;
  private int usedSinceTrim;
  private boolean spent;
  private boolean closed;
  private final RecvByteBufAllocator little = new Fixed(LITTLE);
  private final RecvByteBufAllocator records = new Fixed(RECORDS);

  /**
   * @param budget what large buffers come out of, but for the first
   */
  public ReadBuffers(Budget budget) {
    this.budget = budget;
  }

  /**
   * Small buffers of their own for connections of which nothing is known yet: what a decoder cannot
   * use before more has come it keeps in the buffer that was read into, and six bytes of a stranger
   * must not hold a large one. A connection that began so reads as its configuration says, now and
   * whenever that changes.
   */
  RecvByteBufAllocator little() {
    return little;
  }

  /** The same, larger, for connections whose decoder keeps the beginning of a record for good. */
  RecvByteBufAllocator records() {
    return records;
  }

  /** Whether connections should hold as little as they can, because the budget is spent. */
  public boolean isSpent() {
    return spent || budget.isSpent();
  }

  /** Gives memory back that was not needed since the last call. */
  public void trim() {
    for (int i = large.size() - 1; i >= Math.max(1, usedSinceTrim); i--) {
      if (large.get(i).refCnt() == 1) {
        large.remove(i).release();
        budget.giveBack(LARGE);
      }
    }
    usedSinceTrim = 0;
  }

  /** Drops all buffers; those still held by peers are freed when they let go. */
  public void close() {
    closed = true;
    large.forEach(ByteBuf::release);
    budget.giveBack((long) LARGE * Math.max(0, large.size() - 1));
    large.clear();
  }

  private ByteBuf lend(ByteBufAllocator alloc) {
    for (int i = 0; i < large.size(); i++) {
      ByteBuf buffer = large.get(i);
      if (buffer.refCnt() == 1) {
        spent = false;
        usedSinceTrim = Math.max(usedSinceTrim, i + 1);
        return buffer.clear().retain();
      }
    }
    if (closed) { // the last reads of a loop that ends
      return alloc.directBuffer(SMALL, SMALL);
    }
    if (!large.isEmpty() && !budget.tryTake(LARGE, System.nanoTime())) {
      spent = true;
      return alloc.directBuffer(SMALL, SMALL);
    }
    ByteBuf buffer = Unpooled.directBuffer(LARGE, LARGE);
    large.add(buffer);
    usedSinceTrim = large.size();
    return buffer.retain();
  }

  @Override
  public ExtendedHandle newHandle() {
    return new LendingHandle();
  }

  /** One buffer per read event, so that what was read is sent while it is in the cache. */
  private class LendingHandle implements ExtendedHandle {

    private int attempted;
    private int last;

    @Override
    public ByteBuf allocate(ByteBufAllocator alloc) {
      return lend(alloc);
    }

    @Override
    public int guess() {
      return LARGE;
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

  /** Buffers of one size from the allocator. */
  private final class Fixed implements RecvByteBufAllocator {

    private final int bytes;

    Fixed(int bytes) {
      this.bytes = bytes;
    }

    @Override
    public ExtendedHandle newHandle() {
      return new ChangingHandle();
    }
  }

  /** Channels ask for a handle once and keep it: this one follows what they are told later. */
  private final class ChangingHandle extends LendingHandle {

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
