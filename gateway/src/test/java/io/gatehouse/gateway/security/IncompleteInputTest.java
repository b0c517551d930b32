package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.Figures;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.ForwardProxy;
import io.gatehouse.gateway.settings.HandshakeExpected;
import io.gatehouse.gateway.settings.HostPattern;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Network;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.ProxyHeader;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TrustSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Incomplete input of unauthenticated peers is kept without holding one of the large read buffers,
 * which all connections share.
 */
class IncompleteInputTest {

  private static final Authority CA = Authority.create("Test CA");
  private static final int MANY = 30;
  private static final String X = "x";
  private static final String PLAIN = "plain";

  /** The header of a TLS handshake record of 512 bytes, and its first bytes. */
  private static final byte[] GREETING = {0x16, 3, 1, 2, 0, 1};

  /** The same of an application data record. */
  private static final byte[] RECORD = {0x17, 3, 3, 2, 0, 1};

  private static final ProxyHeader BALANCED =
      new ProxyHeader(ProxyHeader.Mode.REQUIRED, List.of(Network.parse("127.0.0.1")));

  private static ServerTls tls() {
    Credentials shown = CA.server();
    return ServerTls.of(new KeySource.Text(shown.chainPem(), new Secret(shown.keyPem()), null));
  }

  private static Authentication passwords() {
    return FixedSource.sasl(
        List.of(
            new PlainMechanism((user, password, peer) -> {
              if (!password.reveal().equals("right")) {
                throw new SaslFailure(SaslFailure.Reason.BAD_CREDENTIALS, "wrong");
              }
              return new SaslExchange.Outcome(new Principal(user, PlainMechanism.NAME), null);
            })),
        Duration.ZERO);
  }

  private static HandshakeExpected handshake() {
    return FixedSource.expected(
        42,
        "m",
        token -> {
          throw new SaslFailure(SaslFailure.Reason.BAD_CREDENTIALS, token);
        },
        Rig.LIMIT);
  }

  /** Waits until the event loop has processed what was sent before, and metrics include it. */
  private static void awaitTaken(Gateway gateway, HostPort plain) throws IOException {
    try (RawClient last = RawClient.connect(plain.host(), plain.port())) {
      last.send("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(last.read(12, Rig.LIMIT)).asString().endsWith("400");
    }
    double before = ticks(gateway);
    Await.until(() -> ticks(gateway) + " ticks", () -> ticks(gateway) > before + 1);
  }

  private static double ticks(Gateway gateway) {
    return Figures.of(gateway).value("gatehouse_event_loop_ticks");
  }

  private static double lentBytes(Gateway gateway) {
    return Figures.of(gateway).value("gatehouse_buffered_bytes");
  }

  private static void closeAll(List<RawClient> clients) throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
  }

  // ---- clients ----------------------------------------------------------------------------------

  static Stream<Arguments> clientStages() {
    byte[] shake = ByteBuffer.allocate(14).putLong(42).putInt(1000).put((byte) 'm').array();
    return Stream.of(
        Arguments.of("a TLS greeting", Entry.OPEN.with(tls()), GREETING),
        Arguments.of(
            "a PROXY header",
            Entry.OPEN.with(BALANCED),
            "PROXY T".getBytes(StandardCharsets.US_ASCII)),
        Arguments.of("a gateway's handshake", Entry.OPEN.with(handshake()), shake));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("clientStages")
  void aStageHoldsNoLargeBuffer(String what, Entry entry, byte[] half) throws Exception {
    try (Echo echo = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .setup(new Setup().eventLoops(1))
                .listener(X, entry)
                .listener(PLAIN, Entry.OPEN)
                .start()) {
      List<RawClient> pending = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        pending.add(RawClient.connect("127.0.0.1", secured.port(X)).send(half));
      }
      awaitTaken(secured.gateway(), new HostPort("127.0.0.1", secured.port(PLAIN)));

      assertThat(secured.gateway().metrics().openConnections()).isEqualTo(MANY);
      assertThat(lentBytes(secured.gateway())).as("bytes of read buffers held").isZero();
      closeAll(pending);
    }
  }

