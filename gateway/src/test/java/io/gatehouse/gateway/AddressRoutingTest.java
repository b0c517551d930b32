package io.gatehouse.gateway;

import static io.gatehouse.gateway.fixture.FakeCluster.advertised;
import static io.gatehouse.gateway.fixture.FakeCluster.brokerAt;
import static io.gatehouse.gateway.fixture.FakeCluster.metadata;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.testkit.Ports;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ports by broker address: configured ones, and dynamic ones for other brokers. */
class AddressRoutingTest {

  private static final String HERE = "127.0.0.1";
  private static final HostPort ANY_PORT = new HostPort(HERE, 0);
  private static final HostPort DEAD = new HostPort(HERE, 0);

  private static ListenerSettings listener(
      List<Routing.Mapping> servers,
      Map<HostPort, HostPort> external,
      Routing.@Nullable Dynamic dynamic) {
    return new ListenerSettings(
        "test", HERE, null, new Routing.ByAddress(servers, external, dynamic));
  }

  private static Gateway start(FakeCluster cluster, ListenerSettings listener) throws Exception {
    return Gateway.start(new Setup().settings(List.of(cluster.address(1)), listener));
  }

  private static Routing.Mapping mapping(HostPort broker) {
    return new Routing.Mapping(broker, ANY_PORT, null);
  }

  private static Routing.Dynamic dynamic(@Nullable String advertised) {
    return new Routing.Dynamic(HERE, advertised, 0, 0, false);
  }

