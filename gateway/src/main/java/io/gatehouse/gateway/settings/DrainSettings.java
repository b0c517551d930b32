package io.gatehouse.gateway.settings;

import java.time.Duration;

/**
 * How the gateway drains connections when it stops.
 *
 * @param time how long connections may take to finish
 * @param spread whether connections are closed one by one over that time, so that clients do not
 *     all reconnect to other gateways at once; else each is closed as soon as it has no request in
 *     flight
 * @param delay how long the gateway keeps serving while it reports that it is not ready, so that
 *     load balancers notice
 */
public record DrainSettings(Duration time, boolean spread, Duration delay) {

  /** Ten seconds, not spread, no delay. */
  public static final DrainSettings DEFAULT = within(Duration.ofSeconds(10));

  public DrainSettings {
    if (time.isNegative() || delay.isNegative()) {
      throw new IllegalArgumentException(
          "the drain time or delay is negative: " + time + ", " + delay);
    }
  }

  /** Not spread and without delay, within this time. */
  public static DrainSettings within(Duration time) {
    return new DrainSettings(time, false, Duration.ZERO);
  }

  /** Time from the request to stop until remaining connections are closed. */
  public Duration maxDuration() {
    return delay.plus(time);
  }
}
