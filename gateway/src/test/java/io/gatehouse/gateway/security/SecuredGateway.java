package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.GatewayStart;
import io.gatehouse.gateway.GatewayStartException;
import io.gatehouse.gateway.fixture.Figures;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A gateway with several listeners, each with a bootstrap port and a port for the broker with the
 * id 0, both on localhost.
 */
final class SecuredGateway implements AutoCloseable {

  private static final byte[] QUESTION = {4, 2};

  private final Ports ports;
  private final List<String> names;
  private final Gateway gateway;

  private SecuredGateway(Ports ports, List<String> names, Gateway gateway) {
    this.ports = ports;
    this.names = names;
    this.gateway = gateway;
  }

  /** Collects its settings. */
  static final class Builder {
    private final List<HostPort> brokers;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private Map<HostPort, HostPort> dial = Map.of();
    private Access access = Access.PLAINTEXT;
    private Setup setup = new Setup();
    private Duration lookAtFiles = Duration.ofMillis(50);

    private Builder(List<HostPort> brokers) {
      this.brokers = brokers;
    }

    Builder access(Access how) {
      access = how;
      return this;
    }

    Builder dial(HostPort broker, HostPort instead) {
      dial = Map.of(broker, instead);
      return this;
    }

    Builder listener(String name, Entry entry) {
      entries.put(name, entry);
      return this;
    }

    Builder setup(Setup traffic) {
      setup = traffic;
      return this;
    }

    SecuredGateway start() throws GatewayStartException {
      Ports ports = Ports.contiguous(2 * entries.size());
      List<String> names = List.copyOf(entries.keySet());
      List<ListenerSettings> listeners = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        int port = ports.get(2 * i);
        listeners.add(
            new ListenerSettings(
                names.get(i),
                "127.0.0.1",
                "localhost",
                new Routing.ByNodeId(
                    new PortPlan.Pair(port, port), PortPlan.from(port + 1).limited(1), 0),
                Objects.requireNonNull(entries.get(names.get(i)))));
      }
      GatewaySettings.Traffic traffic =
          setup.settings(brokers, setup.toBroker(brokers.getFirst())).traffic();
      UpstreamSettings upstream =
          new UpstreamSettings(brokers, dial, "gatehouse", Duration.ofSeconds(5), access);
      return new SecuredGateway(
          ports,
          names,
          Gateway.start(
              new GatewaySettings(upstream, listeners, traffic, Duration.ofSeconds(2)),
              lookAtFiles,
              GatewayStart.with(InheritedSockets.none(), setup.steps()).with(setup.tenants())));
    }
  }

  /** Starts from these bootstrap servers. */
  static Builder of(HostPort... brokers) {
    return new Builder(List.of(brokers));
  }

  /** Starts from bootstrap servers as {@code host:port,host:port}. */
  static Builder of(String servers) {
    return new Builder(
        java.util.Arrays.stream(servers.split(",", -1)).map(HostPort::parse).toList());
  }

  Gateway gateway() {
    return gateway;
  }

  /** The port to bootstrap at. */
  int port(String listener) {
    return ports.get(2 * names.indexOf(listener));
  }

  /** The port of broker 0. */
  int brokerPort(String listener) {
    return port(listener) + 1;
  }

  /** The bootstrap address of clients. */
  String bootstrap(String listener) {
    return "localhost:" + port(listener);
  }

  Figures figures() {
    return Figures.of(gateway);
  }

  /** Waits until this many connections have ended for this reason. */
  void awaitEnds(CloseReason reason, int count) {
    Figures.awaitEnds(gateway, reason, count);
  }

  /** Number of authentications with this result. */
  int authentications(String listener, String mechanism, String result) {
    return (int)
        figures()
            .value(
                "gatehouse_authentications",
                "listener",
                listener,
                "mechanism",
                mechanism,
                "result",
                result);
  }

  /** Sends a request through the gateway to a broker that echoes it. */
  static void exchange(RawClient client) throws IOException {
    client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 1, QUESTION));
    byte[] answer = client.readFrame(Rig.LIMIT);
    assertThat(answer).endsWith(QUESTION);
  }

  @Override
  public void close() {
    gateway.close();
    ports.close();
  }
}
