package io.gatehouse.gateway.settings;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The whole configuration of the data plane.
 *
 * @param upstreams the clusters by name; each listener says which it leads to
 * @param drain how connections end when the process is asked to stop
 */
public record GatewaySettings(
    Map<String, UpstreamSettings> upstreams,
    List<ListenerSettings> listeners,
    Traffic traffic,
    DrainSettings drain) {

  public GatewaySettings {
    upstreams = Collections.unmodifiableMap(new LinkedHashMap<>(upstreams));
    listeners = List.copyOf(listeners);
    if (listeners.isEmpty()) {
      throw new IllegalArgumentException("no listener is configured");
    }
    List<String> problems = problems(upstreams, listeners);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
  }

  /** What does not go together in these clusters and listeners, each in a sentence. */
  public static List<String> problems(
      Map<String, UpstreamSettings> upstreams, List<ListenerSettings> listeners) {
    return ConsistencyChecks.problems(upstreams, listeners);
  }

  /** With one cluster, and connections that end as soon as they can, all within a time. */
  public GatewaySettings(
      UpstreamSettings upstream,
      List<ListenerSettings> listeners,
      Traffic traffic,
      Duration drain) {
    this(Map.of(Entry.MAIN, upstream), listeners, traffic, DrainSettings.within(drain));
  }

  /** The same with other traffic. */
  public GatewaySettings with(Traffic other) {
    return new GatewaySettings(upstreams, listeners, other, drain);
  }

  /** The cluster that the others are compared with: {@code main}, or the first. */
  public UpstreamSettings upstream() {
    UpstreamSettings main = upstreams.get(Entry.MAIN);
    return main == null ? upstreams.values().iterator().next() : main;
  }

  /** What holds for every connection. */
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
