package io.gatehouse.gateway;

import static io.gatehouse.gateway.fixture.FakeCluster.NO_BROKER;
import static io.gatehouse.gateway.fixture.FakeCluster.awaitKnown;
import static io.gatehouse.gateway.fixture.FakeCluster.brokerAt;
import static io.gatehouse.gateway.fixture.FakeCluster.metadata;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.Figures;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Scripts;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.RawClient;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One port per node id. */
class NodeIdRoutingTest {

  private static final String HERE = "127.0.0.1";

  /** The first port is for bootstrapping, the others are for brokers. */
  private Ports ports;

  @BeforeEach
  void reserve() {
    ports = Ports.contiguous(6);
  }

  @AfterEach
  void giveBack() {
    ports.close();
  }

  private HostPort port(int index) {
    return new HostPort(HERE, ports.get(index));
  }

  private PortPlan.Pair bootstrap() {
    return new PortPlan.Pair(ports.get(0), ports.get(0));
  }

  private static ListenerSettings listener(
      PortPlan.@Nullable Pair bootstrap, PortPlan plan, int lowest) {
    return new ListenerSettings("test", HERE, null, new Routing.ByNodeId(bootstrap, plan, lowest));
  }

  private static Gateway start(FakeCluster cluster, ListenerSettings listener) throws Exception {
    return Gateway.start(new Setup().settings(List.of(cluster.address(5)), listener));
  }

