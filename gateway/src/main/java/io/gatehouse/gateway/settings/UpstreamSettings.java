package io.gatehouse.gateway.settings;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka cluster behind the gateway.
 *
 * @param bootstrapServers tried in turn
 * @param dial where to connect instead, by broker address; the name that TLS verifies stays
 * @param clientId client id of the gateway's own requests
 * @param refresh how often the gateway asks for the cluster's brokers; zero never asks, and the
 *     gateway knows what passes through only
 * @param access how the gateway gets in
 * @param configuredHosts to which the brokers must belong that metadata names; null: what the
 *     bootstrap servers tell of it
 */
public record UpstreamSettings(
    List<HostPort> bootstrapServers,
    Map<HostPort, HostPort> dial,
    String clientId,
    Duration refresh,
    Access access,
    @Nullable BrokerHosts configuredHosts) {

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
    this(bootstrapServers, dial, clientId, refresh, access, null);
  }

  /** To which the brokers must belong that metadata names. */
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

  public static UpstreamSettings of(List<HostPort> bootstrapServers) {
    return new UpstreamSettings(bootstrapServers, Map.of(), "gatehouse", DEFAULT_REFRESH);
  }

  public UpstreamSettings with(Access other) {
    return new UpstreamSettings(bootstrapServers, dial, clientId, refresh, other, configuredHosts);
  }

  public UpstreamSettings with(BrokerHosts other) {
    return new UpstreamSettings(bootstrapServers, dial, clientId, refresh, access, other);
  }
}
