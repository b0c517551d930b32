package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Secret;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.Figures;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.DrainSettings;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPattern;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.wire.tree.Struct;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One TLS port for the brokers of two clusters: the server name selects the broker. */
class SniTest {

  private static final Authority CA = Authority.create("SNI CA");

  /** As {@code <prefix><cluster><brokerId><separator><host>} (docs/conduktor.md). */
  private static final HostPattern LEGACY = new HostPattern("brokermain", "-gw.example.com");

  /** Fifteen seconds, plus a margin for a busy machine. */
  private static final Duration GREETING_LIMIT = Duration.ofSeconds(25);

  private final Credentials north = CA.issue("north").dns("*.north.example.com").sign();
  private final Credentials legacy =
      CA.issue("legacy").dns("*-gw.example.com", "*.example.com").sign();
  private final FakeCluster northern = FakeCluster.of(3, 4, 5);
  private final FakeCluster southern = FakeCluster.of(0, 1);
  private final Ports ports = Ports.reserve(1);
  private LogLines log;
  private Gateway gateway;

  @BeforeEach
  void start() throws Exception {
    log = LogLines.ofConnections();
    Map<String, UpstreamSettings> clusters = new LinkedHashMap<>();
    clusters.put("north", upstream(northern, 3));
    clusters.put("south", upstream(southern, 0));
    gateway =
        Gateway.start(
            new GatewaySettings(
                clusters,
                List.of(
                    listener(
                        "northern",
                        HostPattern.parse("Broker-{{nodeId}}.North.example.com"),
                        "north.example.com",
                        north,
                        "north"),
                    listener("southern", LEGACY, "brokermain-gw.example.com", legacy, "south")),
                new Setup()
                    .requestTimeout(Duration.ofSeconds(2), Duration.ofSeconds(2))
                    .settings(
                        List.of(northern.address(3)), new Setup().toBroker(northern.address(3)))
                    .traffic(),
                DrainSettings.within(Duration.ofSeconds(1))));
    FakeCluster.awaitKnown(gateway, 5);
  }

  private static UpstreamSettings upstream(FakeCluster cluster, int first) {
    return new UpstreamSettings(
        List.of(cluster.address(first)), Map.of(), "gatehouse", Duration.ofSeconds(30));
  }

  private ListenerSettings listener(
      String name, HostPattern nodes, String bootstrap, Credentials shown, String cluster) {
    return new ListenerSettings(
        name,
        "127.0.0.1",
        null,
        new Routing.BySni(new PortPlan.Pair(19092, ports.get(0)), nodes, bootstrap),
        Entry.OPEN.with(ServerTls.of(key(shown))).to(cluster));
  }

  private static KeySource key(Credentials shown) {
    return new KeySource.Text(shown.chainPem(), new Secret(shown.keyPem()), null);
  }

  @AfterEach
  void stop() {
    gateway.close();
    northern.close();
    southern.close();
    ports.close();
    log.close();
  }

  private RawTls to(String name) {
    return RawTls.to("127.0.0.1", ports.get(0)).sni(name).trust(CA);
  }

