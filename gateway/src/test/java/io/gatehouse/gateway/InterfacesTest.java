package io.gatehouse.gateway;

import static io.gatehouse.gateway.fixture.FakeCluster.advertised;
import static io.gatehouse.gateway.fixture.FakeCluster.brokerAt;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Scripts;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.RawClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Interfaces, IPv6 and host names: the gateway advertises addresses that clients can reach. */
class InterfacesTest {

  private static ListenerSettings byAddress(
      HostPort broker, String bind, @Nullable String advertised) {
    return new ListenerSettings(
        "test",
        bind,
        advertised,
        new Routing.ByAddress(
            List.of(new Routing.Mapping(broker, new HostPort(bind, 0), null)),
            Map.of(),
            new Routing.Dynamic(bind, null, 0, 0, false)));
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, 127.0.0.1",
    "0.0.0.0, 127.0.0.2",
    "*, 127.0.0.3",
    "::, 127.0.0.1",
    "::, 0:0:0:0:0:0:0:1",
    "::1, ::1",
    "127.0.0.7, 127.0.0.7",
    "localhost, localhost"
  })
  void theLocalAddressOfTheConnectionIsAdvertised(String bind, String used) throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1, 2);
        Gateway gateway =
            Gateway.start(
                new Setup()
                    .settings(
                        List.of(cluster.address(1)), byAddress(cluster.address(1), bind, null)))) {
      HostPort there = new HostPort(used, gateway.bootstrap().getFirst().port());

      assertThat(advertised(there, 1)).isEqualTo(there);
      HostPort second = advertised(there, 2);
      assertThat(second.host()).isEqualTo(used);
      assertThat(brokerAt(second)).isEqualTo(2);
    }
  }

  @Test
  void advertisesTheLocalAddressWithPortsByNodeId() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1, 2);
        Ports ports = Ports.contiguous(2)) {
      ListenerSettings listener =
          new ListenerSettings(
              "test",
              "0.0.0.0",
              null,
              new Routing.ByNodeId(null, PortPlan.from(ports.get(0)).limited(2), 1));
      try (Gateway gateway =
          Gateway.start(new Setup().settings(List.of(cluster.address(1)), listener))) {
        FakeCluster.awaitKnown(gateway, 2);
        for (String host : List.of("127.0.0.1", "127.0.0.9")) {
          assertThat(advertised(new HostPort(host, ports.get(1)), 1))
              .isEqualTo(new HostPort(host, ports.get(0)));
        }
      }
    }
  }

  @Test
  void anAdvertisedHostTakesPrecedenceOverTheLocalAddress() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1, 2);
        Gateway gateway =
            Gateway.start(
                new Setup()
                    .settings(
                        List.of(cluster.address(1)),
                        byAddress(cluster.address(1), "0.0.0.0", "kafka.example")))) {
      HostPort there = new HostPort("127.0.0.2", gateway.bootstrap().getFirst().port());

      assertThat(advertised(there, 2).host()).isEqualTo("kafka.example");
      assertThat(advertised(there, 1).host()).isEqualTo("kafka.example");
    }
  }

  @Test
  void brokersMayHaveIpv6Addresses() throws Exception {
    try (RawBroker broker = RawBroker.on("::1");
        FakeCluster cluster = FakeCluster.of(1)) {
      HostPort six = new HostPort("::1", broker.address().port());
      ListenerSettings listener = byAddress(six, "127.0.0.1", null);
      try (Gateway gateway =
          Gateway.start(new Setup().settings(List.of(cluster.address(1)), listener))) {
        HostPort there = gateway.bootstrap().getFirst();
        try (RawClient client = RawClient.connect(there.host(), there.port())) {
          client.sendFrame(Frames.request(Frames.METADATA, 9, 1, new byte[0]));
          RawClient link = broker.accept();
          var _ = link.readFrame(Rig.LIMIT);
          link.sendFrame(Scripts.metadata(9, 1, Map.of(1, six)));

          assertThat(client.readFrame(Rig.LIMIT))
              .isEqualTo(Scripts.metadata(9, 1, Map.of(1, there)));
        }
      }
    }
  }

  @Test
  void brokersMayHaveHostNames() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1, 2)) {
      HostPort first = new HostPort("localhost", cluster.address(1).port());
      HostPort second = new HostPort("localhost", cluster.address(2).port());
      cluster.call(1, first).call(2, second);
      try (Gateway gateway =
          Gateway.start(
              new Setup().settings(List.of(first), byAddress(first, "127.0.0.1", null)))) {
        FakeCluster.awaitKnown(gateway, 2);
        HostPort there = gateway.bootstrap().getFirst();

        assertThat(advertised(there, 1)).isEqualTo(there);
        assertThat(brokerAt(advertised(there, 2))).isEqualTo(2);
      }
    }
  }

  @Test
  void aNameThatDoesNotResolveIsReported() throws Exception {
    HostPort nowhere = new HostPort("no-such-host.invalid", 9092);
    try (Gateway gateway =
        Gateway.start(
            new Setup()
                .connectTimeout(Duration.ofSeconds(5))
                .settings(List.of(nowhere), byAddress(nowhere, "127.0.0.1", null)))) {
      Await.until(
          () -> "not in " + gateway.health(),
          () ->
              String.valueOf(gateway.health().upstreamFailure())
                  .contains("no-such-host.invalid cannot be resolved"));
      assertThat(brokerAt(gateway.bootstrap().getFirst())).isEqualTo(FakeCluster.NO_BROKER);
    }
  }

  @Test
  void brokersMayBeDialledAtOtherAddressesThanAdvertised() throws Exception {
    try (FakeCluster cluster = FakeCluster.of(1)) {
      HostPort real = cluster.address(1);
      HostPort said = new HostPort("broker-1.internal", 9092);
      cluster.call(1, said);
      GatewaySettings plain =
          new Setup().settings(List.of(said), byAddress(said, "127.0.0.1", null));
      GatewaySettings settings =
          new GatewaySettings(
              new UpstreamSettings(
                  List.of(said), Map.of(said, real), "gatehouse", Duration.ofSeconds(1)),
              plain.listeners(),
              plain.traffic(),
              plain.drain().time());
      try (Gateway gateway = Gateway.start(settings)) {
        HostPort there = gateway.bootstrap().getFirst();
        assertThat(advertised(there, 1)).isEqualTo(there);
        assertThat(brokerAt(there)).isEqualTo(1);
      }
    }
  }
}
