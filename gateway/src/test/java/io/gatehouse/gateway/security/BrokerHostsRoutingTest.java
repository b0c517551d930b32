package io.gatehouse.gateway.security;

import static io.gatehouse.gateway.fixture.FakeCluster.NO_BROKER;
import static io.gatehouse.gateway.fixture.FakeCluster.brokerAt;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.Figures;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.settings.BrokerHosts;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.HostRule;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.testkit.Ports;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gateway connects to hosts in metadata only if they belong to the cluster. */
class BrokerHostsRoutingTest {

  /** An address that is not used and does not respond. */
  private static final HostPort ELSEWHERE = new HostPort("10.255.255.254", 9092);

  private final FakeCluster cluster = FakeCluster.of(1, 2, 3);
  private final Ports ports = Ports.contiguous(3);
  private LogLines log;
  private Gateway gateway;

  @BeforeEach
  void listen() {
    log = LogLines.of("io.gatehouse.gateway.net.Destinations");
    cluster.call(2, new HostPort("localhost", cluster.address(2).port()));
    cluster.call(3, ELSEWHERE);
  }

  private void start(@Nullable BrokerHosts hosts, Map<HostPort, HostPort> dial) throws Exception {
    GatewaySettings defaults =
        new Setup()
            .settings(
                List.of(cluster.address(1)),
                new ListenerSettings(
                    "test",
                    "127.0.0.1",
                    null,
                    new Routing.ByNodeId(null, PortPlan.from(ports.get(0)).limited(3), 1)));
    UpstreamSettings upstream =
        new UpstreamSettings(
            List.of(cluster.address(1)), dial, "gatehouse", Duration.ofMillis(200));
    gateway =
        Gateway.start(
            new GatewaySettings(
                hosts == null ? upstream : upstream.with(hosts),
                defaults.listeners(),
                defaults.traffic(),
                defaults.drain().time()));
    FakeCluster.awaitKnown(gateway, 3);
  }

  private static BrokerHosts hosts(String... rules) {
    return BrokerHosts.of(Arrays.stream(rules).map(HostRule::parse).toList());
  }

  @AfterEach
  void stop() {
    gateway.close();
    cluster.close();
    ports.close();
    log.close();
  }

  private int at(int broker) throws Exception {
    return brokerAt(new HostPort("127.0.0.1", ports.get(broker - 1)));
  }

  private double refused() {
    return Figures.of(gateway).value("gatehouse_refused_brokers");
  }

  @Test
  void aLocalClusterHasNoRemoteBrokers() throws Exception {
    start(null, Map.of());

    assertThat(at(1)).isEqualTo(1);
    assertThat(at(2)).isEqualTo(2);
    assertThat(at(3)).isEqualTo(NO_BROKER);

    assertThat(refused()).isEqualTo(1);
    log.await("10.255.255.254:9092 is not connected to: it is not among the hosts of the cluster");
  }

  @Test
  void onlyListedHostsAndBootstrapServersAreConnectedTo() throws Exception {
    start(hosts("*.kafka.test"), Map.of());

    for (int i = 0; i < 10; i++) {
      assertThat(at(1)).isEqualTo(1);
      assertThat(at(2)).isEqualTo(NO_BROKER);
    }

    assertThat(cluster.received(Frames.UNKNOWN)).isEqualTo(10);
    assertThat(refused()).isEqualTo(10);
    assertThat(log.lines()).singleElement().asString().contains("localhost:");
  }

  @Test
  void aNameIsAllowedIfItsAddressIs() throws Exception {
    start(hosts("127.0.0.0/8"), Map.of());

    assertThat(at(2)).isEqualTo(2);
    assertThat(at(3)).isEqualTo(NO_BROKER);
  }

  @Test
  void aNameIsRefusedIfItsAddressIs() throws Exception {
    start(hosts("10.0.0.0/16"), Map.of());

    assertThat(at(2)).isEqualTo(NO_BROKER);
    assertThat(cluster.received(Frames.UNKNOWN)).isZero();
  }

  @Test
  void dialTargetsInTheSettingsAreAllowed() throws Exception {
    HostPort second = cluster.address(2);
    start(hosts("*.kafka.test"), Map.of(second, new HostPort("127.0.0.1", second.port())));

    assertThat(at(2)).isEqualTo(2);
    assertThat(log.lines()).isEmpty();
  }
}