  private int brokerAt(String name) throws IOException {
    try (RawClient client = to(name).connect()) {
      client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 1, new byte[0]));
      return client.readFrame(Rig.LIMIT)[4];
    }
  }

  @Test
  void eachNameLeadsToItsBrokerWithItsClustersCertificate() throws Exception {
    for (int id : new int[] {3, 4, 5}) {
      assertThat(brokerAt("broker-" + id + ".north.example.com")).isEqualTo(id);
    }
    assertThat(brokerAt("BROKER-4.North.EXAMPLE.com")).isEqualTo(4);
    assertThat(brokerAt("brokermain0-gw.example.com")).isEqualTo(0);
    assertThat(brokerAt("brokermain1-gw.example.com")).isEqualTo(1);
    assertThat(brokerAt("brokermain-gw.example.com")).as("bootstrap").isIn(0, 1);
    try (RawClient client = to("broker-3.north.example.com").connect()) {
      assertThat(((SSLSocket) client.socket()).getSession().getPeerCertificates()[0])
          .isEqualTo(north.certificate());
    }
  }

  @Test
  void brokersAreAdvertisedByTheirNamesAndTheAdvertisedPort() throws Exception {
    assertThat(told("broker-3.north.example.com"))
        .isEqualTo(
            Map.of(
                3, "broker-3.north.example.com:19092",
                4, "broker-4.north.example.com:19092",
                5, "broker-5.north.example.com:19092"));
    assertThat(told("brokermain-gw.example.com"))
        .isEqualTo(
            Map.of(0, "brokermain0-gw.example.com:19092", 1, "brokermain1-gw.example.com:19092"));
  }

  private Map<Integer, String> told(String name) throws IOException {
    try (RawClient client = to(name).connect()) {
      client.sendFrame(
          Frames.request(
              Frames.METADATA, 9, 7, Frames.newRequest(Frames.METADATA, 9).set("Topics", null)));
      Struct response = Frames.readResponse(Frames.METADATA, 9, client.readFrame(Rig.LIMIT));
      Map<Integer, String> brokers = new TreeMap<>();
      for (Struct broker : response.getStructs("Brokers")) {
        brokers.put(
            broker.getInt("NodeId"), broker.getString("Host") + ":" + broker.getInt("Port"));
      }
      return brokers;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "other.example.com",
        "broker-03.north.example.com",
        "broker-x.north.example.com",
        "broker-3x.north.example.com",
        "broker-3.north.example.com.evil.org",
        "broker-9999999999.north.example.com",
        "xbroker-3.north.example.com"
      })
  void anUnknownNameIsAnsweredWithAnAlert(String name) {
    assertThatThrownBy(() -> brokerAt(name))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("unrecognized_name");

    awaitUnknown(1);
    log.await("the client asks for a host name that is not served here: '" + name + "'");
    assertThat(log.lines()).filteredOn(line -> line.startsWith("WARN")).hasSize(1);
  }

  private void awaitUnknown(int count) {
    io.gatehouse.gateway.fixture.Await.until(
        () -> Figures.of(gateway).ends(CloseReason.UNKNOWN_SERVER_NAME) + " unknown names",
        () -> Figures.of(gateway).ends(CloseReason.UNKNOWN_SERVER_NAME) == count);
  }

  @Test
  void aBrokerThatDoesNotExistAppearsDown() throws Exception {
    assertThatThrownBy(() -> brokerAt("broker-77.north.example.com"))
        .isInstanceOf(IOException.class);
    assertThat(Figures.of(gateway).ends(CloseReason.UNKNOWN_SERVER_NAME)).isZero();
  }

  @Test
  void logLinesOfMalformedClientHellosAreLimited() throws Exception {
    // A record of 1000 bytes with a ClientHello whose length is 65535.
    byte[] greeting = new byte[1005];
    System.arraycopy(
        new byte[] {0x16, 3, 1, 1000 >> 8, (byte) 1000, 1, 0, (byte) 0xff, (byte) 0xff},
        0,
        greeting,
        0,
        9);
    for (int i = 0; i < 30; i++) {
      try (RawClient client = RawClient.connect("127.0.0.1", ports.get(0))) {
        client.send(greeting);
        client.expectClosed(Rig.LIMIT);
      }
    }
    io.gatehouse.gateway.fixture.Await.until(
        () -> Figures.of(gateway).ends(CloseReason.TLS_FAILED) + " failed",
        () -> Figures.of(gateway).ends(CloseReason.TLS_FAILED) == 30);
    assertThat(log.lines()).noneMatch(line -> line.startsWith("ERROR")).hasSizeLessThan(10);
  }

  @Test
  void aNameIsRequiredIfThereAreSeveralClusters() {
    assertThatThrownBy(() -> RawTls.to("127.0.0.1", ports.get(0)).connect())
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("missing_extension");
    io.gatehouse.gateway.fixture.Await.until(
        () -> "not counted", () -> Figures.of(gateway).ends(CloseReason.NO_SERVER_NAME) == 1);
    log.await("the client sends no server name (SNI) where one is required");
  }

  @Test
  void aFragmentedClientHelloIsReadAndPlaintextIsDetected() throws Exception {
    try (Slow slow = new Slow(ports.get(0));
        RawClient client =
            RawTls.to("127.0.0.1", ports.get(0)).sni("broker-4.north.example.com").over(slow)) {
      client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 1, new byte[0]));
      assertThat(client.readFrame(Rig.LIMIT)[4]).isEqualTo((byte) 4);
    }
    try (RawClient client = RawClient.connect("127.0.0.1", ports.get(0))) {
      client.sendFrame(Frames.request(Frames.METADATA, 0, 1, new byte[4]));
      client.socket().setSoTimeout((int) Rig.LIMIT.toMillis());
      assertThat(client.socket().getInputStream().readAllBytes().length).isLessThanOrEqualTo(7);
    }
    io.gatehouse.gateway.fixture.Await.until(
        () -> "no plaintext seen",
        () -> Figures.of(gateway).ends(CloseReason.PLAINTEXT_ON_TLS) == 1);
    try (RawClient client = RawClient.connect("127.0.0.1", ports.get(0))) {
      client.send((byte) 0x16, (byte) 3, (byte) 1, (byte) 2);
      client.expectClosed(Rig.LIMIT);
    }
    io.gatehouse.gateway.fixture.Await.until(
        () -> "not ended", () -> Figures.of(gateway).ends(CloseReason.FIRST_REQUEST_TIMEOUT) == 1);
  }

  /** By default the first-request timeout is longer than that of the handshake. */
  @Test
  void aLateClientHelloIsATlsFailure() throws Exception {
    try (Ports own = Ports.reserve(1);
        Gateway patient =
            Gateway.start(
                new Setup()
                    .settings(
                        List.of(northern.address(3)),
                        new ListenerSettings(
                            "northern",
                            "127.0.0.1",
                            null,
                            new Routing.BySni(
                                new PortPlan.Pair(19092, own.get(0)),
                                HostPattern.parse("Broker-{{nodeId}}.North.example.com"),
                                "north.example.com"),
                            Entry.OPEN.with(ServerTls.of(key(north))))));
        RawClient client = RawClient.connect("127.0.0.1", own.get(0))) {
      client.send((byte) 0x16, (byte) 3, (byte) 1, (byte) 2);
      client.expectClosed(GREETING_LIMIT);

      io.gatehouse.gateway.fixture.Await.until(
          () -> "ended for another reason: " + log.lines(),
          () -> Figures.of(patient).ends(CloseReason.TLS_FAILED) == 1);
      log.await("no ClientHello in time");
      assertThat(log.lines()).filteredOn(line -> line.startsWith("WARN")).hasSize(1);
    }
  }

  /** Sends bytes one by one. */
  private static final class Slow extends Socket {
    Slow(int port) throws IOException {
      super(java.net.InetAddress.getLoopbackAddress(), port);
      setTcpNoDelay(true);
    }

    @Override
    public java.io.OutputStream getOutputStream() throws IOException {
      java.io.OutputStream out = super.getOutputStream();
      return new java.io.OutputStream() {
        @Override
        public void write(int value) throws IOException {
          out.write(value);
          out.flush();
        }
      };
    }
  }
}
