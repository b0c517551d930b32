package io.gatehouse.app;

import static io.gatehouse.app.ConduktorVariables.bind;
import static io.gatehouse.app.ConduktorVariables.http;
import static io.gatehouse.app.ConduktorVariables.listener;
import static io.gatehouse.app.ConduktorVariables.problems;
import static io.gatehouse.app.ConduktorVariables.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.PortPlan.Pair;
import io.gatehouse.gateway.settings.Routing;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Conduktor Gateway's variables for listeners. */
class ConduktorListenerVariablesTest {

  @Test
  void startsWithoutAnyNetworkVariable() {
    assertThat(listener())
        .isEqualTo(
            new ListenerSettings(
                "main", "0.0.0.0", null, new Routing.ByNodeId(null, PortPlan.from(6969), 0)));
    assertThat(http().listen().port()).isEqualTo(8888);
    assertThat(http().listen().host()).isEqualTo("127.0.0.1");
  }

  @Test
  void readsTheLegacyNetworkVariables() {
    assertThat(
            listener(
                "GATEWAY_ADVERTISED_HOST=gw.example.com",
                "GATEWAY_BIND_HOST=10.0.0.5",
                "GATEWAY_ROUTING_MECHANISM=port",
                "GATEWAY_PORT_START=9092",
                "GATEWAY_PORT_COUNT=5",
                "GATEWAY_MIN_BROKERID=1"))
        .isEqualTo(
            new ListenerSettings(
                "DEFAULT",
                "10.0.0.5",
                "gw.example.com",
                new Routing.ByNodeId(null, PortPlan.from(9092).limited(5), 1)));
  }

  @Test
  void readsEachLegacyVariableAlone() {
    Routing.ByNodeId usual = new Routing.ByNodeId(null, PortPlan.from(6969), 0);
    assertThat(listener("GATEWAY_ADVERTISED_HOST=gw"))
        .isEqualTo(new ListenerSettings("DEFAULT", "0.0.0.0", "gw", usual));
    assertThat(listener("GATEWAY_ADVERTISED_LISTENER=gw"))
        .isEqualTo(new ListenerSettings("DEFAULT", "0.0.0.0", "gw", usual));
    assertThat(listener("GATEWAY_BIND_HOST=127.0.0.1"))
        .isEqualTo(new ListenerSettings("DEFAULT", "127.0.0.1", null, usual));
    assertThat(listener("GATEWAY_START_PORT=7000").routing())
        .isEqualTo(new Routing.ByNodeId(null, PortPlan.from(7000), 0));
    assertThat(listener("GATEWAY_PORT_COUNT=2").routing())
        .isEqualTo(new Routing.ByNodeId(null, PortPlan.from(6969).limited(2), 0));
    assertThat(listener("GATEWAY_MIN_BROKERID=100").routing())
        .isEqualTo(new Routing.ByNodeId(null, PortPlan.from(6969), 100));
  }

  @Test
  void readsExplicitListeners() {
    List<ListenerSettings> listeners =
        settings(
                "GATEWAY_SECURITY_MODE=GATEWAY_MANAGED",
                "GATEWAY_ACL_ENABLED=false",
                "GATEWAY_LISTENER_NAMES=INTERNAL,EXTERNAL",
                "GATEWAY_LISTENER_INTERNAL_SECURITY_PROTOCOL=PLAINTEXT",
                "GATEWAY_LISTENER_INTERNAL_ROUTING=PORT",
                "GATEWAY_LISTENER_INTERNAL_PORTS=9092-9094",
                "GATEWAY_LISTENER_INTERNAL_BIND_ADDRESS=127.0.0.1",
                "GATEWAY_LISTENER_EXTERNAL_SECURITY_PROTOCOL=plaintext",
                "GATEWAY_LISTENER_EXTERNAL_ROUTING=port",
                "GATEWAY_LISTENER_EXTERNAL_PORTS=29092-29093:19092-19093,29100:19100",
                "GATEWAY_LISTENER_EXTERNAL_ADVERTISED_HOST=gw.example.com",
                "GATEWAY_LISTENER_EXTERNAL_SSL_CLIENT_AUTH=NONE")
            .gateway()
            .listeners();
    assertThat(listeners)
        .containsExactly(
            new ListenerSettings(
                "INTERNAL",
                "127.0.0.1",
                null,
                new Routing.ByNodeId(null, PortPlan.from(9092).limited(3), 0)),
            new ListenerSettings(
                "EXTERNAL",
                "0.0.0.0",
                "gw.example.com",
                new Routing.ByNodeId(
                    null,
                    new PortPlan(
                        List.of(
                            new Pair(29092, 19092), new Pair(29093, 19093), new Pair(29100, 19100)),
                        false),
                    0)));
  }

