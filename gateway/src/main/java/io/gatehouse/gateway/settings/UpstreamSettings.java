package io.gatehouse.gateway.settings;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka cluster behind the gateway.
 *
 * @param bootstrapServers bootstrap servers, used round-robin
 * @param dial addresses to connect to instead, by broker address; TLS still verifies the broker's
 *     own host name
 * @param clientId client id of the gateway's own requests
 * @param refresh interval of the gateway's metadata requests; zero for none after the first success
 * @param access how the gateway connects and authenticates
 * @param configuredHosts hosts that may be brokers; null to infer them from the bootstrap servers
 * @param failover the cluster that clients can be switched to; null for none
 */
public record UpstreamSettings(
    List<HostPort> bootstrapServers,
    Map<HostPort, HostPort> dial,
    String clientId,
    Duration refresh,
    Access access,
    @Nullable BrokerHosts configuredHosts,
    @Nullable FailoverSettings failover) {

  public static final Duration DEFAULT_REFRESH = Duration.ofSeconds(30);

  public UpstreamSettings {
    bootstrapServers = List.copyOf(bootstrapServers);
    dial = Map.copyOf(dial);
    if (bootstrapServers.isEmpty()) {
      throw new IllegalArgumentException("no bootstrap server is given");
    }
  }

  public UpstreamSettings(
      List<HostPort> bootstrapServers,
      Map<HostPort, HostPort> dial,
      String clientId,
      Duration refresh,
      Access access) {
    this(bootstrapServers, dial, clientId, refresh, access, null, null);
  }

  /** Name of the cluster that clients can be switched to; null for none. */
  public @Nullable String failoverTo() {
    return failover == null ? null : failover.to();
  }

  /** The hosts that may be brokers, configured or inferred from the bootstrap servers. */
  public BrokerHosts hosts() {
    return configuredHosts == null ? BrokerHosts.inferFrom(bootstrapServers) : configuredHosts;
  }

  public UpstreamSettings(
      List<HostPort> bootstrapServers,
      Map<HostPort, HostPort> dial,
      String clientId,
      Duration refresh) {
    this(bootstrapServers, dial, clientId, refresh, Access.PLAINTEXT);
  }

  /** Plaintext, without a login, and with default values. */
  public static UpstreamSettings of(List<HostPort> bootstrapServers) {
    return new UpstreamSettings(bootstrapServers, Map.of(), "gatehouse", DEFAULT_REFRESH);
  }

  public UpstreamSettings with(Access other) {
    return new UpstreamSettings(
        bootstrapServers, dial, clientId, refresh, other, configuredHosts, failover);
  }

  public UpstreamSettings with(BrokerHosts other) {
    return new UpstreamSettings(bootstrapServers, dial, clientId, refresh, access, other, failover);
  }

  public UpstreamSettings withServers(List<HostPort> other) {
    return new UpstreamSettings(other, dial, clientId, refresh, access, configuredHosts, failover);
  }

  public UpstreamSettings withFailover(@Nullable FailoverSettings other) {
    return new UpstreamSettings(
        bootstrapServers, dial, clientId, refresh, access, configuredHosts, other);
  }
}
