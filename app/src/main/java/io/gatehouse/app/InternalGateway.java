package io.gatehouse.app;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.password.FixedUsers;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.control.kafka.KafkaAccess;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.GatewayStartException;
import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.DrainSettings;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.Limits;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.LoginLimits;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.SocketSettings;
import io.gatehouse.gateway.settings.UpstreamSettings;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects this process's own Kafka clients through a second gateway on loopback, so that TLS, all
 * logins, forward proxies and reloads work for them as for other clients. It is apart from the
 * gateway that clients use: neither that one's rules, limits, drain and takeover nor a failover
 * apply to it. It starts when a client needs it, with the clusters that are needed.
 */
final class InternalGateway implements KafkaAccess, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(InternalGateway.class);
  private static final String LOOPBACK = "127.0.0.1";
  private static final String USER = "gatehouse";

  /** Any program on this machine can connect, so the password cannot be guessed. */
  private final Secret password = new Secret(HexFormat.of().formatHex(random()));

  private final Duration fileCheckInterval;
  private final List<String> clusters = new ArrayList<>();
  private GatewaySettings settings;
  private @Nullable Gateway gateway;

  /**
   * @param settings of the gateway that clients use
   * @param fileCheckInterval how often files with keys and certificates are checked for changes
   */
  InternalGateway(GatewaySettings settings, Duration fileCheckInterval) {
    this.settings = settings;
    this.fileCheckInterval = fileCheckInterval;
  }

  private static byte[] random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  @Override
  public synchronized Map<String, Object> properties(String cluster) {
    if (!settings.upstreams().containsKey(cluster)) {
      throw new IllegalArgumentException(
          "there is no cluster '%s'; there is %s"
              .formatted(cluster, String.join(", ", settings.upstreams().keySet())));
    }
    if (!clusters.contains(cluster)) {
      clusters.add(cluster);
      try {
        start();
      } catch (GatewayStartException e) {
        clusters.remove(cluster);
        throw new IllegalArgumentException(e.getMessage(), e);
      }
    }
    HostPort bootstrap = Objects.requireNonNull(gateway).bootstrap().get(clusters.indexOf(cluster));
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", bootstrap.toString());
    properties.put("security.protocol", "SASL_PLAINTEXT");
    properties.put("sasl.mechanism", PlainMechanism.NAME);
    properties.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(USER, password.reveal()));
    return properties;
  }

  private void start() throws GatewayStartException {
    GatewaySettings own = own();
    if (gateway == null) {
      gateway = Gateway.start(own, fileCheckInterval, InheritedSockets.none());
    } else {
      gateway.apply(own);
    }
  }

  /** Applies new settings of the clusters. */
  synchronized void apply(GatewaySettings other) {
    settings = other;
    if (gateway == null) {
      return;
    }
    for (String cluster : List.copyOf(clusters)) {
      if (!other.upstreams().containsKey(cluster)) {
        log.error("The cluster {} was removed, but the gateway itself needs it", cluster);
        return;
      }
    }
    try {
      gateway.apply(own());
    } catch (GatewayStartException e) {
      log.error("The gateway's own clients connect by the previous settings: {}", e.getMessage());
    }
  }

  private GatewaySettings own() {
    Map<String, UpstreamSettings> upstreams = new LinkedHashMap<>();
    List<ListenerSettings> listeners = new ArrayList<>();
    for (String cluster : clusters) {
      UpstreamSettings upstream = Objects.requireNonNull(settings.upstreams().get(cluster));
      Accounts accounts =
          new Accounts(upstream.access().accounts().own(), Map.of(), /* ownForOthers= */ true);
      upstreams.put(cluster, upstream.with(upstream.access().with(accounts)).withFailover(null));
      listeners.add(listener(cluster, upstream));
    }
    LoginLimits logins = LoginLimits.DEFAULT;
    return new GatewaySettings(
        upstreams,
        listeners,
        new GatewaySettings.Traffic(
            Limits.DEFAULT,
            settings.traffic().timeouts(),
            new SocketSettings(
                SocketSettings.Side.DEFAULT, settings.traffic().sockets().broker(), 64, 1),
            ApiRules.NONE,
            // Without throttling: another program on this machine could have this one refused.
            new LoginLimits(
                0,
                0,
                logins.forgiveAfter(),
                logins.atOnce(),
                logins.atOncePerAddress(),
                List.of())),
        DrainSettings.within(Duration.ZERO));
  }

  private ListenerSettings listener(String cluster, UpstreamSettings upstream) {
    HostPort anyPort = new HostPort(LOOPBACK, 0);
    return new ListenerSettings(
        "internal-" + cluster,
        LOOPBACK,
        null,
        new Routing.ByAddress(
            upstream.bootstrapServers().stream()
                .distinct()
                .map(broker -> new Routing.Mapping(broker, anyPort, null))
                .toList(),
            Map.of(),
            new Routing.Dynamic(LOOPBACK, null, 0, 0, /* byNodeId= */ false)),
        Entry.OPEN
            .to(cluster)
            .with(
                new Authentication.Sasl(
                    List.of(new PlainMechanism.Settings(new FixedUsers(Map.of(USER, password)))),
                    Duration.ZERO)));
  }

  @Override
  public synchronized void close() {
    if (gateway != null) {
      gateway.close();
      gateway = null;
    }
  }
}