  @Test
  void usesASinglePortOfAnExplicitListenerOnly() {
    Routing.ByNodeId routing =
        (Routing.ByNodeId)
            listener(
                    "GATEWAY_SECURITY_MODE=GATEWAY_MANAGED",
                    "GATEWAY_LISTENER_A_SECURITY_PROTOCOL=PLAINTEXT",
                    "GATEWAY_LISTENER_A_ROUTING=port",
                    "GATEWAY_LISTENER_A_PORTS=443:9092",
                    "GATEWAY_LISTENER_A_HOST=gw",
                    "GATEWAY_MIN_BROKERID=3")
                .routing();
    assertThat(routing.ports()).isEqualTo(new PortPlan(List.of(new Pair(443, 9092)), false));
    assertThat(routing.lowestNodeId()).isEqualTo(3);
  }

  @Test
  void warnsOfLegacyVariablesWithExplicitListeners() {
    SettingsBinder.Result result =
        bind(
            "GATEWAY_LISTENER_A_SECURITY_PROTOCOL=PLAINTEXT",
            "GATEWAY_LISTENER_A_ROUTING=port",
            "GATEWAY_LISTENER_A_PORTS=9092",
            "GATEWAY_PORT_START=7000");
    assertThat(result.problems().notices())
        .containsExactly("GATEWAY_PORT_START has no effect: GATEWAY_LISTENER_ variables are given");
  }

  @Test
  void reportsAListenerThatIsNotInTheNames() {
    assertThat(
            problems(
                "GATEWAY_SECURITY_MODE=GATEWAY_MANAGED",
                "GATEWAY_LISTENER_NAMES=A",
                "GATEWAY_LISTENER_A_SECURITY_PROTOCOL=PLAINTEXT",
                "GATEWAY_LISTENER_A_ROUTING=port",
                "GATEWAY_LISTENER_A_PORTS=9092",
                "GATEWAY_LISTENER_B_PORTS=9093"))
        .containsExactly(
            "GATEWAY_LISTENER_NAMES: 'A' does not name the listener B, which has variables");
  }

  @Test
  void fillsInPlaceholdersOfPatterns() {
    ListenerSettings listener =
        listener(
            "GATEWAY_SECURITY_MODE=GATEWAY_MANAGED",
            "GATEWAY_SSL_KEY_STORE_PATH=/x.jks",
            "GATEWAY_LISTENER_A_SECURITY_PROTOCOL=SSL",
            "GATEWAY_LISTENER_A_ROUTING=SNI",
            "GATEWAY_LISTENER_A_PORTS=9092",
            "GATEWAY_LISTENER_A_ADVERTISED_HOST=kafka.example.com",
            "GATEWAY_LISTENER_A_ADVERTISED_HOST_PATTERN="
                + "broker{{physicalCluster}}{{nodeId}}.{{advertisedHost}}",
            "GATEWAY_LISTENER_A_BOOTSTRAP_HOST_PATTERN=bootstrap.{{advertisedHost}}");
    Routing.BySni routing = (Routing.BySni) listener.routing();
    assertThat(routing.node().host(3)).isEqualTo("brokermain3.kafka.example.com");
    assertThat(routing.bootstrapHost()).isEqualTo("bootstrap.kafka.example.com");
  }
}
