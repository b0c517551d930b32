package io.gatehouse.gateway.tap;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The open taps. Thread-safe. */
public final class Taps {

  /** Maximum number of open taps. */
  public static final int MAX_OPEN = 4;

  private volatile Tap @Nullable [] open;

  /** The open taps; null if there is none, so that event loops check a single field. */
  public Tap @Nullable [] open() {
    return open;
  }

  /**
   * Opens a tap. The caller must close it.
   *
   * @return null if {@link #MAX_OPEN} taps are open
   */
  public synchronized @Nullable Tap open(TapOptions options) {
    Tap[] before = Objects.requireNonNullElse(open, new Tap[0]);
    if (before.length == MAX_OPEN) {
      return null;
    }
    Tap tap = new Tap(this, options);
    Tap[] after = Arrays.copyOf(before, before.length + 1);
    after[before.length] = tap;
    open = after;
    return tap;
  }

  synchronized void remove(Tap tap) {
    Tap[] before = open;
    if (before != null) {
      Tap[] after = Arrays.stream(before).filter(one -> one != tap).toArray(Tap[]::new);
      open = after.length == 0 ? null : after;
    }
  }

  /** Ends all taps, before the gateway stops. */
  public void closeAll() {
    Tap[] all = open;
    if (all != null) {
      for (Tap tap : all) {
        tap.close();
      }
    }
  }

  /** Number of open taps. */
  public int count() {
    Tap[] all = open;
    return all == null ? 0 : all.length;
  }

  /** Bytes in the queues of all taps; at most 2 MiB each. */
  public long queuedBytes() {
    Tap[] all = open;
    return all == null ? 0 : Arrays.stream(all).mapToLong(Tap::queuedBytes).sum();
  }
}
