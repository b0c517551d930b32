package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Secret;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.Figures;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HostPattern;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send no server name to a port with SNI routing. */
class MissingServerNameTest {

  private static final Authority CA = Authority.create("SNI CA");
  private static final int INIT_PRODUCER_ID = 22;
  private static final int INVALID_REQUEST = 42;

  private final FakeCluster cluster = FakeCluster.of(3, 4, 5);
  private final Ports ports = Ports.reserve(1);
  private final LogLines log = LogLines.ofConnections();
  private Gateway gateway;

  private void start(boolean nameRequired) throws Exception {
    Credentials shown = CA.issue("gw").dns("*.example.com", "example.com").sign();
    gateway =
        Gateway.start(
            new Setup()
                .settings(
                    List.of(cluster.address(3)),
                    new ListenerSettings(
                        "named",
                        "127.0.0.1",
                        null,
                        new Routing.BySni(
                            new PortPlan.Pair(ports.get(0), ports.get(0)),
                            HostPattern.parse("b{{nodeId}}.example.com"),
                            "example.com",
                            nameRequired),
                        Entry.OPEN.with(
                            ServerTls.of(
                                new KeySource.Text(
                                    shown.chainPem(), new Secret(shown.keyPem()), null))))));
    FakeCluster.awaitKnown(gateway, 3);
  }

  @AfterEach
  void stop() {
    gateway.close();
    cluster.close();
    ports.close();
    log.close();
  }

  private RawClient unnamed() throws IOException {
    return RawTls.to("127.0.0.1", ports.get(0)).connect();
  }

  private static int highest(int apiKey) {
    return Objects.requireNonNull(Schemas.get().request(apiKey)).valid().highest();
  }

  private double refused() {
    return Figures.of(gateway).value("gatehouse_refused_requests", "reason", "no_server_name");
  }

  private static void bootstrap(RawClient client) throws IOException {
    client.sendFrame(
        Frames.request(
            Frames.METADATA, 9, 7, Frames.newRequest(Frames.METADATA, 9).set("Topics", null)));
    Struct response = Frames.readResponse(Frames.METADATA, 9, client.readFrame(Rig.LIMIT));
    assertThat(response.getStructs("Brokers"))
        .extracting(broker -> broker.getString("Host"))
        .containsExactlyInAnyOrder("b3.example.com", "b4.example.com", "b5.example.com");
  }

  @Test
  void bootstrapIsAllowedAndProduceIsRefusedWithAReason() throws Exception {
    start(false);
    try (RawClient client = unnamed()) {
      bootstrap(client);
      client.sendFrame(Frames.produce(9, 8, 1, 100, new Random(1)));
      byte[] answer = client.readFrame(Rig.LIMIT);

      Struct partition =
          Frames.readResponse(Frames.PRODUCE, 9, answer)
              .getStructs("Responses")
              .getFirst()
              .getStructs("PartitionResponses")
              .getFirst();
      assertThat(Frames.responseCorrelationId(answer)).isEqualTo(8);
      assertThat(partition.getInt("ErrorCode")).isEqualTo(INVALID_REQUEST);
      assertThat(partition.getString("ErrorMessage")).contains("no server name (SNI)");
      bootstrap(client); // the connection goes on
    }
    assertThat(refused()).isEqualTo(1);
    log.await("Produce is refused: the client sent no server name (SNI) in its TLS handshake");
  }

