package io.gatehouse.gateway.settings;

import java.time.Duration;

/**
 * How the gateway ends when it is asked to stop.
 *
 * @param time how long connections may take to finish
 * @param spread whether connections end one by one over that time, for clients that go on at other
 *     gateways and should not come there all at once; otherwise each ends as soon as it can, so
 *     that this gateway's successor can start
 * @param delay how long the gateway goes on serving while it already says that it is not ready: the
 *     time a load balancer takes to notice
 */
public record DrainSettings(Duration time, boolean spread, Duration delay) {

  /** Ten seconds, each connection as soon as it can. */
  public static final DrainSettings DEFAULT = within(Duration.ofSeconds(10));

  public DrainSettings {
    if (time.isNegative() || delay.isNegative()) {
      throw new IllegalArgumentException(
          "the drain time or delay is negative: " + time + ", " + delay);
    }
  }

  /** Each connection as soon as it can, all within this time. */
  public static DrainSettings within(Duration time) {
    return new DrainSettings(time, false, Duration.ZERO);
  }

  /** From being asked to stop to the time when connections that are still busy are cut off. */
  public Duration maxDuration() {
    return delay.plus(time);
  }
}
