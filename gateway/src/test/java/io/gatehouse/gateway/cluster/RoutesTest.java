package io.gatehouse.gateway.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HostPattern;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.PortPlan.Pair;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The bootstrap address that is shown to users. */
class RoutesTest {

  private static final HostPort ANYWHERE = new HostPort("0.0.0.0", 19092);
  private static final PortPlan PORTS = new PortPlan(List.of(new Pair(9092, 19092)), false);

  private static HostPort told(Routing routing, @Nullable String advertised, HostPort listening) {
    return Routes.forClients(
        new ListenerSettings("test", listening.host(), advertised, routing), listening);
  }

  private static Routing mapped(@Nullable HostPort advertised) {
    HostPort broker = new HostPort("k1", 9092);
    return new Routing.ByAddress(
        List.of(new Routing.Mapping(broker, ANYWHERE, advertised)), Map.of(), null);
  }

  @Test
  void bootstrapIsTheAdvertisedHostAndPort() {
    HostPort gateway = new HostPort("gw.example.com", 9092);
    assertThat(told(new Routing.ByNodeId(null, PORTS, 0), "gw.example.com", ANYWHERE))
        .isEqualTo(gateway);
    assertThat(told(new Routing.ByNodeId(new Pair(9000, 19000), PORTS, 0), "gw", ANYWHERE))
        .isEqualTo(new HostPort("gw", 9000));
    assertThat(told(mapped(gateway), null, ANYWHERE)).isEqualTo(gateway);
    assertThat(told(mapped(new HostPort("gw", 0)), null, ANYWHERE))
        .isEqualTo(new HostPort("gw", 19092));
    Routing byName =
        new Routing.BySni(new Pair(443, 19092), HostPattern.parse("b-{{nodeId}}.x"), "kafka.x");
    KeySource keys = new KeySource.Pem(Path.of("tls.crt"), Path.of("tls.key"), null);
    Entry entry = Entry.OPEN.with(ServerTls.of(keys));
    ListenerSettings names = new ListenerSettings("test", "0.0.0.0", null, byName, entry);
    assertThat(Routes.forClients(names, new HostPort("kafka.x", 19092)))
        .isEqualTo(new HostPort("kafka.x", 443));
  }

  @Test
  void bootstrapIsALocalAddressInsteadOfAWildcard() throws Exception {
    for (Routing routing : List.of(mapped(null), new Routing.ByNodeId(null, PORTS, 0))) {
      HostPort told = told(routing, null, ANYWHERE);
      assertThat(told.isWildcard()).isFalse();
      assertThat(InetAddress.getByName(told.host()).isAnyLocalAddress()).isFalse();
    }
    assertThat(told(mapped(null), null, ANYWHERE).port()).isEqualTo(19092);
  }
}
