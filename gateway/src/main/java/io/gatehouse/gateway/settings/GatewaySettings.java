package io.gatehouse.gateway.settings;

import java.time.Duration;
import java.util.List;

/**
 * The whole configuration of the data plane.
 *
 * @param drain how long connections may take to finish when the process is asked to stop
 */
public record GatewaySettings(
    UpstreamSettings upstream, List<ListenerSettings> listeners, Traffic traffic, Duration drain) {

  public static final Duration DEFAULT_DRAIN = Duration.ofSeconds(10);

  public GatewaySettings {
    listeners = List.copyOf(listeners);
    if (listeners.isEmpty()) {
      throw new IllegalArgumentException("no listener is configured");
    }
    if (drain.isNegative()) {
      throw new IllegalArgumentException("the drain time is negative: " + drain);
    }
  }

  /** What holds for every connection. */
  public record Traffic(Limits limits, Timeouts timeouts, SocketSettings sockets, ApiRules rules) {
    public static final Traffic DEFAULT =
        new Traffic(Limits.DEFAULT, Timeouts.DEFAULT, SocketSettings.DEFAULT, ApiRules.NONE);
  }
}
