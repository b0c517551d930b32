package io.gatehouse.gateway.session;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Bytes that all connections may take together. */
public final class Budget {

  /** Who waits asks again about once a second. */
  private static final long WANTED_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final long most;
  private final AtomicLong taken = new AtomicLong();

  /** When somebody asked in vain last, in {@link System#nanoTime}; 0 for never. */
  private volatile long refusedAt;

  public Budget(long most) {
    this.most = most;
  }

  /**
   * Takes the bytes if they are there. What was taken must be given back.
   *
   * @param now in {@link System#nanoTime}
   */
  boolean tryTake(long bytes, long now) {
    if (taken.addAndGet(bytes) > most) {
      taken.addAndGet(-bytes);
      refusedAt = now == 0 ? 1 : now;
      return false;
    }
    return true;
  }

  /** Whether somebody waits for bytes. */
  boolean isWanted(long now) {
    long refused = refusedAt;
    return refused != 0 && now - refused < WANTED_NANOS;
  }

  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  public long taken() {
    return taken.get();
  }
}
