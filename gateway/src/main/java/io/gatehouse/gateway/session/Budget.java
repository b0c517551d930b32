package io.gatehouse.gateway.session;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that all connections may take together. */
public final class Budget {

  private final long most;
  private final AtomicLong taken = new AtomicLong();

  public Budget(long most) {
    this.most = most;
  }

  /** Takes the bytes if they are there. What was taken must be given back. */
  boolean tryTake(long bytes) {
    long now = taken.addAndGet(bytes);
    if (now > most) {
      taken.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  public long taken() {
    return taken.get();
  }
}
