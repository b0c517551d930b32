package io.gatehouse.gateway.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.settings.HostPattern;
import io.gatehouse.gateway.settings.HostPort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which node a client is told for a broker. */
class BalancingTest {

  private static final String MAIN = "main";
  private static final int BROKERS = 12;

  private static GatewayNode node(int id, @Nullable String rack) {
    Map<Integer, HostPort> brokers = new HashMap<>();
    for (int broker = 0; broker < BROKERS; broker++) {
      brokers.put(broker, new HostPort("gateway-" + id, 9093 + broker));
    }
    return new GatewayNode("n" + id, rack, Map.of(MAIN, new Advertised.ByPort(brokers)));
  }

  private static List<GatewayNode> nodes(int count) {
    return IntStream.range(0, count).mapToObj(id -> node(id, null)).toList();
  }

  /** What the node at {@code at} tells a client for a broker. */
  private static HostPort choose(
      List<GatewayNode> all, int at, int broker, @Nullable String rack, long client) {
    List<GatewayNode> others = new ArrayList<>(all);
    GatewayNode own = others.remove(at);
    HostPort here = own.listeners().getOrDefault(MAIN, Advertised.none()).address(broker);
    Balancing balancing = Nodes.of(own, false, others).balancing(MAIN);
    HostPort known = here == null ? new HostPort("here", 0) : here;
    return balancing == null ? known : balancing.choose(broker, rack, client, known);
  }

  @Test
  void allNodesMakeTheSameChoiceAtThePortOfTheBroker() {
    List<GatewayNode> all = nodes(5);
    for (long client = 0; client < 200; client++) {
      for (int broker = 0; broker < BROKERS; broker++) {
        HostPort chosen = choose(all, 0, broker, null, client);
        assertThat(chosen.port()).isEqualTo(9093 + broker);
        for (int at = 1; at < all.size(); at++) {
          assertThat(choose(all, at, broker, null, client)).isEqualTo(chosen);
        }
      }
    }
  }

  @Test
  void clientsAndBrokersAreSpreadEvenly() {
    List<GatewayNode> all = nodes(5);
    RandomGenerator random = Seed.random("clients");
    Map<String, Integer> chosen = new TreeMap<>();
    int clients = 2_000;
    for (int i = 0; i < clients; i++) {
      long client = Balancing.hash(random.nextInt(), "consumer-" + i % 7);
      for (int broker = 0; broker < BROKERS; broker++) {
        chosen.merge(choose(all, 0, broker, null, client).host(), 1, Integer::sum);
      }
    }
    int even = clients * BROKERS / all.size();
    assertThat(chosen).hasSize(5);
    assertThat(chosen.values()).as(Seed.replay()).allMatch(n -> n > 0.9 * even && n < 1.1 * even);
  }

  @Test
  void aNodeThatLeavesMovesOnlyItsClients() {
    List<GatewayNode> all = nodes(5);
    List<GatewayNode> left = all.subList(0, 4);
    for (long client = 0; client < 500; client++) {
      for (int broker = 0; broker < BROKERS; broker++) {
        HostPort before = choose(all, 0, broker, null, client);
        HostPort after = choose(left, 0, broker, null, client);
        if (!before.host().equals("gateway-4")) {
          assertThat(after).isEqualTo(before);
        }
      }
    }
  }

  @Test
  void nodesInTheBrokersRackComeFirst() {
    List<GatewayNode> all = List.of(node(0, "a"), node(1, "b"), node(2, "b"), node(3, null));
    Map<String, Integer> chosen = new TreeMap<>();
    for (long client = 0; client < 300; client++) {
      for (int at = 0; at < all.size(); at++) {
        HostPort told = choose(all, at, 3, "b", client);
        assertThat(told.host()).isIn("gateway-1", "gateway-2");
        chosen.merge(told.host(), 1, Integer::sum);
        assertThat(choose(all, at, 3, "a", client).host()).isEqualTo("gateway-0");
      }
      chosen.merge("elsewhere " + choose(all, 0, 3, "c", client).host(), 1, Integer::sum);
    }
    assertThat(chosen).hasSize(2 + 4);
  }