  /** Fetch, ListOffsets, OffsetCommit, JoinGroup, DescribeGroups, ListGroups, log directories... */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 9, 11, 12, 13, 14, 15, 16, 21, 23, 26, 28, 35, 42, 61, 66, 68, 78})
  void requestsForASpecificBrokerAreRefused(int apiKey) throws Exception {
    start(false);
    int version = highest(apiKey);
    try (RawClient client = unnamed()) {
      client.sendFrame(Frames.request(apiKey, version, 8, Frames.newRequest(apiKey, version)));

      Struct answer = Frames.readResponse(apiKey, version, client.readFrame(Rig.LIMIT));

      // In some APIs an empty request has no topic or group that could carry the error.
      if (answer.has("ErrorCode")) {
        assertThat(answer.getInt("ErrorCode")).isEqualTo(INVALID_REQUEST);
      }
      bootstrap(client);
    }
    assertThat(refused()).isEqualTo(1);
  }

  /**
   * FindCoordinator, CreateTopics, topic configurations, DescribeCluster, DescribeTopicPartitions.
   */
  @ParameterizedTest
  @ValueSource(ints = {10, 19, 32, 60, 75})
  void requestsThatAnyBrokerAnswersAreAllowed(int apiKey) throws Exception {
    start(false);
    try (RawClient client = unnamed()) {
      client.sendFrame(Frames.request(apiKey, 0, 8, Frames.newRequest(apiKey, 0)));
      Await.until(() -> "no broker was asked", () -> cluster.received(apiKey) == 1);
    }
    assertThat(refused()).isZero();
  }

  @Test
  void producerIdsAreGivenUnlessForTransactions() throws Exception {
    start(false);
    for (int version = 0; version <= highest(INIT_PRODUCER_ID); version++) {
      try (RawClient client = unnamed()) {
        Struct request = Frames.newRequest(INIT_PRODUCER_ID, version).set("TransactionalId", "t");
        client.sendFrame(Frames.request(INIT_PRODUCER_ID, version, 8, request));
        Struct answer = Frames.readResponse(INIT_PRODUCER_ID, version, client.readFrame(Rig.LIMIT));
        assertThat(answer.getInt("ErrorCode")).isEqualTo(INVALID_REQUEST);
        assertThat(cluster.received(INIT_PRODUCER_ID)).isEqualTo(version);

        request.set("TransactionalId", null);
        client.sendFrame(Frames.request(INIT_PRODUCER_ID, version, 9, request));
        int before = version;
        Await.until(
            () -> "no broker was asked", () -> cluster.received(INIT_PRODUCER_ID) == before + 1);
      }
    }
  }

  @Test
  void anAnnouncedLengthReservesLittleMemory() throws Exception {
    start(false);
    try (RawClient client = unnamed()) {
      byte[] head = Frames.request(INIT_PRODUCER_ID, 4, 8, new byte[100]);
      byte[] frame = ByteBuffer.allocate(4 + head.length).putInt(2 << 20).put(head).array();
      client.send(frame);
      client.expectClosed(Rig.LIMIT);
    }
    Await.until(
        () -> "not counted", () -> Figures.of(gateway).ends(CloseReason.FRAME_TOO_LARGE) == 1);
  }

  @Test
  void unknownApisAreNotAnswered() throws Exception {
    start(false);
    try (RawClient client = unnamed()) {
      client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 8, new byte[4]));
      client.expectClosed(Rig.LIMIT);
    }
    assertThat(cluster.received(Frames.UNKNOWN)).isZero();
  }

  @Test
  void logLinesOfRefusalsAreLimited() throws Exception {
    start(false);
    try (RawClient client = unnamed()) {
      for (int i = 0; i < 100; i++) {
        client.sendFrame(Frames.produce(9, i, 1, 100, new Random(1)));
        var _ = client.readFrame(Rig.LIMIT);
      }
    }
    assertThat(refused()).isEqualTo(100);
    assertThat(log.lines()).filteredOn(line -> line.startsWith("WARN")).hasSizeLessThan(30);
  }

  @Test
  void clientsWithoutANameAreRefusedIfItIsRequired() throws Exception {
    start(true);
    assertThatThrownBy(this::unnamed)
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("missing_extension");
    Await.until(
        () -> "not counted", () -> Figures.of(gateway).ends(CloseReason.NO_SERVER_NAME) == 1);
    log.await("the client sends no server name (SNI) where one is required");
    try (RawClient client =
        RawTls.to("127.0.0.1", ports.get(0)).sni("example.com").trust(CA).connect()) {
      bootstrap(client);
    }
  }
}
