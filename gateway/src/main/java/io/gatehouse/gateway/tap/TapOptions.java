package io.gatehouse.gateway.tap;

import java.time.Duration;

/**
 * What is asked of a tap.
 *
 * @param bodies whether bodies are shown too
 * @param perSecond frames that are shown in a second; as many may come at once
 * @param count frames after which the tap ends; 0 for no end
 * @param time after which it ends; zero for no end
 */
public record TapOptions(
    TapFilter filter, boolean bodies, int perSecond, long count, Duration time) {

  /** Unless another rate is asked for. */
  public static final int DEFAULT_RATE = 1_000;

  /** What one core can render and send while it serves clients. */
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
