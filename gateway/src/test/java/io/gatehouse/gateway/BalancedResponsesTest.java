package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Canaries;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.nodes.Advertised;
import io.gatehouse.gateway.nodes.GatewayNode;
import io.gatehouse.gateway.nodes.Nodes;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.testkit.FakeBroker;
import io.gatehouse.testkit.FakeBroker.Reply;
import io.gatehouse.testkit.FakeBroker.Request;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Responses tell a client the gateway node that was chosen for each broker. */
class BalancedResponsesTest {

  private static final int FIND_COORDINATOR = 10;
  private static final int DESCRIBE_CLUSTER = 60;
  private static final int SHARE_FETCH = 78;
  private static final int BROKERS = 8;
  private static final String HOST = "gateway-0";

  private static Ports ports;
  private static FakeBroker broker;
  private static Gateway gateway;

  @BeforeAll
  static void start() throws Exception {
    ports = Ports.contiguous(BROKERS + 1);
    broker = FakeBroker.start(BalancedResponsesTest::answer);
    PortPlan plan = PortPlan.from(ports.get(1)).limited(BROKERS);
    PortPlan.Pair bootstrap = new PortPlan.Pair(ports.get(0), ports.get(0));
    gateway =
        Gateway.start(
            new Setup()
                .settings(
                    List.of(new HostPort(broker.host(), broker.port())),
                    new ListenerSettings(
                        "main", "127.0.0.1", HOST, new Routing.ByNodeId(bootstrap, plan, 0))));
    FakeCluster.awaitKnown(gateway, BROKERS);
  }

  @AfterAll
  static void stop() {
    gateway.close();
    broker.close();
    ports.close();
  }

  private static HostPort address(int id) {
    return new HostPort(Canaries.HOST_PREFIX + id, 30_000 + id);
  }

  /** A response in which each address that belongs to a node id is that of its broker. */
  private static Reply answer(Request request) {
    Struct response = Frames.newResponse(request.apiKey(), request.version());
    String list =
        switch (request.apiKey()) {
          case Frames.METADATA, DESCRIBE_CLUSTER -> "Brokers";
          case FIND_COORDINATOR -> request.version() < 4 ? "" : "Coordinators";
          default -> "NodeEndpoints";
        };
    for (int id = 0; id < BROKERS; id++) {
      Struct one = list.isEmpty() ? response : response.addStruct(list);
      Canaries.setAddress(one.set(idField(one), id), address(id));
      if (request.apiKey() == Frames.METADATA && request.version() > 0) {
        one.set("Rack", id == 0 ? "rack-c" : null);
      }
    }
    return Reply.frame(
        Frames.response(request.apiKey(), request.version(), request.correlationId(), response));
  }

  private static String idField(Struct struct) {
    return struct.has("NodeId") ? "NodeId" : "BrokerId";
  }

  /** The addresses by node id that a client gets in a response. */
  private static Map<Integer, HostPort> told(String clientId, int apiKey, int version)
      throws Exception {
    Struct header = Headers.request(apiKey, version, 7, clientId);
    Struct body = Frames.newRequest(apiKey, version);
    if (apiKey == Frames.PRODUCE) {
      body.set("Acks", (short) 1);
    }
    ByteBuf out = Unpooled.buffer();
    TreeWriter.write(header, out);
    TreeWriter.write(body, out);
    byte[] request = new byte[out.readableBytes()];
    out.readBytes(request);
    Map<Integer, HostPort> told = new TreeMap<>();
    try (RawClient client = RawClient.connect("127.0.0.1", ports.get(0))) {
      client.sendFrame(request);
      Struct response = Frames.readResponse(apiKey, version, client.readFrame(Rig.LIMIT));
      Canaries.structs(response)
          .filter(Canaries::isAddress)
          .forEach(one -> told.put(one.getInt(idField(one)), Canaries.address(one)));
    }
    return told;
  }

  private static GatewayNode node(String id, String rack, String addresses) {
    return new GatewayNode(id, rack, Map.of("main", Advertised.parse(addresses)));
  }

  private static GatewayNode own() {
    return new GatewayNode("n0", "rack-a", gateway.published());
  }

  private static void balance() {
    gateway.balance(
        Nodes.of(
            own(),
            false,
            List.of(
                node("n1", "rack-b", "0-7=gateway-1:7000"),
                node("n2", "rack-c", "0-6=gateway-2:8000"))));
  }

  @Test
  void everyResponseNamesTheSameNodes() throws Exception {
    balance();
    Map<Integer, HostPort> metadata = told("one", Frames.METADATA, 1);
    assertThat(metadata).hasSize(BROKERS);
    assertThat(metadata.values().stream().map(HostPort::host)).contains(HOST, "gateway-1");
    assertThat(metadata.get(0)).as("its rack").isEqualTo(new HostPort("gateway-2", 8000));
    assertThat(metadata.get(7))
        .as("gateway-2 has no port")
        .isNotEqualTo(new HostPort("gateway-2", 8007));
    metadata.forEach((id, address) ->
        assertThat(address.port())
            .isEqualTo(
                switch (address.host()) {
                  case HOST -> ports.get(1) + id;
                  case "gateway-1" -> 7000 + id;
                  default -> 8000 + id;
                }));
    for (int apiKey :
        List.of(
            Frames.METADATA,
            FIND_COORDINATOR,
            DESCRIBE_CLUSTER,
            Frames.PRODUCE,
            Frames.FETCH,
            SHARE_FETCH)) {
      var versions = Objects.requireNonNull(Schemas.get().response(apiKey)).valid();
      int first =
          switch (apiKey) {
            case Frames.PRODUCE -> 10;
            case Frames.FETCH -> 16;
            default -> versions.lowest();
          };
      for (int version = first; version <= versions.highest(); version++) {
        Map<Integer, HostPort> told = told("one", apiKey, version);
        assertThat(told).as(apiKey + " v" + version).isNotEmpty();
        assertThat(metadata).as(apiKey + " v" + version).containsAllEntriesOf(told);
      }
    }
  }

  @Test
  void otherClientsAreToldOtherNodesAndChangesApplyAtOnce() throws Exception {
    gateway.balance(Nodes.NONE);
    Map<Integer, HostPort> alone = told("one", Frames.METADATA, 9);
    assertThat(alone.values()).allMatch(address -> address.host().equals(HOST));

    balance();
    Set<Map<Integer, HostPort>> mappings = new HashSet<>();
    for (int client = 0; client < 20; client++) {
      Map<Integer, HostPort> told = told("client-" + client, Frames.METADATA, 9);
      assertThat(told("client-" + client, Frames.METADATA, 9)).isEqualTo(told);
      mappings.add(told);
    }
    assertThat(mappings).hasSizeGreaterThan(10);

    gateway.balance(Nodes.of(own(), true, List.of(node("n1", "rack-b", "0-7=gateway-1:7000"))));
    assertThat(told("one", Frames.METADATA, 9).values())
        .as("about to stop")
        .allMatch(address -> address.host().equals("gateway-1"));
    gateway.balance(Nodes.NONE);
    assertThat(told("one", Frames.METADATA, 9)).isEqualTo(alone);
  }

  @Test
  void theListenerPublishesItsPorts() {
    assertThat(gateway.published())
        .isEqualTo(Map.of("main", Advertised.parse("0-7=" + new HostPort(HOST, ports.get(1)))));
  }
}
