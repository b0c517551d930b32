package io.gatehouse.gateway.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A limit in bytes on what all connections reserve together. Thread-safe. */
public final class Budget {

  /** Longer than the one-second tick, at which refused connections try again. */
  private static final long WAITING_NANOS = TimeUnit.SECONDS.toNanos(3);

  private volatile long limit;
  private final AtomicLong reserved = new AtomicLong();

  /** When a reservation was last refused, in {@link System#nanoTime}; 0 if never. */
  private volatile long refusedAt;

  public Budget(long limit) {
    this.limit = limit;
  }

  /** Changes the limit. Bytes already reserved beyond a lower limit stay reserved. */
  public void setLimit(long bytes) {
    limit = bytes;
  }

  /**
   * Reserves the bytes if they fit within the limit. Reserved bytes must be {@link #release}d.
   *
   * @param now in {@link System#nanoTime}
   */
  public boolean tryReserve(long bytes, long now) {
    return tryReserve(bytes, now, limit);
  }

  /**
   * Reserves bytes without which a connection cannot make progress: the limit is doubled for them.
   */
  public boolean tryReserveUrgent(long bytes, long now) {
    return tryReserve(bytes, now, limit > Long.MAX_VALUE / 2 ? limit : 2 * limit);
  }

  private boolean tryReserve(long bytes, long now, long limit) {
    if (reserved.addAndGet(bytes) > limit) {
      reserved.addAndGet(-bytes);
      refusedAt = now == 0 ? 1 : now;
      return false;
    }
    return true;
  }

  /** Accounts for bytes that are already in memory, even beyond the limit. */
  public void reserve(long bytes) {
    reserved.addAndGet(bytes);
  }

  /** Whether the limit is reached or exceeded. */
  public boolean isExhausted() {
    return reserved.get() >= limit;
  }

  /** Whether a reservation was refused in the last three seconds, so that a connection may wait. */
  public boolean hasWaiters(long now) {
    long refused = refusedAt;
    return refused != 0 && now - refused < WAITING_NANOS;
  }

  /** Releases reserved bytes. */
  public void release(long bytes) {
    reserved.addAndGet(-bytes);
  }

  /** Bytes reserved now; may exceed the limit. */
  public long reserved() {
    return reserved.get();
  }
}