  @Test
  void theSniStageHoldsNoLargeBuffer() throws Exception {
    try (Echo echo = new Echo();
        Ports ports = Ports.reserve(1)) {
      ListenerSettings names =
          new ListenerSettings(
              X,
              "127.0.0.1",
              null,
              new Routing.BySni(
                  new PortPlan.Pair(9092, ports.get(0)),
                  HostPattern.parse("b-{{nodeId}}.gw.example.com"),
                  "gw.example.com"),
              Entry.OPEN.with(tls()));
      Setup setup = new Setup().eventLoops(1);
      List<RawClient> pending = new ArrayList<>();
      try (Gateway gateway =
          Gateway.start(
              setup.settings(List.of(echo.asked()), names, setup.toBroker(echo.asked())))) {
        for (int i = 0; i < MANY; i++) {
          pending.add(RawClient.connect("127.0.0.1", ports.get(0)).send(GREETING));
        }
        awaitTaken(gateway, gateway.bootstrap().getLast());

        assertThat(gateway.metrics().openConnections()).isEqualTo(MANY);
        assertThat(lentBytes(gateway)).as("bytes of read buffers held").isZero();
      }
      closeAll(pending);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void tlsHoldsNoLargeBufferForAPartialRecord(String version) throws Exception {
    try (Echo echo = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .setup(new Setup().eventLoops(1))
                .listener(X, Entry.OPEN.with(tls()))
                .listener(PLAIN, Entry.OPEN)
                .start()) {
      List<RawClient> pending = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        Socket below = new Socket(InetAddress.getLoopbackAddress(), secured.port(X));
        RawClient client = RawTls.to("127.0.0.1", 0).protocols(version).over(below);
        SecuredGateway.exchange(client);
        below.getOutputStream().write(RECORD);
        pending.add(client);
      }
      awaitTaken(secured.gateway(), new HostPort("127.0.0.1", secured.port(PLAIN)));

      assertThat(secured.gateway().metrics().openConnections()).isEqualTo(MANY);
      assertThat(lentBytes(secured.gateway())).as("bytes of read buffers held").isZero();
      closeAll(pending);
    }
  }

  // ---- brokers ----------------------------------------------------------------------------------

  private static Access overTls() {
    return Access.PLAINTEXT.with(ClientTls.of(new TrustSource.Text(CA.pem())));
  }

  static Stream<Arguments> brokerStages() {
    return Stream.of(
        Arguments.of("a broker's TLS greeting", false, GREETING),
        Arguments.of(
            "a forward proxy's answer", true, "HTTP/1.1 2".getBytes(StandardCharsets.US_ASCII)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokerStages")
  void brokerConnectionsHoldNoLargeBufferDuringSetup(String what, boolean proxy, byte[] half)
      throws Exception {
    try (RawBroker broker = RawBroker.start()) {
      Access access =
          proxy
              ? new Access(null, Accounts.NONE, ForwardProxy.parse("http://" + broker.address()), 0)
              : overTls();
      List<RawClient> clients = new ArrayList<>();
      try (SecuredGateway secured =
          SecuredGateway.of(broker.address())
              .access(access)
              .setup(new Setup().eventLoops(1))
              .listener(X, Entry.OPEN)
              .start()) {
        for (int i = 0; i < MANY; i++) {
          RawClient client = RawClient.connect("127.0.0.1", secured.port(X));
          clients.add(client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 1, new byte[4])));
          clients.add(broker.accept().send(half));
        }
        awaitTaken(secured.gateway(), new HostPort("127.0.0.1", secured.port(X)));

        assertThat(lentBytes(secured.gateway())).as("bytes of read buffers held").isZero();
      }
      closeAll(clients);
    }
  }

  // ---- afterwards -------------------------------------------------------------------------------

  /** A PLAIN login, and the bytes that precede it on its port. */
  record Known(Entry entry, String header, boolean login) {}

  static Stream<Arguments> known() {
    String header = "PROXY TCP4 192.0.2.7 10.0.0.1 4321 9092\r\n";
    return Stream.of(
        Arguments.of("without any stage", new Known(Entry.OPEN, "", false)),
        Arguments.of("after a PROXY header", new Known(Entry.OPEN.with(BALANCED), header, false)),
        Arguments.of("after a login", new Known(Entry.OPEN.with(passwords()), "", true)));
  }

  /** Large buffers are visible in metrics while a broker does not read. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("known")
  void authenticatedClientsAreReadIntoLargeBuffers(String when, Known how) throws Exception {
    try (RawBroker broker = RawBroker.withReceiveBuffer(16 << 10);
        Echo echo = new Echo(broker.address());
        SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .setup(new Setup().eventLoops(1).kernelBuffers(0, 16 << 10))
                .listener(X, how.entry)
                .start()) {
      FakeCluster.awaitKnown(secured.gateway());
      try (RawClient client =
          RawClient.connect("127.0.0.1", secured.brokerPort(X))
              .send(how.header.getBytes(StandardCharsets.US_ASCII))) {
        if (how.login) {
          assertThat(RawSasl.plain(client, "anybody", "right")).isZero();
        }
        byte[] request = Frames.request(Frames.UNKNOWN, 0, 1, new byte[4 << 20]);
        client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 1, new byte[4]));
        RawClient link = broker.accept();
        assertThat(link.readFrame(Rig.LIMIT)).hasSize(14);
        var sending = Task.start(() -> client.sendFrame(request));
        Await.until(
            () -> lentBytes(secured.gateway()) + " bytes",
            () -> lentBytes(secured.gateway()) >= 256 << 10);

        assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request);
        sending.join();
      }
    }
  }
}
