package io.gatehouse.gateway.tap;

import java.time.Duration;

/**
 * The options of a tap.
 *
 * @param bodies whether to show bodies
 * @param perSecond rate limit in frames per second, which is also the burst size
 * @param count number of frames after which the tap ends; 0 for no end
 * @param time duration after which it ends; zero for no end
 */
public record TapOptions(
    TapFilter filter, boolean bodies, int perSecond, long count, Duration time) {

  /** Default rate in frames per second. */
  public static final int DEFAULT_RATE = 1_000;

  /** Maximum rate in frames per second, which one core can render besides serving clients. */
  public static final int MAX_RATE = 10_000;

  /**
   * @throws IllegalArgumentException with a message fit for the user
   */
  public TapOptions {
    if (perSecond < 1 || perSecond > MAX_RATE) {
      throw new IllegalArgumentException(
          "the rate is " + perSecond + ", and must be from 1 to " + MAX_RATE + " a second");
    }
    if (count < 0 || time.isNegative()) {
      throw new IllegalArgumentException("a tap's count and time cannot be negative");
    }
  }
}
