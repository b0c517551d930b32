package io.gatehouse.gateway.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Bytes that all connections may take together. */
public final class Budget {

  /** Who waits asks again about once a second. */
  private static final long WANTED_NANOS = TimeUnit.SECONDS.toNanos(3);

  private volatile long most;
  private final AtomicLong taken = new AtomicLong();

  /** When somebody asked in vain last, in {@link System#nanoTime}; 0 for never. */
  private volatile long refusedAt;

  public Budget(long most) {
    this.most = most;
  }

  /** How many bytes there are from now on. What was taken of more stays taken. */
  public void allow(long bytes) {
    most = bytes;
  }

  /**
   * Takes the bytes if they are there. What was taken must be given back.
   *
   * @param now in {@link System#nanoTime}
   */
  public boolean tryTake(long bytes, long now) {
    return tryTake(bytes, now, most);
  }

  /**
   * The same for bytes without which a connection cannot go on: as much again is there for them.
   */
  public boolean tryTakeUrgent(long bytes, long now) {
    return tryTake(bytes, now, most > Long.MAX_VALUE / 2 ? most : 2 * most);
  }

  private boolean tryTake(long bytes, long now, long limit) {
    if (taken.addAndGet(bytes) > limit) {
      taken.addAndGet(-bytes);
      refusedAt = now == 0 ? 1 : now;
      return false;
    }
    return true;
  }

  /** Takes bytes that are held already, whether they are there or not. */
  public void take(long bytes) {
    taken.addAndGet(bytes);
  }

  /** Whether all is taken, or more. */
  public boolean isSpent() {
    return taken.get() >= most;
  }

  /** Whether somebody waits for bytes. */
  public boolean isWanted(long now) {
    long refused = refusedAt;
    return refused != 0 && now - refused < WANTED_NANOS;
  }

  public void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  public long taken() {
    return taken.get();
  }
}
