package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Canaries;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.Figures;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Scripts;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.FailoverSettings;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.testkit.FakeBroker;
import io.gatehouse.testkit.FakeBroker.Reply;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.tree.Struct;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A response that cannot be held, of an API without a top-level error, becomes an error for each
 * topic or key, and the connection goes on.
 */
class ShortenedResponsesTest {

  /** Responses of 17 MB take long on a machine that runs other tests as well. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final int FIND_COORDINATOR = 10;
  private static final byte[] REQUEST = Frames.request(Frames.UNKNOWN, 0, 78, new byte[9]);

  /** What a client must know before it can find its group's coordinator. */
  @Test
  void coordinatorsForWhichThereIsNoMemory() throws Exception {
    Struct response = Frames.newResponse(FIND_COORDINATOR, 4);
    for (int i = 0; i < 10_000; i++) {
      response
          .addStruct("Coordinators")
          .set("Key", "group-" + i)
          .set("NodeId", 1)
          .set("Host", "b".repeat(250))
          .set("Port", 9092);
    }
    byte[] large = Frames.response(FIND_COORDINATOR, 4, 77, response);
    try (Rig rig = new Setup().buffered(1 << 20, 512 << 20).start()) {
      Rig.Pair pair = rig.open();
      pair.client()
          .sendFrame(
              Frames.request(FIND_COORDINATOR, 4, 77, Frames.newRequest(FIND_COORDINATOR, 4)));
      var _ = pair.link().readFrame(LIMIT);
      var sending = Task.start(() -> pair.link().send(Frames.framed(large)));

      Struct answer = Frames.readResponse(FIND_COORDINATOR, 4, pair.client().readFrame(LIMIT));

      assertThat(answer.getStructs("Coordinators"))
          .hasSize(10_000)
          .allSatisfy(coordinator -> {
            assertThat(coordinator.getInt("ErrorCode"))
                .isEqualTo(ErrorCode.COORDINATOR_NOT_AVAILABLE.number());
            assertThat(coordinator.getString("Host")).isEmpty();
          })
          .last()
          .returns("group-9999", coordinator -> coordinator.getString("Key"));
      sending.join();
      assertThat(refused(rig.figures(), RefusalReason.MEMORY_SPENT)).isEqualTo(1);
      pair.exchange(REQUEST, Frames.response(78, new byte[6]));
      assertThat(rig.figures().value("gatehouse_buffered_bytes")).isZero();
    }
  }

  /** Metadata is held whole where clients may be switched to another cluster. */
  @ParameterizedTest
  @ValueSource(ints = {1, 9, 12})
  void metadataThatIsTooLarge(int version) throws Exception {
    try (Ports ports = Ports.contiguous(4);
        FakeBroker broker = start(version);
        FakeCluster other = FakeCluster.of(1)) {
      HostPort bootstrap = new HostPort("127.0.0.1", ports.get(0));
      try (Gateway gateway =
              Gateway.start(settings(ports, Scripts.address(broker), other.address(1)));
          RawClient client = RawClient.connect(bootstrap.host(), bootstrap.port())) {
        FakeCluster.awaitKnown(gateway);
        client.sendFrame(
            Frames.request(
                Frames.METADATA,
                version,
                77,
                Frames.newRequest(Frames.METADATA, version).set("Topics", null)));

        Struct answer = Frames.readResponse(Frames.METADATA, version, client.readFrame(LIMIT));

        assertThat(Canaries.address(answer.getStructs("Brokers").getFirst()))
            .isEqualTo(new HostPort("127.0.0.1", ports.get(2)));
        assertThat(answer.getStructs("Topics"))
            .hasSize(1000)
            .allSatisfy(topic -> {
              assertThat(topic.getInt("ErrorCode")).isEqualTo(ErrorCode.INVALID_REQUEST.number());
              assertThat(topic.getStructs("Partitions")).isEmpty();
            })
            .last()
            .returns("orders-999", topic -> topic.getString("Name"));
        assertThat(refused(Figures.of(gateway), RefusalReason.RESPONSE_TOO_LARGE)).isEqualTo(1);
        client.sendFrame(REQUEST);
        assertThat(Frames.responseCorrelationId(client.readFrame(LIMIT))).isEqualTo(78);
      }
    }
  }

  private static double refused(Figures figures, RefusalReason reason) {
    return figures.value(
        "gatehouse_refused_requests", "reason", reason.name().toLowerCase(Locale.ROOT));
  }

  /** A broker with 1000 topics of 500 partitions. */
  private static FakeBroker start(int version) {
    Struct response = Frames.newResponse(Frames.METADATA, version);
    response.addStruct("Brokers").set("NodeId", 1).set("Host", "one").set("Port", 9092);
    // All topics share their partitions: half a million trees would fill the heap.
    Struct first = response.addStruct("Topics").set("Name", "orders-0");
    for (int partition = 0; partition < 500; partition++) {
      first
          .addStruct("Partitions")
          .set("LeaderId", 1)
          .set("ReplicaNodes", List.of(1, 2, 3))
          .set("IsrNodes", List.of(1, 2, 3));
    }
    for (int i = 1; i < 1000; i++) {
      response
          .addStruct("Topics")
          .set("Name", "orders-" + i)
          .set("Partitions", first.getArray("Partitions"));
    }
    byte[] large = Frames.response(Frames.METADATA, version, 77, response);
    return FakeBroker.start(
        Scripts.cluster(
            () -> Map.of(1, new HostPort("one", 9092)),
            request ->
                request.apiKey() == Frames.METADATA
                    ? Reply.frame(large)
                    : Scripts.ECHO.apply(request)));
  }

  private static GatewaySettings settings(Ports ports, HostPort broker, HostPort other) {
    PortPlan.Pair bootstrap = new PortPlan.Pair(ports.get(0), ports.get(0));
    ListenerSettings listener =
        new ListenerSettings(
            "test",
            "127.0.0.1",
            null,
            new Routing.ByNodeId(bootstrap, PortPlan.from(ports.get(1)), 0));
    GatewaySettings plain = new Setup().settings(List.of(broker), listener);
    UpstreamSettings main = Objects.requireNonNull(plain.upstreams().get(Entry.MAIN));
    return new GatewaySettings(
        Map.of(
            Entry.MAIN,
            main.withFailover(new FailoverSettings("other", null)),
            "other",
            main.withServers(List.of(other))),
        plain.listeners(),
        plain.traffic(),
        plain.drain());
  }
}
