package io.gatehouse.gateway.settings;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The whole configuration of the data plane.
 *
 * @param upstreams clusters by name, which listeners refer to
 * @param traffic settings for all connections
 * @param drain how connections are drained when the gateway stops
 * @param tenancy how clients come into virtual clusters
 */
public record GatewaySettings(
    Map<String, UpstreamSettings> upstreams,
    List<ListenerSettings> listeners,
    Traffic traffic,
    DrainSettings drain,
    Tenancy tenancy) {

  public GatewaySettings {
    upstreams = Collections.unmodifiableMap(new LinkedHashMap<>(upstreams));
    listeners = List.copyOf(listeners);
    if (listeners.isEmpty()) {
      throw new IllegalArgumentException("no listener is configured");
    }
    List<String> problems = problems(upstreams, listeners, tenancy);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
  }

  /** Contradictions between these clusters and listeners, each in a sentence. */
  public static List<String> problems(
      Map<String, UpstreamSettings> upstreams, List<ListenerSettings> listeners, Tenancy tenancy) {
    return ConsistencyChecks.problems(upstreams, listeners, tenancy);
  }

  /** For clients that need no virtual cluster. */
  public GatewaySettings(
      Map<String, UpstreamSettings> upstreams,
      List<ListenerSettings> listeners,
      Traffic traffic,
      DrainSettings drain) {
    this(upstreams, listeners, traffic, drain, Tenancy.OPTIONAL);
  }

  /** With a single cluster, and a drain that is not spread, within the given time. */
  public GatewaySettings(
      UpstreamSettings upstream,
      List<ListenerSettings> listeners,
      Traffic traffic,
      Duration drain) {
    this(Map.of(Entry.MAIN, upstream), listeners, traffic, DrainSettings.within(drain));
  }

  /** A copy with other traffic settings. */
  public GatewaySettings with(Traffic other) {
    return new GatewaySettings(upstreams, listeners, other, drain, tenancy);
  }

  /** A copy with another way of clients into virtual clusters. */
  public GatewaySettings with(Tenancy other) {
    return new GatewaySettings(upstreams, listeners, traffic, drain, other);
  }

  /** The cluster {@code main}, or the first one if there is none of that name. */
  public UpstreamSettings upstream() {
    UpstreamSettings main = upstreams.get(Entry.MAIN);
    return main == null ? upstreams.values().iterator().next() : main;
  }

  /** Settings for all connections. */
  public record Traffic(
      Limits limits,
      Timeouts timeouts,
      SocketSettings sockets,
      ApiRules rules,
      LoginLimits logins) {
    public static final Traffic DEFAULT =
        new Traffic(Limits.DEFAULT, Timeouts.DEFAULT, SocketSettings.DEFAULT, ApiRules.NONE);

    public Traffic(Limits limits, Timeouts timeouts, SocketSettings sockets, ApiRules rules) {
      this(limits, timeouts, sockets, rules, LoginLimits.DEFAULT);
    }
  }
}