  @Test
  void portsAreAssignedFromTheLowestId() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(5, 6, 8);
        Gateway gateway = start(cluster, listener(bootstrap(), PortPlan.from(ports.get(1)), 5))) {
      assertThat(gateway.bootstrap()).containsExactly(port(0));
      assertThat(metadata(port(0))).isEqualTo(Map.of(5, port(1), 6, port(2), 8, port(4)));
      assertThat(brokerAt(port(0))).isEqualTo(5);
      assertThat(brokerAt(port(1))).isEqualTo(5);
      assertThat(brokerAt(port(2))).isEqualTo(6);
      assertThat(brokerAt(port(4))).isEqualTo(8);
      assertThat(brokerAt(port(3))).as("a port no broker needs yet").isEqualTo(NO_BROKER);
      // Every broker's metadata has the same addresses.
      assertThat(metadata(port(4))).isEqualTo(metadata(port(0)));
    }
  }

  @Test
  void advertisedPortsMayDifferFromLocalOnes() throws Exception {
    PortPlan plan =
        new PortPlan(
            List.of(
                new PortPlan.Pair(30_001, ports.get(1)), new PortPlan.Pair(30_002, ports.get(2))),
            false);
    ListenerSettings listener =
        new ListenerSettings(
            "test",
            HERE,
            "kafka.example",
            new Routing.ByNodeId(new PortPlan.Pair(30_000, ports.get(0)), plan, 5));
    try (FakeCluster cluster = FakeCluster.of(5, 6);
        Gateway gateway = start(cluster, listener)) {
      awaitKnown(gateway, 2);
      assertThat(metadata(port(0)))
          .isEqualTo(
              Map.of(
                  5, new HostPort("kafka.example", 30_001),
                  6, new HostPort("kafka.example", 30_002)));
      assertThat(brokerAt(port(2))).isEqualTo(6);
    }
  }

  @Test
  void aNewBrokerGetsItsPort() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(5);
        Gateway gateway = start(cluster, listener(bootstrap(), PortPlan.from(ports.get(1)), 5))) {
      awaitKnown(gateway, 1);
      assertThat(brokerAt(port(2))).isEqualTo(NO_BROKER);

      cluster.add(6);

      awaitKnown(gateway, 2); // from the gateway's own request, without a client
      Await.until(() -> "nobody at the new port", () -> brokerAt(port(2)) == 6);
      assertThat(metadata(port(0))).isEqualTo(Map.of(5, port(1), 6, port(2)));
    }
  }

  @Test
  void aBrokerFirstSeenInAResponseToAClientHasItsPort() throws Exception {
    var setup = new Setup().refresh(Duration.ZERO);
    try (FakeCluster cluster = FakeCluster.of(5);
        Gateway gateway =
            Gateway.start(
                setup.settings(
                    List.of(cluster.address(5)),
                    listener(bootstrap(), PortPlan.from(ports.get(1)), 5)))) {
      awaitKnown(gateway, 1);
      cluster.add(6);

      HostPort told = metadata(port(0)).get(6);

      assertThat(told).isEqualTo(port(2));
      assertThat(brokerAt(port(2))).isEqualTo(6);
    }
  }

  @Test
  void aBrokerWithANewAddressKeepsItsPort() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(5, 6);
        Gateway gateway = start(cluster, listener(bootstrap(), PortPlan.from(ports.get(1)), 5))) {
      awaitKnown(gateway, 2);
      HostPort before = cluster.address(6);
      Await.until(() -> "nobody at the broker's port", () -> brokerAt(port(2)) == 6);

      assertThat(cluster.add(6)).isNotEqualTo(before);

      Await.until(() -> "nobody at the old port", () -> brokerAt(port(2)) == 6);
      assertThat(metadata(port(0))).isEqualTo(Map.of(5, port(1), 6, port(2)));
    }
  }

  @Test
  void aBrokerThatVanishesAppearsDownAndItsPortLeadsToNoOther() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(5, 6);
        Gateway gateway =
            start(cluster, listener(null, PortPlan.from(ports.get(1)).limited(3), 5))) {
      awaitKnown(gateway, 2);
      assertThat(brokerAt(port(2))).isEqualTo(6);

      cluster.remove(6);

      Await.until(() -> "still told of 6", () -> !metadata(port(1)).containsKey(6));
      assertThat(brokerAt(port(2))).isEqualTo(NO_BROKER);
      assertThat(brokerAt(port(1))).isEqualTo(5);

      cluster.add(6);
      Await.until(() -> "6 is not back", () -> brokerAt(port(2)) == 6);
    }
  }

  @Test
  void withoutABootstrapPortAnUnusedBrokerPortLeadsToAnyBroker() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(5, 6);
        Gateway gateway =
            start(cluster, listener(null, PortPlan.from(ports.get(1)).limited(4), 5))) {
      assertThat(gateway.bootstrap()).containsExactly(port(1));
      awaitKnown(gateway, 2);
      assertThat(brokerAt(port(1))).isEqualTo(5);
      assertThat(brokerAt(port(2))).isEqualTo(6);
      assertThat(brokerAt(port(4))).isIn(5, 6);
      assertThat(metadata(port(4))).isEqualTo(Map.of(5, port(1), 6, port(2)));
    }
  }

  @Test
  void withABootstrapPortAnUnusedBrokerPortLeadsToNoBroker() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(5, 6);
        Gateway gateway =
            start(cluster, listener(bootstrap(), PortPlan.from(ports.get(1)).limited(4), 5))) {
      awaitKnown(gateway, 2);
      assertThat(brokerAt(port(4))).isEqualTo(NO_BROKER);
    }
  }

  @Test
  void anIdOutOfRangeIsLoggedAndAppearsDown() throws Exception {
    try (LogLines log = LogLines.of("io.gatehouse.gateway.cluster");
        FakeCluster cluster = FakeCluster.of(4, 5, 6, 9);
        Gateway gateway =
            start(cluster, listener(bootstrap(), PortPlan.from(ports.get(1)).limited(2), 5))) {
      awaitKnown(gateway, 4);

      assertThat(metadata(port(0)))
          .isEqualTo(
              Map.of(4, new HostPort(HERE, 0), 5, port(1), 6, port(2), 9, new HostPort(HERE, 0)));
      log.await("no port for broker 9: ids from 5 to 6 have one");
      log.await("no port for broker 4");
    }
  }

  @Test
  void anIdBeyondAllPortsAppearsDown() throws Exception {
    HostPort far = new HostPort("far.internal", 9092);
    try (FakeCluster cluster = FakeCluster.of(5).call(Integer.MAX_VALUE, far);
        Gateway gateway = start(cluster, listener(bootstrap(), PortPlan.from(ports.get(1)), 5))) {
      awaitKnown(gateway, 2);

      assertThat(metadata(port(0)))
          .isEqualTo(Map.of(5, port(1), Integer.MAX_VALUE, new HostPort(HERE, 0)));
    }
  }

  @Test
  void anUnavailableBootstrapServerIsSkipped() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(5, 6);
        Ports closed = Ports.reserve(1)) {
      List<HostPort> servers =
          List.of(new HostPort(HERE, closed.get(0)), cluster.address(5), cluster.address(6));
      ListenerSettings listener = listener(bootstrap(), PortPlan.from(ports.get(1)), 5);
      try (Gateway gateway = Gateway.start(new Setup().settings(servers, listener))) {
        awaitKnown(gateway, 2);
        for (int i = 0; i < 6; i++) {
          assertThat(brokerAt(port(0))).isIn(5, 6);
        }
      }
    }
  }

  @Test
  void clientsMayConnectBeforeTheClusterIsAvailable() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(5)) {
      HostPort server = cluster.address(5);
      cluster.remove(5);
      ListenerSettings listener = listener(null, PortPlan.from(ports.get(1)).limited(2), 5);
      var setup = new Setup().connectTimeout(Duration.ofMillis(200));
      try (Gateway gateway = Gateway.start(setup.settings(List.of(server), listener))) {
        assertThat(gateway.health().isReady()).isTrue();
        assertThat(FakeCluster.areKnown(gateway)).isFalse();
        assertThat(brokerAt(port(1))).isEqualTo(NO_BROKER);
        Await.until(
            () -> "no reason in " + gateway.health(),
            () -> String.valueOf(gateway.health().upstreamFailure()).contains("refused"));
      }
    }
  }

  /** Brokers that require a login: the gateway learns them from responses to clients only. */
  @Test
  void withForwardedSaslTheGatewaySendsNoRequestsAndLearnsBrokersFromResponses() throws Exception {
    ListenerSettings open = listener(bootstrap(), PortPlan.from(ports.get(1)).limited(3), 5);
    ListenerSettings forwarded =
        new ListenerSettings(
            "test", HERE, null, open.routing(), Entry.OPEN.with(new Authentication.Forwarded()));
    try (FakeCluster cluster = FakeCluster.of(5, 6);
        Gateway gateway = start(cluster, forwarded);
        RawClient early = RawClient.connect(HERE, ports.get(2))) {
      assertThat(gateway.health().isReady()).isTrue();
      assertThat(gateway.health().upstreamFailure()).isNull();
      // Clients may know the port from before a restart of the gateway: any broker serves them.
      early.sendFrame(Frames.request(Frames.UNKNOWN, 0, 1, new byte[0]));
      assertThat(early.readFrame(Rig.LIMIT)[4]).isEqualTo((byte) 5);

      assertThat(metadata(port(0))).isEqualTo(Map.of(5, port(1), 6, port(2)));

      awaitKnown(gateway, 2);
      early.expectClosed(Rig.LIMIT); // reconnects and reaches the broker
      assertThat(brokerAt(port(2))).isEqualTo(6);
      assertThat(brokerAt(port(3))).isEqualTo(NO_BROKER);
      assertThat(cluster.requests(5)).noneMatch(Scripts::isGateways);
      assertThat(Figures.of(gateway).value("gatehouse_cluster_up", "cluster", "main")).isOne();
    }
  }

  @Test
  void aPortInUseIsReportedWithItsAddress() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(5);
        ServerSocket _ = new ServerSocket(ports.get(2), 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() ->
              start(cluster, listener(null, PortPlan.from(ports.get(1)).limited(3), 5)).close())
          .isInstanceOf(GatewayStartException.class)
          .hasMessageContaining(port(2).toString());
      // Ports opened before it are closed again.
      assertThat(brokerAt(port(1))).isEqualTo(NO_BROKER);
    }
  }
}
