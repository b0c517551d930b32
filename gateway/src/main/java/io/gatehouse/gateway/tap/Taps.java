package io.gatehouse.gateway.tap;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The taps that are open, few at a time. */
public final class Taps {

  /** So many may be open at once. */
  public static final int MAX_OPEN = 4;

  private volatile Tap @Nullable [] open;

  /** Those that are open, for event loops; null when there is none. */
  public Tap @Nullable [] open() {
    return open;
  }

  /**
   * Opens a tap, which must be closed.
   *
   * @return null if as many as may be are open
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

  /** Ends all: the gateway's end is near. */
  public void closeAll() {
    Tap[] all = open;
    if (all != null) {
      for (Tap tap : all) {
        tap.close();
      }
    }
  }

  /** How many are open. */
  public int count() {
    Tap[] all = open;
    return all == null ? 0 : all.length;
  }

  /** Bytes that wait for readers; at most 2 MiB for each tap. */
  public long queuedBytes() {
    Tap[] all = open;
    return all == null ? 0 : Arrays.stream(all).mapToLong(Tap::queuedBytes).sum();
  }
}