  @Test
  void configuredBrokersHaveConfiguredPorts() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1, 2);
        Ports ports = Ports.reserve(2)) {
      HostPort first = new HostPort(HERE, ports.get(0));
      HostPort second = new HostPort(HERE, ports.get(1));
      ListenerSettings listener =
          listener(
              List.of(
                  new Routing.Mapping(cluster.address(1), first, null),
                  new Routing.Mapping(
                      cluster.address(2), second, new HostPort("two.example", 19_092))),
              Map.of(),
              null);
      try (Gateway gateway = start(cluster, listener)) {
        assertThat(gateway.bootstrap()).containsExactly(first);
        assertThat(metadata(first))
            .isEqualTo(Map.of(1, first, 2, new HostPort("two.example", 19_092)));
        assertThat(brokerAt(first)).isEqualTo(1);
        assertThat(brokerAt(second)).isEqualTo(2);
      }
    }
  }

  @Test
  void externalBrokersHaveTheirConfiguredAddress() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1)) {
      HostPort elsewhere = new HostPort("far.internal", 9092);
      cluster.call(2, elsewhere);
      HostPort called = new HostPort("other-gateway.example", 443);
      ListenerSettings listener =
          listener(List.of(mapping(cluster.address(1))), Map.of(elsewhere, called), null);
      try (Gateway gateway = start(cluster, listener)) {
        HostPort bootstrap = gateway.bootstrap().getFirst();
        assertThat(metadata(bootstrap)).isEqualTo(Map.of(1, bootstrap, 2, called));
      }
    }
  }

  @Test
  void newBrokersGetDynamicPortsThatStay() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1, 2, 3);
        Gateway gateway =
            start(
                cluster, listener(List.of(mapping(cluster.address(1))), Map.of(), dynamic(null)))) {
      HostPort bootstrap = gateway.bootstrap().getFirst();

      Map<Integer, HostPort> told = metadata(bootstrap);

      assertThat(told).containsEntry(1, bootstrap).hasSize(3);
      for (int i = 0; i < 3; i++) {
        assertThat(metadata(bootstrap)).isEqualTo(told);
      }
      for (Map.Entry<Integer, HostPort> each : told.entrySet()) {
        assertThat(brokerAt(each.getValue())).isEqualTo(each.getKey());
        assertThat(metadata(each.getValue())).isEqualTo(told);
      }
    }
  }

  @Test
  void dynamicPortsComeFromARangeUntilItIsExhausted() throws Exception {
    try (LogLines log = LogLines.of("io.gatehouse.gateway.cluster");
        FakeCluster cluster = FakeCluster.of(1, 2, 3);
        Ports ports = Ports.contiguous(2)) {
      var dynamic = new Routing.Dynamic(HERE, null, ports.get(0), 2, false);
      ListenerSettings listener = listener(List.of(mapping(cluster.address(1))), Map.of(), dynamic);
      try (Gateway gateway = start(cluster, listener)) {
        HostPort bootstrap = gateway.bootstrap().getFirst();
        Map<Integer, HostPort> told = metadata(bootstrap);
        assertThat(List.of(told.get(2), told.get(3)))
            .containsExactlyInAnyOrder(
                new HostPort(HERE, ports.get(0)), new HostPort(HERE, ports.get(1)));
        assertThat(brokerAt(advertised(bootstrap, 2))).isEqualTo(2);

        cluster.add(4);

        assertThat(metadata(bootstrap)).containsEntry(4, DEAD);
        log.await("dynamic ports from " + ports.get(0));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPortInUseIsTriedAgain(boolean byNodeId) throws Exception {
    try (LogLines log = LogLines.of("io.gatehouse.gateway.cluster");
        FakeCluster cluster = FakeCluster.of(1, 20);
        Ports ports = Ports.contiguous(1)) {
      HostPort wanted = new HostPort(HERE, ports.get(0));
      var dynamic = new Routing.Dynamic(HERE, null, wanted.port(), 1, byNodeId);
      ListenerSettings listener = listener(List.of(mapping(cluster.address(1))), Map.of(), dynamic);
      ServerSocket other = new ServerSocket(wanted.port(), 1, InetAddress.getLoopbackAddress());
      try (Gateway gateway = start(cluster, listener)) {
        HostPort bootstrap = gateway.bootstrap().getFirst();
        assertThat(metadata(bootstrap)).containsEntry(20, DEAD);
        assertThat(metadata(bootstrap)).containsEntry(20, DEAD);

        other.close();

        Await.until(
            () -> "not served: " + log.lines(), () -> advertised(bootstrap, 20).equals(wanted));
        assertThat(brokerAt(wanted)).isEqualTo(20);
        assertThat(log.lines())
            .filteredOn(line -> line.contains("as down"))
            .singleElement()
            .asString()
            .contains(cluster.address(20).toString());
      } finally {
        other.close();
      }
    }
  }

  @Test
  void dynamicPortsMayFollowTheNodeId() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1, 12, 13);
        Ports ports = Ports.contiguous(10)) {
      var dynamic = new Routing.Dynamic(HERE, null, ports.get(0), 10, true);
      ListenerSettings listener = listener(List.of(mapping(cluster.address(1))), Map.of(), dynamic);
      try (Gateway gateway = start(cluster, listener)) {
        HostPort bootstrap = gateway.bootstrap().getFirst();
        HostPort twelve = new HostPort(HERE, ports.get(2));
        assertThat(metadata(bootstrap))
            .isEqualTo(Map.of(1, bootstrap, 12, twelve, 13, new HostPort(HERE, ports.get(3))));
        assertThat(brokerAt(twelve)).isEqualTo(12);

        // The broker's address changes: its port leads to the new one.
        cluster.add(12);

        Await.until(() -> "12 is not at its port", () -> brokerAt(twelve) == 12);
        assertThat(metadata(bootstrap)).containsEntry(12, twelve);
      }
    }
  }

  @Test
  void advertisedHostsMayContainTheNodeId() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1, 2);
        Gateway gateway =
            start(
                cluster,
                listener(
                    List.of(mapping(cluster.address(1))),
                    Map.of(),
                    dynamic("b-{{.brokerId}}.example")))) {
      HostPort told = advertised(gateway.bootstrap().getFirst(), 2);

      assertThat(told.host()).isEqualTo("b-2.example");
      assertThat(brokerAt(new HostPort(HERE, told.port()))).isEqualTo(2);
    }
  }

  @Test
  void advertisedPortsMayBeFixed() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1, 2);
        Gateway gateway =
            start(
                cluster,
                listener(
                    List.of(mapping(cluster.address(1))),
                    Map.of(),
                    dynamic("kafka.example:190{{ .brokerId }}")))) {
      assertThat(metadata(gateway.bootstrap().getFirst()))
          .containsEntry(2, new HostPort("kafka.example", 1902));
    }
  }

  @Test
  void withoutDynamicPortsAnUnknownBrokerAppearsDownAndIsNotDisclosed() throws Exception {
    try (LogLines log = LogLines.of("io.gatehouse.gateway.cluster");
        FakeCluster cluster = FakeCluster.of(1, 2);
        Gateway gateway =
            start(cluster, listener(List.of(mapping(cluster.address(1))), Map.of(), null))) {
      HostPort bootstrap = gateway.bootstrap().getFirst();

      assertThat(metadata(bootstrap)).isEqualTo(Map.of(1, bootstrap, 2, DEAD));
      log.await("net address mapping for " + cluster.address(2) + " was not found");
    }
  }

  @Test
  void addressesAreComparedLiterally() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1)) {
      HostPort byName = new HostPort("localhost", cluster.address(1).port());
      // The mapping has localhost, and the broker advertises 127.0.0.1.
      ListenerSettings listener = listener(List.of(mapping(byName)), Map.of(), null);
      try (Gateway gateway = start(cluster, listener)) {
        HostPort bootstrap = gateway.bootstrap().getFirst();
        assertThat(brokerAt(bootstrap)).isEqualTo(1);
        assertThat(metadata(bootstrap)).isEqualTo(Map.of(1, DEAD));

        cluster.call(1, byName);

        assertThat(metadata(bootstrap)).isEqualTo(Map.of(1, bootstrap));
      }
    }
  }

  @Test
  void severalListenersMayRouteToOneClusterDifferently() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1, 2)) {
      List<ListenerSettings> listeners = new ArrayList<>();
      for (String host : List.of("one.example", "two.example")) {
        listeners.add(
            new ListenerSettings(
                host,
                HERE,
                host,
                new Routing.ByAddress(
                    List.of(mapping(cluster.address(1))), Map.of(), dynamic(null))));
      }
      try (Gateway gateway =
          Gateway.start(
              new Setup()
                  .settings(
                      List.of(cluster.address(1)), listeners.toArray(ListenerSettings[]::new)))) {
        assertThat(gateway.bootstrap()).hasSize(2);
        HostPort one = advertised(gateway.bootstrap().get(0), 2);
        HostPort two = advertised(gateway.bootstrap().get(1), 2);
        assertThat(one.host()).isEqualTo("one.example");
        assertThat(two.host()).isEqualTo("two.example");
        assertThat(one.port()).isNotEqualTo(two.port());
        assertThat(brokerAt(new HostPort(HERE, one.port()))).isEqualTo(2);
        assertThat(brokerAt(new HostPort(HERE, two.port()))).isEqualTo(2);
      }
    }
  }
}