  @Test
  void onlyNodesThatHaveThePortAreChosen() {
    GatewayNode partly =
        new GatewayNode(
            "n9", "a", Map.of(MAIN, Advertised.parse("0-1=gateway-9:9093 7=gateway-9:7000")));
    List<GatewayNode> all = List.of(node(0, null), partly, node(1, null));
    for (long client = 0; client < 300; client++) {
      assertThat(choose(all, 0, 5, "a", client).host()).isNotEqualTo("gateway-9");
      assertThat(choose(all, 1, 5, "a", client).port()).isEqualTo(9098);
      assertThat(choose(all, 0, 7, "a", client)).isEqualTo(new HostPort("gateway-9", 7000));
    }
    List<GatewayNode> none = List.of(partly, new GatewayNode("n10", null, Map.of()));
    assertThat(choose(none, 1, 5, null, 1).port()).as("nobody has it").isZero();
  }

  @Test
  void aNodeThatIsAboutToStopTellsTheOthers() {
    GatewayNode own = node(0, "a");
    Balancing balancing =
        Objects.requireNonNull(Nodes.of(own, true, List.of(node(1, "b"))).balancing(MAIN));
    for (long client = 0; client < 50; client++) {
      HostPort here = new HostPort("gateway-0", 9094);
      assertThat(balancing.choose(1, "a", client, here).host()).isEqualTo("gateway-1");
      assertThat(balancing.choose(99, "a", client, here)).as("it alone has it").isEqualTo(here);
    }
  }

  @Test
  void nodesThatAllAdvertiseTheSameAreBalancedExternally() {
    Advertised.ByName name =
        new Advertised.ByName(HostPattern.parse("broker-{{nodeId}}.example"), 443);
    Advertised lessKnown = Advertised.parse("0-1=lb.example:9093");
    Advertised more = Advertised.parse("0-2=lb.example:9093");
    GatewayNode one = new GatewayNode("a", null, Map.of("sni", name, "ports", lessKnown));
    GatewayNode two = new GatewayNode("b", null, Map.of("sni", name, "ports", more));
    Nodes nodes = Nodes.of(one, false, List.of(two));
    assertThat(nodes.externallyBalanced()).containsExactlyInAnyOrder("sni", "ports");
    assertThat(nodes.balancing("sni")).isNull();
    assertThat(nodes.balancing("ports")).isNull();

    GatewayNode three =
        new GatewayNode(
            "c",
            null,
            Map.of(
                "sni",
                Advertised.parse("broker-{{nodeId}}.c.example:443"),
                "ports",
                Advertised.parse("0=lb.example:9093 1=lb.example:7000")));
    Nodes differing = Nodes.of(one, false, List.of(two, three));
    assertThat(differing.externallyBalanced()).isEmpty();
    assertThat(differing.balancing("sni")).isNotNull();
    assertThat(differing.balancing("ports")).isNotNull();
  }

  @Test
  void aSingleNodeHasNothingToChoose() {
    GatewayNode own = node(0, null);
    assertThat(Nodes.of(own, false, List.of())).isSameAs(Nodes.NONE);
    assertThat(Nodes.of(own, false, List.of(own))).as("itself").isSameAs(Nodes.NONE);
    assertThat(Nodes.NONE.balancing(MAIN)).isNull();
  }

  @Test
  void addressesHaveATextForm() {
    RandomGenerator random = Seed.random("texts");
    for (int round = 0; round < 200; round++) {
      Map<Integer, HostPort> brokers = new HashMap<>();
      for (int i = random.nextInt(30); i > 0; i--) {
        int id = random.nextInt(20);
        String host = List.of("gateway-1", "10.0.0.1", "fd00::1").get(random.nextInt(3));
        int port = random.nextInt(3) == 0 ? 1 + random.nextInt(65_535) : 9093 + id;
        brokers.put(id, new HostPort(host, port));
      }
      Advertised ports = new Advertised.ByPort(brokers);
      assertThat(Advertised.parse(ports.toString())).as(Seed.replay()).isEqualTo(ports);
    }
    assertThat(Advertised.parse("5-7=[fd00::1]:9093 9=g:1").toString())
        .isEqualTo("5-7=[fd00::1]:9093 9=g:1");
    Advertised names = new Advertised.ByName(HostPattern.parse("b{{nodeId}}.example"), 443);
    assertThat(Advertised.parse(names.toString())).isEqualTo(names);
    assertThat(names.address(3)).isEqualTo(new HostPort("b3.example", 443));
    assertThat(Advertised.none().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "=",
        "1=",
        "1=host",
        "1=host:0",
        "-1=host:1",
        "1-0=host:1",
        "0-9=host:65530",
        "0-2147483647=host:1",
        "0-9999=h:1 10000-19999=h:1",
        "b{{nodeId}}",
        "b{{nodeId}}:0",
        "b{{nodeId}}{{nodeId}}:1"
      })
  void otherTextsAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Advertised.parse(text));
  }
}
